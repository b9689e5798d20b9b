import { monotonicClock } from "../../core/machine.ts";
/** The status of a producer, for people. */
export interface ProducerStatus {
  /** Messages passed on since the start. */
  passed: number;
  /** The last ticker; empty before the first. */
  price: string;
  /** How old the newest frame is by the exchange's clock; null before the first. */
  lagMs: number | null;
  reconnects: number;
  repaired: number;
  waiting: number;
}

/** The producer's line; its rate is that since the previous line. */
export function openStatusLine(): (status: ProducerStatus) => string {
  let previous = { at: monotonicClock(), passed: 0 };
  return ({ passed, price, lagMs, reconnects, repaired, waiting }) => {
    const at = monotonicClock();
    const rate = ((passed - previous.passed) / (at - previous.at)) * 1_000;
    previous = { at, passed };
    return [
      `${rate.toFixed(0)} messages/s`,
      price,
      lagMs === null ? "no frame yet" : `lag ${(lagMs / 1_000).toFixed(1)} s`,
      `${reconnects} reconnects`,
      `${repaired} candles repaired`,
      `${waiting} waiting`,
    ]
      .filter((part) => part !== "")
      .join(", ");
  };
}
