import type { Effects } from "../../core/effects.ts";
import { inputError } from "../../core/errors.ts";
import type { Workspace } from "../../core/workspace.ts";
import { forMarket, type MarketClaim, REAL_MARKET, readClaim, underClaim } from "../../lake/marketClaim.ts";
import { type EpochMs, toIso } from "../../time/epoch.ts";
import { type FixedInterval, intervalMs } from "../../time/interval.ts";
import type { Message } from "../../topic/message.ts";
import type { Topic } from "../../topic/topic.ts";
import { venue } from "../../venues/registry.ts";
import { type Exchange, seriesName } from "../exchange.ts";
import type { ExchangeClock } from "./exchangeClock.ts";
import { FrameDecoder } from "./frameDecoder.ts";
import { type End, listen, openEnd, playBack, type SourceEvents, unreachable } from "./frameSource.ts";
import { GapFetcher } from "./gapFetcher.ts";
import { GapRepair } from "./gapRepair.ts";
import { lastCommittedCandles } from "./lastCommitted.ts";
import { MessageLimit } from "./messageLimit.ts";
import { ProducerBuffer } from "./producerBuffer.ts";
import { openProducerStates, type ProducerState } from "./producerStates.ts";
import { PATIENCE, type Patience, type Stream } from "./reconnectingStream.ts";
import { openRecorder, type Recorder, recordedMarket } from "./recording.ts";
import { openReplay, type Replay } from "./replay.ts";
import { openStatusLine, type ProducerStatus } from "./statusLine.ts";
import { marketOfStream } from "./streamMarket.ts";
import { candleToMessage, type Market } from "./toMessage.ts";

export interface ProduceOptions {
  symbols: readonly string[];
  /** Of the candles; default: minutes. */
  interval?: FixedInterval;
  topic: Topic;
  /** Estimates the exchange's time from the frames; the topic is to be opened with its `now`. */
  clock: ExchangeClock;
  /** Default: the exchange's own address. */
  streamUrl?: string;
  /** Fetches missed candles; without it they stay missing. */
  exchange?: Exchange;
  /** Stop after this many messages. */
  messages?: number;
  /** Stop after this many milliseconds. */
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
  /** Frames of other types, symbols or intervals. */
  unknown: number;
  /** Invalid frames; they are kept in `data/rejected_frames.jsonl`. */
  broken: number;
  reconnects: number;
  /** Connections replaced before the exchange cuts them. */
  rollovers: number;
  /** Candles fetched over REST. */
  repaired: number;
  /** Stretches that are still missing. */
  owed: { symbol: string; from: string; to: string }[];
  /** Messages that were not appended before the end. */
  unsent: number;
}

const DEFAULT_BOUND = 100_000;
const STATUS_MS = 1_000;
const LAST_WAIT_MS = 10_000;

/**
 * Writes the exchange's stream to the topic: candles of one interval, and last prices, of the symbols. It reconnects whenever the
 * stream breaks or falls silent, replaces the connection before the exchange closes it, and fetches missed candles
 * over REST before the symbol's live frames. Runs until one of its limits is reached or the signal aborts it.
 * @throws CandlebookError `stream_unreachable` where it was never open, `no_symbols`, `mixed_markets`, `interrupted`;
 *   what the topic refuses
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
    options.replay === undefined
      ? await lastCommittedCandles(options.topic, intervalOf(options))
      : new Map<string, EpochMs>();
  return run({ workspace, options, effects, claim, finals });
}

const intervalOf = ({ interval }: ProduceOptions): FixedInterval => interval ?? "1m";

interface Setup {
  workspace: Workspace;
  options: ProduceOptions;
  effects: Effects;
  claim: MarketClaim;
  finals: ReadonlyMap<string, EpochMs>;
}

/** Runs until the end is reached and the messages of the buffer are appended. */
async function run(setup: Setup): Promise<ProduceResult> {
  const { workspace, effects } = setup;
  const end = openEnd(effects.signal);
  const parts = assemble(setup, end);
  const states = openProducerStates(workspace);
  const writeState = (running: boolean) => states.write(statesOf(parts, intervalOf(setup.options), running));
  const timers = startTimers(setup, parts, end, () => writeState(true));
  writeState(true);
  try {
    if (!end.reached) start(setup, parts, end);
    await end.promise;
  } finally {
    for (const timer of timers) clearTimeout(timer);
    parts.stream?.stop();
    try {
      await drain(parts);
    } finally {
      parts.recorder?.close();
      writeState(false);
      states.close();
    }
  }
  return resultOf(parts);
}

interface Parts {
  /** Null where frames come from the exchange. */
  replay: Replay | null;
  /** Null where a recording is played, and before the start. */
  stream: Stream | null;
  recorder: Recorder | null;
  decoder: FrameDecoder;
  /** By symbol. */
  repairs: ReadonlyMap<string, GapRepair>;
  /** Null where missed candles can't be requested. */
  fetcher: GapFetcher | null;
  limit: MessageLimit;
  buffer: ProducerBuffer;
}

/** Stream or recording → decoder → gap repair of each symbol → message limit → buffer → topic. */
function assemble({ workspace, options, effects, claim, finals }: Setup, end: End): Parts {
  const { symbols, topic, clock, bound = DEFAULT_BOUND } = options;
  const interval = intervalOf(options);
  const market: Market = claim.market === "simulated" ? { market: "simulated" } : {};
  if (claim.market === "simulated") clock.follow();
  const replay = replayOf(options, effects);
  const exchange = replay?.exchange ?? options.exchange;
  const recorder = options.record === undefined ? null : openRecorder(options.record, claim);
  const buffer = new ProducerBuffer({
    topic: claiming(workspace, claim, topic),
    bound,
    retryMs: options.patience?.firstRetryMs ?? PATIENCE.firstRetryMs,
    effects,
    onPressure: (full) => (full ? parts.stream?.pause() : parts.stream?.resume()),
  });
  const limit = new MessageLimit(buffer, options.messages ?? Number.POSITIVE_INFINITY, end.reach);
  const fetcher =
    exchange === undefined ? null : new GapFetcher({ exchange, interval, clock, effects, fail: end.reach });
  const repairOf = (symbol: string): GapRepair => {
    const repair: GapRepair = new GapRepair({
      symbol,
      interval,
      lastFinal: finals.get(symbol) ?? null,
      repairs: fetcher !== null,
      pass: (messages) => limit.pass(messages),
      request: (span) => fetcher?.request(repair, span),
      toMessage: (candle) => candleToMessage(candle, interval, market),
    });
    return repair;
  };
  const repairs = new Map(symbols.map((symbol) => [symbol, repairOf(symbol)]));
  const onMessage = (message: Message) => {
    repairs.get(message.symbol)?.push(message);
    parts.stream?.tick(message.eventTime);
  };
  const decoder = new FrameDecoder({ workspace, symbols, interval, clock, market, recorder, onMessage });
  const parts: Parts = { replay, stream: null, recorder, decoder, repairs, fetcher, limit, buffer };
  return parts;
}

/** Starts the source of frames. */
function start({ options, effects, claim }: Setup, parts: Parts, end: End): void {
  const {
    symbols,
    patience,
    bound = DEFAULT_BOUND,
    streamUrl = venue.addresses.stream,
    random = Math.random,
  } = options;
  const source: SourceEvents = {
    onFrame: (text) => {
      if (!end.reached) parts.decoder.decode(text);
    },
    onConnected: () => {
      for (const repair of parts.repairs.values()) repair.connected();
    },
  };
  if (parts.replay !== null) {
    playBack(parts.replay, source, () => waitingIn(parts) >= bound, end);
    return;
  }
  const url = venue.stream.url(streamUrl, symbols, intervalOf(options));
  const listening = { url, patience: { ...PATIENCE, ...patience }, random, claim };
  parts.stream = listen(listening, source, effects, end);
}

/** Reports the status, requests again what is owed, and ends the run when its time is up. */
function startTimers(
  { options, effects }: Setup,
  parts: Parts,
  end: End,
  writeState: () => void,
): NodeJS.Timeout[] {
  const line = openStatusLine();
  const timers = [
    setInterval(() => {
      effects.progress?.({ stage: "produce", note: line(statusOf(parts, options.clock)) });
      writeState();
    }, STATUS_MS),
    setInterval(() => {
      for (const repair of parts.repairs.values()) parts.fetcher?.retry(repair);
    }, options.patience?.owedRetryMs ?? PATIENCE.owedRetryMs),
  ];
  const timeUp = () =>
    end.reach(parts.replay !== null || parts.stream?.everConnected ? undefined : unreachable());
  if (options.forMs !== undefined) timers.push(setTimeout(timeUp, options.forMs));
  return timers;
}

function replayOf({ replay }: ProduceOptions, { signal }: Effects): Replay | null {
  if (replay === undefined) return null;
  const { path, speed = Number.POSITIVE_INFINITY, disorder = null } = replay;
  return openReplay({ path, speed, disorder, signal });
}

/** Waits for pending requests and appends, ten seconds at most. */
async function drain({ fetcher, limit, buffer }: Parts): Promise<void> {
  const { promise: timeout, resolve } = Promise.withResolvers<void>();
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    buffer.abandon();
    resolve();
  }, LAST_WAIT_MS);
  try {
    while (fetcher?.pending && !limit.reached && !late) await Promise.race([fetcher.answered(), timeout]);
    await Promise.race([buffer.flush(), timeout]);
  } finally {
    clearTimeout(timer);
  }
}

const reconnectsOf = ({ stream }: Parts) => ({
  reconnects: stream?.reconnects ?? 0,
  rollovers: stream?.rollovers ?? 0,
});

/** Messages that wait: for the topic, and for missed candles before them. */
const waitingIn = ({ repairs, buffer }: Parts) =>
  [...repairs.values()].reduce((sum, { held }) => sum + held, buffer.waiting);

function statesOf(parts: Parts, interval: FixedInterval, running: boolean): Omit<ProducerState, "beat">[] {
  return [...parts.repairs].map(([symbol, { owed }]) => ({
    symbol: seriesName({ symbol, interval }),
    ...reconnectsOf(parts),
    repaired: parts.fetcher?.candlesOf(symbol) ?? 0,
    owed: owed.reduce((sum, { from, to }) => sum + (to - from) / intervalMs(interval), 0),
    waiting: waitingIn(parts),
    running,
  }));
}

function statusOf(parts: Parts, clock: ExchangeClock): ProducerStatus {
  const { limit, decoder, fetcher } = parts;
  return {
    passed: limit.klines + limit.tickers,
    price: decoder.price,
    lagMs: decoder.newest === 0 ? null : clock.now() - decoder.newest,
    reconnects: reconnectsOf(parts).reconnects,
    repaired: fetcher?.candles ?? 0,
    waiting: waitingIn(parts),
  };
}

function resultOf(parts: Parts): ProduceResult {
  const { limit, decoder, buffer, fetcher, repairs } = parts;
  return {
    messages: buffer.sent,
    klines: limit.klines,
    tickers: limit.tickers,
    unknown: decoder.unknown,
    broken: decoder.broken,
    ...reconnectsOf(parts),
    repaired: fetcher?.candles ?? 0,
    owed: [...repairs].flatMap(([symbol, { owed }]) =>
      owed.map(({ from, to }) => ({ symbol, from: toIso(from), to: toIso(to) })),
    ),
    unsent: buffer.waiting,
  };
}

/**
 * The market of the workspace: an empty one gets that of the stream or the recording. A stream's market is compared
 * again at each connection.
 */
async function marketOfWorkspace(workspace: Workspace, options: ProduceOptions): Promise<MarketClaim> {
  const { replay, streamUrl = venue.addresses.stream, symbols } = options;
  const claim = await readClaim(workspace);
  if (claim !== null && replay === undefined) return claim;
  const url = venue.stream.url(streamUrl, symbols, intervalOf(options));
  const made =
    replay === undefined ? await marketOfStream(streamUrl, url) : await recordedMarket(replay.path);
  const now = Math.floor(options.clock.now());
  const market = made === null || made.market === "real" ? REAL_MARKET : { ...made, now };
  return (await forMarket(workspace, market)).market ?? market;
}

/** The topic whose first append claims an empty workspace for the market: a stream that never sent leaves it as it was. */
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
