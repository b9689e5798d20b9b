/** The environment variables of this process. */
export const environment = process.env;

/** The machine's clock, epoch milliseconds. */
export const wallClock = (): number => Date.now();

/** Milliseconds since the process began, by a clock that is never set back: for waits, limits and speeds. */
export const monotonicClock = (): number => performance.now();

/** The memory of this process, bytes. */
export const residentMemory = (): number => process.memoryUsage.rss();
