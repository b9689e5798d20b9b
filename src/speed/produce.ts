import { appendFileSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { combinedStreamUrl, parseFrame } from "../binance/frame.ts";
import type { Effects } from "../core/effects.ts";
import { CandlebookError, inputError, interrupted, outsideError } from "../core/errors.ts";
import { inWorkspace, type Workspace } from "../core/workspace.ts";
import { claimMarket, type MarketClaim, readClaim } from "../lake/source.ts";
import { type EpochMs, MINUTE_MS, toIso } from "../time/epoch.ts";
import type { Message } from "../topic/message.ts";
import type { Topic } from "../topic/topic.ts";
import type { MinuteSpan } from "./dayWindow.ts";
import type { Exchange } from "./exchange.ts";
import type { ExchangeClock } from "./exchangeClock.ts";
import { type Feed, openFeed } from "./feed.ts";
import { marketOf, marketOfStream, otherMarket, STREAM_URL } from "./market.ts";
import { type Outbox, openOutbox } from "./outbox.ts";
import { openProducerBook } from "./producers.ts";
import { openRecorder, type Recorder, recordedMarket } from "./recording.ts";
import { openReplay } from "./replay.ts";
import { openStream, PATIENCE, type Patience, type Stream } from "./stream.ts";
import { lastFinalMinutes } from "./tail.ts";
import { candleToMessage, klineToMessage, type Market, tickerToMessage } from "./toMessage.ts";

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

const REAL: MarketClaim = { schema: 1, market: "real" };
const DEFAULT_BOUND = 100_000;
/** Once it has stood, a stream is sought for ever; before that the address may be wrong. */
const FIRST_TRIES = 6;
const STATUS_MS = 1_000;
const LAST_WAIT_MS = 10_000;
const REJECTED_FRAMES = 10_000;

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
  return new Promise((resolve, reject) => {
    const producer = openProducer({ workspace, options, effects, claim, finals });
    producer.done.then(resolve, reject);
  });
}

interface Setup {
  workspace: Workspace;
  options: ProduceOptions;
  effects: Effects;
  claim: MarketClaim;
  finals: ReadonlyMap<string, EpochMs>;
}

function openProducer(setup: Setup): { done: Promise<ProduceResult> } {
  const { workspace, options, effects, claim, finals } = setup;
  const simulated = claim.market === "simulated";
  const market: Market = simulated ? { market: "simulated" } : {};
  if (simulated) options.clock.follow();
  const limit = options.messages ?? Number.POSITIVE_INFINITY;
  const replay =
    options.replay === undefined
      ? null
      : openReplay({
          path: options.replay.path,
          speed: options.replay.speed ?? Number.POSITIVE_INFINITY,
          disorder: options.replay.disorder ?? null,
          signal: effects.signal,
        });
  const exchange = replay?.exchange ?? options.exchange;
  const counts = { klines: 0, tickers: 0, unknown: 0, broken: 0, repaired: 0 };
  const repairedOf = new Map<string, number>();
  const recorder: Recorder | null = options.record === undefined ? null : openRecorder(options.record, claim);
  const wanted = new Set(options.symbols);
  const last = { price: "", event: 0 };
  let stream: Stream | null = null;
  let pushed = 0;
  let everConnected = false;
  let refusals = 0;
  let finish: (error?: unknown) => void = () => {};

  const outbox: Outbox = openOutbox({
    topic: options.topic,
    bound: options.bound ?? DEFAULT_BOUND,
    retryMs: options.patience?.firstRetryMs ?? PATIENCE.firstRetryMs,
    effects,
    onPressure: (held) => (held ? stream?.pause() : stream?.resume()),
  });
  const pass = (messages: readonly Message[]) => {
    const room = messages.slice(0, limit - pushed);
    pushed += room.length;
    for (const { type } of room) counts[type === "kline" ? "klines" : "tickers"] += 1;
    if (room.length > 0) outbox.push(room);
    if (pushed >= limit) finish();
  };
  const asking = new Set<Promise<void>>();
  const say = (note: string) => effects.progress?.({ stage: "produce", note });
  const ask = (symbol: string, span: MinuteSpan): void => {
    const answer = fetchMinutes(symbol, span).finally(() => asking.delete(answer));
    asking.add(answer);
  };
  const fetchMinutes = async (symbol: string, span: MinuteSpan): Promise<void> => {
    const feed = feeds.get(symbol) as Feed;
    try {
      const candles = await (exchange as Exchange).minutes(symbol, span, effects.signal);
      for (const { openTime } of candles) options.clock.passed(openTime + MINUTE_MS);
      const repaired = feed.repaired(span, candles);
      counts.repaired += repaired;
      repairedOf.set(symbol, (repairedOf.get(symbol) ?? 0) + repaired);
    } catch (error) {
      if (!(error instanceof CandlebookError)) return finish(error);
      if (error.exit === 2) return finish(error);
      feed.unrepaired(span);
      say(`${symbol}: missed minutes since ${toIso(span.from)} can't be fetched yet: ${error.message}`);
    }
  };
  const feeds = new Map(
    options.symbols.map((symbol) => [
      symbol,
      openFeed({
        symbol,
        lastFinal: finals.get(symbol) ?? null,
        repairs: exchange !== undefined,
        pass,
        ask: (span) => ask(symbol, span),
        toMessage: (candle) => candleToMessage(candle, market),
      }),
    ]),
  );
  const connected = () => {
    for (const feed of feeds.values()) feed.connected();
  };
  const reject = (text: string, reason: string) => {
    counts.broken += 1;
    if (counts.broken <= REJECTED_FRAMES) keepFrame(workspace, text, reason);
  };
  const onFrame = (text: string) => {
    const parsed = parseFrame(text);
    if (parsed.kind === "kline" || parsed.kind === "ticker") options.clock.observe(parsed.frame.E);
    recorder?.add({ at: options.clock.now(), frame: text });
    if (parsed.kind === "broken") return reject(text, parsed.reason);
    if (parsed.kind === "other" || !wanted.has(parsed.frame.s)) {
      counts.unknown += 1;
      return;
    }
    const { E, s } = parsed.frame;
    last.event = Math.max(last.event, E);
    if (parsed.kind === "ticker") last.price = `${s} ${parsed.frame.c}`;
    const message =
      parsed.kind === "kline" ? klineToMessage(parsed.frame, market) : tickerToMessage(parsed.frame, market);
    feeds.get(s)?.take(message);
    stream?.tick(E);
  };

  const held = () => [...feeds.values()].reduce((sum, feed) => sum + feed.held, 0);
  const book = openProducerBook(workspace);
  const tell = (running: boolean) =>
    book.tell(
      [...feeds].map(([symbol, feed]) => ({
        symbol,
        reconnects: stream?.reconnects ?? 0,
        rollovers: stream?.rollovers ?? 0,
        repaired: repairedOf.get(symbol) ?? 0,
        owed: feed.owed.reduce((sum, { from, to }) => sum + (to - from) / MINUTE_MS, 0),
        waiting: outbox.waiting + held(),
        running,
      })),
    );
  const done = new Promise<ProduceResult>((resolve, fail) => {
    const timers: NodeJS.Timeout[] = [];
    let finished = false;
    const aborted = () => finish(interrupted());
    finish = (error) => {
      if (finished) return;
      finished = true;
      for (const timer of timers) clearTimeout(timer);
      effects.signal?.removeEventListener("abort", aborted);
      stream?.stop();
      void settle(error);
    };
    const settle = async (error?: unknown) => {
      let timer: NodeJS.Timeout | undefined;
      const tooLong = new Promise<void>((go) => {
        timer = setTimeout(() => {
          outbox.abandon();
          go();
        }, LAST_WAIT_MS);
      });
      try {
        while (asking.size > 0 && pushed < limit) {
          if ((await Promise.race([Promise.all(asking), tooLong.then(() => null)])) === null) break;
        }
        await Promise.race([outbox.flush(), tooLong]);
        recorder?.close();
        tell(false);
        if (error !== undefined) throw error;
        resolve(result());
      } catch (cause) {
        fail(cause);
      } finally {
        clearTimeout(timer);
        book.close();
      }
    };
    tell(true);
    timers.push(
      setInterval(() => {
        say(status());
        tell(true);
      }, STATUS_MS),
    );
    timers.push(
      setInterval(() => {
        for (const [symbol, feed] of feeds) for (const span of feed.owed) ask(symbol, span);
      }, options.patience?.owedRetryMs ?? PATIENCE.owedRetryMs),
    );
    const over = () => finish(everConnected || replay !== null ? undefined : unreachable());
    if (options.forMs !== undefined) timers.push(setTimeout(over, options.forMs));
    effects.signal?.addEventListener("abort", aborted);
    if (effects.signal?.aborted) return aborted();
    if (replay !== null) {
      const untilRoom = async () => {
        while (!finished && outbox.waiting + held() >= (options.bound ?? DEFAULT_BOUND)) {
          await new Promise((go) => setTimeout(go, 5));
        }
      };
      replay
        .play({
          onFrame: async (text) => {
            if (finished) return;
            onFrame(text);
            if (outbox.waiting + held() >= (options.bound ?? DEFAULT_BOUND)) await untilRoom();
          },
          onConnected: connected,
        })
        .then(() => finish(), finish);
    } else {
      stream = openStream({
        url: combinedStreamUrl(options.streamUrl ?? STREAM_URL, options.symbols),
        patience: { ...PATIENCE, ...options.patience },
        random: options.random ?? Math.random,
        onHeaders: (headers) => {
          if (marketOf(headers).market !== claim.market) finish(otherMarket(claim));
        },
        onConnected: () => {
          everConnected = true;
          connected();
        },
        onFrame,
        onLost: (ending, retryMs) => {
          refusals += 1;
          if (!everConnected && refusals >= FIRST_TRIES) return finish(unreachable());
          say(`the stream is ${ENDINGS[ending]}; connecting again in ${(retryMs / 1000).toFixed(1)} s`);
        },
      });
    }
  });

  let told = { at: performance.now(), pushed: 0 };
  const status = (): string => {
    const at = performance.now();
    const rate = ((pushed - told.pushed) / (at - told.at)) * 1_000;
    told = { at, pushed };
    const lag =
      last.event === 0 ? "no frame yet" : `lag ${((options.clock.now() - last.event) / 1_000).toFixed(1)} s`;
    return [
      `${rate.toFixed(0)} messages/s`,
      last.price,
      lag,
      `${stream?.reconnects ?? 0} reconnects`,
      `${counts.repaired} minutes repaired`,
      `${outbox.waiting + held()} waiting`,
    ]
      .filter((part) => part !== "")
      .join(", ");
  };
  const result = (): ProduceResult => ({
    messages: outbox.sent,
    klines: counts.klines,
    tickers: counts.tickers,
    unknown: counts.unknown,
    broken: counts.broken,
    reconnects: stream?.reconnects ?? 0,
    rollovers: stream?.rollovers ?? 0,
    repaired: counts.repaired,
    owed: [...feeds].flatMap(([symbol, feed]) =>
      feed.owed.map(({ from, to }) => ({ symbol, from: toIso(from), to: toIso(to) })),
    ),
    unsent: outbox.waiting,
  });
  return { done };
}

function unreachable(): CandlebookError {
  return outsideError(
    "stream_unreachable",
    "The exchange's stream can't be reached.",
    "Check the network and --stream-url; where the exchange serves no requests from here, name another address of it.",
  );
}

const ENDINGS = {
  closed: "closed",
  refused: "not there",
  silent: "silent: no data though the socket is open",
  replaced: "replaced",
  stopped: "stopped",
};

/**
 * Which market goes into the workspace: an empty one takes what the stream or the recording says it is. What a
 * stream says is compared again at each connection.
 */
async function marketOfWorkspace(workspace: Workspace, options: ProduceOptions): Promise<MarketClaim> {
  const { replay, streamUrl = STREAM_URL, symbols } = options;
  const claim = await readClaim(workspace);
  if (claim !== null && replay === undefined) return claim;
  const made =
    replay === undefined ? await marketOfStream(streamUrl, symbols) : await recordedMarket(replay.path);
  if (made === null) return REAL;
  const now = Math.floor(options.clock.now());
  await claimMarket(workspace, made.market === "real" ? REAL : { ...made, now });
  return (await readClaim(workspace)) ?? REAL;
}

function keepFrame(workspace: Workspace, raw: string, reason: string): void {
  const path = inWorkspace(workspace, "data", "rejected_frames.jsonl");
  mkdirSync(dirname(path), { recursive: true });
  appendFileSync(path, `${JSON.stringify({ reason, raw: raw.slice(0, 10_000) })}\n`);
}
