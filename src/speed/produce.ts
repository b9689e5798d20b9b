import type { Effects } from "../core/effects.ts";
import { inputError } from "../core/errors.ts";
import type { Workspace } from "../core/workspace.ts";
import { forMarket, type MarketClaim, REAL_MARKET, readClaim, underClaim } from "../lake/source.ts";
import { type EpochMs, MINUTE_MS, toIso } from "../time/epoch.ts";
import type { Message } from "../topic/message.ts";
import type { Topic } from "../topic/topic.ts";
import { venue } from "../venues/registry.ts";
import type { Exchange } from "./exchange.ts";
import type { ExchangeClock } from "./exchangeClock.ts";
import { type Feed, openFeed } from "./feed.ts";
import { type End, listen, openEnd, playBack, type SourceEvents, unreachable } from "./frameSource.ts";
import { type Gate, openGate } from "./gate.ts";
import { type Intake, openIntake } from "./intake.ts";
import { marketOfStream } from "./market.ts";
import { type Outbox, openOutbox } from "./outbox.ts";
import { openProducerBook, type ProducerState } from "./producers.ts";
import { openRecorder, type Recorder, recordedMarket } from "./recording.ts";
import { openRepairs, type Repairs } from "./repairs.ts";
import { openReplay, type Replay } from "./replay.ts";
import { openStatusLine, type Standing } from "./statusLine.ts";
import { PATIENCE, type Patience, type Stream } from "./stream.ts";
import { lastFinalMinutes } from "./tail.ts";
import { candleToMessage, type Market } from "./toMessage.ts";

export interface ProduceOptions {
  symbols: readonly string[];
  topic: Topic;
  /** Learns the exchange's time from the frames; the topic is to be opened with its `now`. */
  clock: ExchangeClock;
  /** Default: the exchange's own address. */
  streamUrl?: string;
  /** Fetches missed minutes; without it they stay missing. */
  exchange?: Exchange;
  /** Stop after so many messages. */
  messages?: number;
  /** Stop after so many milliseconds. */
  forMs?: number;
  /** Keep the raw frames in this file. */
  record?: string;
  /** Play this recording instead of listening to the exchange. */
  replay?: { path: string; speed?: number; disorder?: number };
  /** Messages that may wait for the topic; default 100,000. */
  bound?: number;
  patience?: Partial<Patience>;
  /** Uniform in [0, 1). */
  random?(): number;
}

export interface ProduceResult {
  /** Appended to the topic. */
  messages: number;
  klines: number;
  tickers: number;
  /** Frames of types that are not asked for. */
  unknown: number;
  /** Frames that can't be read; they are kept in `data/rejected_frames.jsonl`. */
  broken: number;
  reconnects: number;
  /** Connections replaced before the exchange cuts them. */
  rollovers: number;
  /** Minutes that REST brought. */
  repaired: number;
  /** Minutes that are missing still. */
  owed: { symbol: string; from: string; to: string }[];
  /** Messages that the topic did not take before the end. */
  unsent: number;
}

const DEFAULT_BOUND = 100_000;
const STATUS_MS = 1_000;
const LAST_WAIT_MS = 10_000;

/**
 * Carries the exchange's stream into the topic: minutes and last prices of the symbols. It connects again whenever
 * the stream breaks or falls silent, replaces the connection before the exchange cuts it, and fetches missed
 * minutes over REST before the symbol's live frames. Runs until one of its limits is reached or the signal ends it.
 * @throws CandlebookError `stream_unreachable` where it never was, `no_symbols`, `mixed_markets`, `interrupted`; what
 *   the topic refuses
 */
export async function produce(
  workspace: Workspace,
  options: ProduceOptions,
  effects: Effects = {},
): Promise<ProduceResult> {
  if (options.symbols.length === 0) {
    throw inputError("no_symbols", "No symbol was named.", "Name some: --symbols BTCUSDT,ETHUSDT.");
  }
  const claim = await marketOfWorkspace(workspace, options);
  const finals =
    options.replay === undefined ? await lastFinalMinutes(options.topic) : new Map<string, EpochMs>();
  return carry({ workspace, options, effects, claim, finals });
}

interface Setup {
  workspace: Workspace;
  options: ProduceOptions;
  effects: Effects;
  claim: MarketClaim;
  finals: ReadonlyMap<string, EpochMs>;
}

/** Carries messages until the end is reached, and those under way to the topic; then tells how it went. */
async function carry(setup: Setup): Promise<ProduceResult> {
  const { workspace, effects } = setup;
  const end = openEnd(effects.signal);
  const parts = assemble(setup, end);
  const book = openProducerBook(workspace);
  const tell = (running: boolean) => book.tell(statesOf(parts, running));
  const timers = keepWatch(setup, parts, end, tell);
  tell(true);
  try {
    if (!end.reached) begin(setup, parts, end);
    await end.promise;
  } finally {
    for (const timer of timers) clearTimeout(timer);
    parts.stream?.stop();
    try {
      await windUp(parts);
    } finally {
      parts.recorder?.close();
      tell(false);
      book.close();
    }
  }
  return resultOf(parts);
}

interface Parts {
  /** Null where the exchange is listened to. */
  replay: Replay | null;
  /** Null where a recording is played, and before it begins. */
  stream: Stream | null;
  recorder: Recorder | null;
  intake: Intake;
  feeds: ReadonlyMap<string, Feed>;
  /** Null where nobody can be asked for missed minutes. */
  repairs: Repairs | null;
  gate: Gate;
  outbox: Outbox;
}

/** Stream or recording → intake → a feed for each symbol → gate → outbox → topic. */
function assemble({ workspace, options, effects, claim, finals }: Setup, end: End): Parts {
  const { symbols, topic, clock, bound = DEFAULT_BOUND } = options;
  const market: Market = claim.market === "simulated" ? { market: "simulated" } : {};
  if (claim.market === "simulated") clock.follow();
  const replay = replayOf(options, effects);
  const exchange = replay?.exchange ?? options.exchange;
  const recorder = options.record === undefined ? null : openRecorder(options.record, claim);
  const outbox = openOutbox({
    topic: claiming(workspace, claim, topic),
    bound,
    retryMs: options.patience?.firstRetryMs ?? PATIENCE.firstRetryMs,
    effects,
    onPressure: (held) => (held ? parts.stream?.pause() : parts.stream?.resume()),
  });
  const gate = openGate(outbox, options.messages ?? Number.POSITIVE_INFINITY, end.reach);
  const repairs = exchange === undefined ? null : openRepairs({ exchange, clock, effects, fail: end.reach });
  const feedOf = (symbol: string): Feed => {
    const feed: Feed = openFeed({
      symbol,
      lastFinal: finals.get(symbol) ?? null,
      repairs: repairs !== null,
      pass: gate.pass,
      ask: (span) => repairs?.ask(feed, span),
      toMessage: (candle) => candleToMessage(candle, market),
    });
    return feed;
  };
  const feeds = new Map(symbols.map((symbol) => [symbol, feedOf(symbol)]));
  const take = (message: Message) => {
    feeds.get(message.symbol)?.take(message);
    parts.stream?.tick(message.eventTime);
  };
  const intake = openIntake({ workspace, symbols, clock, market, recorder, take });
  const parts: Parts = { replay, stream: null, recorder, intake, feeds, repairs, gate, outbox };
  return parts;
}

/** Lets the frames come. */
function begin({ options, effects, claim }: Setup, parts: Parts, end: End): void {
  const {
    symbols,
    patience,
    bound = DEFAULT_BOUND,
    streamUrl = venue.addresses.stream,
    random = Math.random,
  } = options;
  const source: SourceEvents = {
    onFrame: (text) => {
      if (!end.reached) parts.intake.frame(text);
    },
    onConnected: () => {
      for (const feed of parts.feeds.values()) feed.connected();
    },
  };
  if (parts.replay !== null) {
    playBack(parts.replay, source, () => waitingIn(parts) >= bound, end);
    return;
  }
  const url = venue.stream.url(streamUrl, symbols);
  const listening = { url, patience: { ...PATIENCE, ...patience }, random, claim };
  parts.stream = listen(listening, source, effects, end);
}

/** Tells how it goes, asks again for what is owed, and ends it when its time is up. */
function keepWatch(
  { options, effects }: Setup,
  parts: Parts,
  end: End,
  tell: (running: boolean) => void,
): NodeJS.Timeout[] {
  const line = openStatusLine();
  const timers = [
    setInterval(() => {
      effects.progress?.({ stage: "produce", note: line(standingOf(parts, options.clock)) });
      tell(true);
    }, STATUS_MS),
    setInterval(() => {
      for (const feed of parts.feeds.values()) parts.repairs?.askAgain(feed);
    }, options.patience?.owedRetryMs ?? PATIENCE.owedRetryMs),
  ];
  const timeUp = () => end.reach(parts.replay !== null || parts.stream?.stood ? undefined : unreachable());
  if (options.forMs !== undefined) timers.push(setTimeout(timeUp, options.forMs));
  return timers;
}

function replayOf({ replay }: ProduceOptions, { signal }: Effects): Replay | null {
  if (replay === undefined) return null;
  const { path, speed = Number.POSITIVE_INFINITY, disorder = null } = replay;
  return openReplay({ path, speed, disorder, signal });
}

/** Lets questions and messages that are under way come to their end, but no longer than so long. */
async function windUp({ repairs, gate, outbox }: Parts): Promise<void> {
  const { promise: tooLong, resolve } = Promise.withResolvers<void>();
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    outbox.abandon();
    resolve();
  }, LAST_WAIT_MS);
  try {
    while (repairs?.asking && !gate.full && !late) await Promise.race([repairs.answered(), tooLong]);
    await Promise.race([outbox.flush(), tooLong]);
  } finally {
    clearTimeout(timer);
  }
}

const reconnectsOf = ({ stream }: Parts) => ({
  reconnects: stream?.reconnects ?? 0,
  rollovers: stream?.rollovers ?? 0,
});

/** Messages that wait: for the topic, and for missed minutes before them. */
const waitingIn = ({ feeds, outbox }: Parts) =>
  [...feeds.values()].reduce((sum, { held }) => sum + held, outbox.waiting);

function statesOf(parts: Parts, running: boolean): Omit<ProducerState, "beat">[] {
  return [...parts.feeds].map(([symbol, { owed }]) => ({
    symbol,
    ...reconnectsOf(parts),
    repaired: parts.repairs?.minutesOf(symbol) ?? 0,
    owed: owed.reduce((sum, { from, to }) => sum + (to - from) / MINUTE_MS, 0),
    waiting: waitingIn(parts),
    running,
  }));
}

function standingOf(parts: Parts, clock: ExchangeClock): Standing {
  const { gate, intake, repairs } = parts;
  return {
    passed: gate.klines + gate.tickers,
    price: intake.price,
    lagMs: intake.newest === 0 ? null : clock.now() - intake.newest,
    reconnects: reconnectsOf(parts).reconnects,
    repaired: repairs?.minutes ?? 0,
    waiting: waitingIn(parts),
  };
}

function resultOf(parts: Parts): ProduceResult {
  const { gate, intake, outbox, repairs, feeds } = parts;
  return {
    messages: outbox.sent,
    klines: gate.klines,
    tickers: gate.tickers,
    unknown: intake.unknown,
    broken: intake.broken,
    ...reconnectsOf(parts),
    repaired: repairs?.minutes ?? 0,
    owed: [...feeds].flatMap(([symbol, { owed }]) =>
      owed.map(({ from, to }) => ({ symbol, from: toIso(from), to: toIso(to) })),
    ),
    unsent: outbox.waiting,
  };
}

/**
 * Which market goes into the workspace: an empty one takes what the stream or the recording says it is. What a
 * stream says is compared again at each connection.
 */
async function marketOfWorkspace(workspace: Workspace, options: ProduceOptions): Promise<MarketClaim> {
  const { replay, streamUrl = venue.addresses.stream, symbols } = options;
  const claim = await readClaim(workspace);
  if (claim !== null && replay === undefined) return claim;
  const made =
    replay === undefined ? await marketOfStream(streamUrl, symbols) : await recordedMarket(replay.path);
  const now = Math.floor(options.clock.now());
  const market = made === null || made.market === "real" ? REAL_MARKET : { ...made, now };
  return (await forMarket(workspace, market)).market ?? market;
}

/** The topic whose first messages make an empty workspace their market's: a stream that never came leaves it as it was. */
function claiming(workspace: Workspace, market: MarketClaim, topic: Topic): Pick<Topic, "append"> {
  let claimed = false;
  return {
    append: async (messages) => {
      if (claimed) return topic.append(messages);
      await underClaim({ ...workspace, market }, market, () => topic.append(messages));
      claimed = true;
    },
  };
}
