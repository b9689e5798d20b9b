/** How a producer fares, for people. */
export interface Standing {
  /** Messages on their way to the topic since the start. */
  passed: number;
  /** The last ticker; empty before the first. */
  price: string;
  /** How old the newest frame is by the exchange's clock; null before the first. */
  lagMs: number | null;
  reconnects: number;
  repaired: number;
  waiting: number;
}

/** The producer's line; its rate is that since the line before. */
export function openStatusLine(): (standing: Standing) => string {
  let told = { at: performance.now(), passed: 0 };
  return ({ passed, price, lagMs, reconnects, repaired, waiting }) => {
    const at = performance.now();
    const rate = ((passed - told.passed) / (at - told.at)) * 1_000;
    told = { at, passed };
    return [
      `${rate.toFixed(0)} messages/s`,
      price,
      lagMs === null ? "no frame yet" : `lag ${(lagMs / 1_000).toFixed(1)} s`,
      `${reconnects} reconnects`,
      `${repaired} minutes repaired`,
      `${waiting} waiting`,
    ]
      .filter((part) => part !== "")
      .join(", ");
  };
}
