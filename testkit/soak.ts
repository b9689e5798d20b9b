/** Whether this is the long form of the sweeps (`npm run test:soak`). */
export const SOAK = process.env.CANDLEBOOK_SOAK === "1";

/** How often a sweep tries: some in `npm test`, all in the soak. Files of sweeps are called `*.soak.test.ts`. */
export function tries(sample: number, all: number): number {
  return SOAK ? all : sample;
}

/** How long one sweep may take: hours in the soak, on a machine that has other work too. */
export const SOAK_TIMEOUT_MS = SOAK ? 6 * 3_600_000 : 1_800_000;

/** Shows a figure that the docs state, where the soak measures it; a normal run prints none. */
export function measured(figure: string): void {
  if (SOAK) console.log(figure);
}
