import { closeSync, createReadStream, mkdirSync, openSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { createInterface } from "node:readline";
import { z } from "zod";
import { inputError } from "../../core/errors.ts";
import { parseLine } from "../../core/files.ts";

const headerForm = z.object({
  form: z.literal("candlebook-frames"),
  v: z.literal(1),
  market: z.enum(["real", "simulated"]),
  /** Of a simulated market. */
  seed: z.number().int().optional(),
});
const lineForm = z.object({ at: z.number(), frame: z.string() });

/** The market of a stream or a recording. */
export type StreamMarket = { schema: 1; market: "real" } | { schema: 1; market: "simulated"; seed: number };

/** A raw frame, and when it arrived. */
export interface RecordedFrame {
  at: number;
  frame: string;
}

/** Writes raw frames as lines of JSON: a header, then `{ at, frame }` each. */
export interface Recorder {
  add(frame: RecordedFrame): void;
  close(): void;
}

const BUFFERED = 64 * 1024;

/** Records into a new file. @throws CandlebookError `file_exists` */
export function openRecorder(path: string, market: StreamMarket): Recorder {
  mkdirSync(dirname(path), { recursive: true });
  const file = create(path);
  const seed = market.market === "simulated" ? market.seed : undefined;
  let lines = `${JSON.stringify({ form: "candlebook-frames", v: 1, market: market.market, seed })}\n`;
  const write = () => {
    writeSync(file, lines);
    lines = "";
  };
  return {
    add: (frame) => {
      lines += `${JSON.stringify(frame)}\n`;
      if (lines.length > BUFFERED) write();
    },
    close: () => {
      write();
      closeSync(file);
    },
  };
}

function create(path: string): number {
  try {
    return openSync(path, "wx");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "EEXIST") throw cause;
    throw inputError(
      "file_exists",
      "The file to record to exists already; a recording is never overwritten.",
      "Use another file, or remove that one.",
      cause,
    );
  }
}

/** The market of a recording. @throws CandlebookError `no_recording` */
export async function recordedMarket(path: string): Promise<StreamMarket> {
  const lines = linesOf(path);
  for await (const line of lines) {
    const header = headerForm.safeParse(parseLine(line));
    if (!header.success) break;
    const { market, seed = 0 } = header.data;
    return market === "real" ? { schema: 1, market } : { schema: 1, market, seed };
  }
  throw noRecording();
}

/**
 * The frames of a recording, in their order. A last line that was cut short (the recorder was killed) ends it.
 * @throws CandlebookError `no_recording`
 */
export async function* recordedFrames(path: string): AsyncGenerator<RecordedFrame> {
  await recordedMarket(path);
  let first = true;
  for await (const line of linesOf(path)) {
    if (first) {
      first = false;
      continue;
    }
    const frame = lineForm.safeParse(parseLine(line));
    if (!frame.success) return;
    yield frame.data;
  }
}

async function* linesOf(path: string): AsyncGenerator<string> {
  const stream = createReadStream(path, "utf8");
  try {
    yield* createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY });
  } catch (cause) {
    throw noRecording(cause);
  } finally {
    stream.destroy();
  }
}

function noRecording(cause?: unknown): Error {
  return inputError(
    "no_recording",
    "The file to replay is not a recording of frames.",
    "Make one: candlebook produce --record FILE.",
    cause,
  );
}
