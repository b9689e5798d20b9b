import type { Workspace } from "../src/core/workspace.ts";
import { minuteBook } from "../src/simulator/book.ts";
import { type ManualClock, manualClock } from "../src/simulator/clock.ts";
import type { FaultRule } from "../src/simulator/faults.ts";
import { madeUpMarket } from "../src/simulator/madeUpMarket.ts";
import { type Simulator, type SimulatorOptions, startSimulator } from "../src/simulator/server.ts";
import { type ExchangeClock, exchangeClock } from "../src/speed/produce/exchangeClock.ts";
import type { Patience } from "../src/speed/produce/reconnectingStream.ts";
import type { EpochMs } from "../src/time/epoch.ts";
import type { Topic } from "../src/topic/topic.ts";
import { restOf } from "./exchange.ts";
import { embeddedTopic } from "./stream.ts";

/** A simulated exchange whose clock a test moves, a simulated workspace and a topic. */
export interface Live {
  workspace: Workspace;
  simulator: Simulator;
  clock: ManualClock;
  exchange: ReturnType<typeof restOf>;
  learnt: ExchangeClock;
  topic: Topic;
  /** The market's minutes of [from, to). */
  minutes(symbol: string, from: number, to: number): ReturnType<ReturnType<typeof madeUpMarket>["candle"]>[];
  close(): Promise<void>;
}

export interface LiveOptions extends Partial<SimulatorOptions> {
  root: string;
  start: number;
  faults?: FaultRule[];
  symbols?: string[];
}

/**
 * Waits little before it connects again, so that a test need not wait; what answers late on a machine with other work
 * is not given up for that.
 */
export const IMPATIENT: Partial<Patience> = {
  silenceMs: 60_000,
  connectMs: 60_000,
  firstRetryMs: 5,
  longestRetryMs: 40,
};

export async function startLive(options: LiveOptions): Promise<Live> {
  const { root, start, symbols = ["BTCUSDT", "ETHUSDT"], ...more } = options;
  const workspace: Workspace = {
    root,
    clock: () => start,
    resources: { threads: 1, memory: "256MB" },
    market: { schema: 1, market: "simulated", seed: 5, now: start },
  };
  const clock = manualClock(start);
  const market = madeUpMarket({ seed: 5, symbols });
  const simulator = await startSimulator({
    clock,
    book: minuteBook(market),
    madeUp: true,
    seed: 5,
    weightLimit: 1e9,
    ...more,
  });
  const learnt = exchangeClock(workspace.clock);
  const topic = embeddedTopic(workspace, { partitions: 3, clock: learnt.now });
  return {
    workspace,
    simulator,
    clock,
    exchange: restOf(workspace, simulator.restUrl),
    learnt,
    topic,
    minutes: (symbol, from, to) => {
      const candles = [];
      for (let time = from; time < to; time += 60_000) candles.push(market.candle(symbol, time as EpochMs));
      return candles;
    },
    close: async () => {
      await simulator.close();
      await topic.close();
    },
  };
}

/** Lets the exchange's time go on by steps, with a breath for the sockets after each. */
export async function run(clock: ManualClock, ms: number, step: number): Promise<void> {
  for (let gone = 0; gone < ms; gone += step) {
    clock.advance(step);
    for (let breath = 0; breath < 3; breath += 1) await new Promise(setImmediate);
  }
}

/**
 * Waits until something is so; throws with its words after so many seconds, by default enough for a machine that has
 * other work too.
 */
export async function until(what: string, is: () => boolean | Promise<boolean>, seconds = 60): Promise<void> {
  for (let tries = 0; !(await is()); tries += 1) {
    if (tries > seconds * 50) throw new Error(`waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
