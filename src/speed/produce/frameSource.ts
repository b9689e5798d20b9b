import { delay } from "../../core/delay.ts";
import type { Effects } from "../../core/effects.ts";
import { type CandlebookError, interrupted, outsideError } from "../../core/errors.ts";
import type { MarketClaim } from "../../lake/marketClaim.ts";
import { Stream, type StreamOptions } from "./reconnectingStream.ts";
import type { Replay } from "./replay.ts";
import { marketOf, otherMarket } from "./streamMarket.ts";

/** A stream that was once open is retried without limit; before that the address may be wrong. */
const FIRST_TRIES = 6;

const ENDINGS = {
  closed: "closed",
  refused: "not there",
  silent: "silent: no data though the socket is open",
  replaced: "replaced",
  stopped: "stopped",
};

/** Events of a source of frames, the exchange or a recording. */
export interface SourceEvents {
  onFrame(text: string): void;
  /** A connection was opened: minutes may have been missed. */
  onConnected(): void;
}

export interface End {
  /** Ends the run, with an error where one is given; the first reason counts. */
  reach(error?: unknown): void;
  readonly reached: boolean;
  readonly promise: Promise<void>;
}

/** The end of a run, which an abort reaches, too. */
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

/** Plays a recording to its end; it waits while the producer is `full`. */
export function playBack(replay: Replay, source: SourceEvents, full: () => boolean, end: End): void {
  const onFrame = async (text: string) => {
    source.onFrame(text);
    while (full() && !end.reached) await delay(5);
  };
  replay.play({ onFrame, onConnected: source.onConnected }).then(() => end.reach(), end.reach);
}

interface Listening extends Pick<StreamOptions, "url" | "patience" | "random"> {
  /** The market that the stream must belong to. */
  claim: MarketClaim;
}

/** Listens to the exchange; an address that never answered ends the run. */
export function listen(
  { url, patience, random, claim }: Listening,
  { onFrame, onConnected }: SourceEvents,
  effects: Effects,
  end: End,
): Stream {
  let refusals = 0;
  const stream: Stream = new Stream({
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
      if (!stream.everConnected && refusals >= FIRST_TRIES) return end.reach(unreachable());
      const note = `the stream is ${ENDINGS[ending]}; connecting again in ${(retryMs / 1000).toFixed(1)} s`;
      effects.progress?.({ stage: "produce", note });
    },
  });
  return stream;
}

/** The error for a stream that was never open. */
export function unreachable(): CandlebookError {
  return outsideError(
    "stream_unreachable",
    "The exchange's stream can't be reached.",
    "Check the network and --stream-url; where the exchange serves no requests from here, use another address of it.",
  );
}
