import type { Effects } from "../core/effects.ts";
import { type CandlebookError, interrupted, outsideError } from "../core/errors.ts";
import { pause } from "../core/pause.ts";
import type { MarketClaim } from "../lake/source.ts";
import { marketOf, otherMarket } from "./market.ts";
import type { Replay } from "./replay.ts";
import { openStream, type Stream, type StreamOptions } from "./stream.ts";

/** Once it has stood, a stream is sought for ever; before that the address may be wrong. */
const FIRST_TRIES = 6;

const ENDINGS = {
  closed: "closed",
  refused: "not there",
  silent: "silent: no data though the socket is open",
  replaced: "replaced",
  stopped: "stopped",
};

/** Where frames come from, the exchange or a recording, tells this. */
export interface SourceEvents {
  onFrame(text: string): void;
  /** A connection stands (again): minutes may have been missed. */
  onConnected(): void;
}

export interface End {
  /** Ends the run, with an error where one is given; the first reason counts. */
  reach(error?: unknown): void;
  readonly reached: boolean;
  readonly promise: Promise<void>;
}

/** An abort reaches it, too. */
export function openEnd(signal: AbortSignal | undefined): End {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let reached = false;
  const aborted = () => reach(interrupted());
  const reach = (error?: unknown) => {
    if (reached) return;
    reached = true;
    signal?.removeEventListener("abort", aborted);
    if (error === undefined) resolve();
    else reject(error);
  };
  signal?.addEventListener("abort", aborted);
  if (signal?.aborted) aborted();
  return {
    reach,
    promise,
    get reached() {
      return reached;
    },
  };
}

/** Plays a recording to its end; it waits while as many messages wait as may. */
export function playBack(replay: Replay, source: SourceEvents, full: () => boolean, end: End): void {
  const onFrame = async (text: string) => {
    source.onFrame(text);
    while (full() && !end.reached) await pause(5);
  };
  replay.play({ onFrame, onConnected: source.onConnected }).then(() => end.reach(), end.reach);
}

interface Listening extends Pick<StreamOptions, "url" | "patience" | "random"> {
  /** The market that the stream is to be of. */
  claim: MarketClaim;
}

/** Listens to the exchange; one that never was there is given up. */
export function listen(
  { url, patience, random, claim }: Listening,
  { onFrame, onConnected }: SourceEvents,
  effects: Effects,
  end: End,
): Stream {
  let refusals = 0;
  const stream = openStream({
    url,
    patience,
    random,
    onHeaders: (headers) => {
      if (marketOf(headers).market !== claim.market) end.reach(otherMarket(claim));
    },
    onConnected,
    onFrame,
    onLost: (ending, retryMs) => {
      refusals += 1;
      if (!stream.stood && refusals >= FIRST_TRIES) return end.reach(unreachable());
      const note = `the stream is ${ENDINGS[ending]}; connecting again in ${(retryMs / 1000).toFixed(1)} s`;
      effects.progress?.({ stage: "produce", note });
    },
  });
  return stream;
}

/** What a stream that never was there is told as. */
export function unreachable(): CandlebookError {
  return outsideError(
    "stream_unreachable",
    "The exchange's stream can't be reached.",
    "Check the network and --stream-url; where the exchange serves no requests from here, name another address of it.",
  );
}
