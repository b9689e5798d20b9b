import { z } from "zod";
import { inputError } from "../core/errors.ts";
import { type EpochMs, parseInstant } from "../time/epoch.ts";
import { type RandomStream, randomStream } from "./randomStream.ts";

const share = z.number().min(0).max(1);

/** Faults of the response to one request. */
const httpFault = z.discriminatedUnion("kind", [
  /** Another status; `retryAfter` in seconds. */
  z.object({ kind: z.literal("status"), status: z.number().int(), retryAfter: z.number().optional() }),
  /** The response ends after this share of its bytes, although its header states all. */
  z.object({ kind: z.literal("truncate"), share }),
  /** One byte is changed, at this share of the body. */
  z.object({ kind: z.literal("corrupt"), share }),
  /** A web page instead of data. */
  z.object({ kind: z.literal("html") }),
  /** The connection is reset before a response. */
  z.object({ kind: z.literal("reset") }),
  /** No response at all. */
  z.object({ kind: z.literal("silence") }),
  /** The body is sent in small pieces, with this delay (real time) between them. */
  z.object({ kind: z.literal("drip"), pauseMs: z.number().min(1) }),
  z.object({ kind: z.literal("redirect"), to: z.string() }),
  /** Klines: rows of the previous page, unsorted rows, every row twice, none. */
  z.object({ kind: z.literal("overlap") }),
  z.object({ kind: z.literal("unsorted") }),
  z.object({ kind: z.literal("doubled") }),
  z.object({ kind: z.literal("empty") }),
  /**
   * Archive, with a correct checksum: rows missing or off the grid; or content that a real archive never has.
   */
  z.object({ kind: z.literal("short") }),
  z.object({ kind: z.literal("offGrid") }),
  z.object({ kind: z.literal("otherName") }),
  z.object({ kind: z.literal("outside") }),
  z.object({ kind: z.literal("bomb") }),
  z.object({ kind: z.literal("nothing") }),
  /** Archive: the same file with other values, as after a republication. */
  z.object({ kind: z.literal("republished") }),
  /** Archive: zip and checksum disagree. */
  z.object({ kind: z.literal("wrongChecksum") }),
]);

/** Faults of sockets and messages. */
const streamFault = z.discriminatedUnion("kind", [
  /** All sockets are closed, or torn within a frame. */
  z.object({ kind: z.literal("cut") }),
  z.object({ kind: z.literal("tear") }),
  /** No message is sent; pings are sent and answered. */
  z.object({ kind: z.literal("silent") }),
  /** Nothing is sent at all, no ping, no pong. */
  z.object({ kind: z.literal("dead") }),
  /** New sockets are refused with 503. */
  z.object({ kind: z.literal("refuse") }),
  /** This share of the messages is lost, sent twice, swapped with the next, broken, of an unknown type. */
  z.object({ kind: z.literal("lose"), share }),
  z.object({ kind: z.literal("duplicate"), share }),
  z.object({ kind: z.literal("reorder"), share }),
  z.object({ kind: z.literal("garble"), share }),
  z.object({ kind: z.literal("unknown"), share }),
]);

export type HttpFault = z.infer<typeof httpFault>;
export type StreamFault = z.infer<typeof streamFault>;

const instant = z
  .union([z.number(), z.string()])
  .transform((value) => (typeof value === "number" ? value : parseInstant(value)))
  .refine((value) => value !== null, "is not an instant such as 2025-08-18T12:00:00Z")
  .transform((value) => value as EpochMs);

/** Limits the fault to [from, to) of the exchange's time. */
const when = { from: instant.optional(), to: instant.optional() };

const ruleForm = z.discriminatedUnion("on", [
  z.object({
    on: z.enum(["rest", "archive"]),
    ...when,
    /** Requests whose path and query contain this text; default: all. */
    path: z.string().optional(),
    /** Number of these requests without the fault; the next `times` have it. */
    skip: z.number().int().min(0).default(0),
    times: z.number().int().min(1).optional(),
    fault: httpFault,
  }),
  z.object({ on: z.literal("stream"), ...when, fault: streamFault }),
]);

/** One rule of a fault schedule, in a file or a test. */
export type FaultRule = z.input<typeof ruleForm>;

/** A running schedule. */
export interface FaultPlan {
  /** The fault of this request, if any; it uses up the first rule that matches. */
  http(side: "rest" | "archive", path: string, now: EpochMs): HttpFault | null;
  /** The faults of the streams that are active now. */
  stream(now: EpochMs): StreamFault[];
  /** `cut` or `tear`, returned once, at or after its `from`. */
  blow(now: EpochMs): "cut" | "tear" | null;
  random: RandomStream;
}

/** A schedule from its rules. @throws CandlebookError `bad_faults` if a rule is invalid */
export function faultPlan(rules: unknown, seed = 0): FaultPlan {
  const parsed = z.array(ruleForm).safeParse(rules);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw inputError(
      "bad_faults",
      `The fault schedule is invalid: ${issue.path.join(".")}: ${issue.message}.`,
      "The reference lists the faults: docs/reference.md, simulate.",
    );
  }
  const seen = new Map<object, number>();
  const active = ({ from, to }: { from?: EpochMs; to?: EpochMs }, now: EpochMs) =>
    (from === undefined || now >= from) && (to === undefined || now < to);
  return {
    http: (side, path, now) => {
      for (const rule of parsed.data) {
        if (rule.on !== side || !active(rule, now) || !path.includes(rule.path ?? "")) continue;
        const count = seen.get(rule) ?? 0;
        seen.set(rule, count + 1);
        if (count >= rule.skip && count < rule.skip + (rule.times ?? Number.POSITIVE_INFINITY))
          return rule.fault;
      }
      return null;
    },
    stream: (now) =>
      parsed.data.flatMap((rule) =>
        rule.on === "stream" && !isBlow(rule.fault) && active(rule, now) ? [rule.fault] : [],
      ),
    blow: (now) => {
      for (const rule of parsed.data) {
        if (rule.on !== "stream" || !isBlow(rule.fault) || !active(rule, now) || seen.has(rule)) continue;
        seen.set(rule, 1);
        return rule.fault.kind;
      }
      return null;
    },
    random: randomStream(seed, "faults"),
  };
}

function isBlow(fault: StreamFault): fault is { kind: "cut" } | { kind: "tear" } {
  return fault.kind === "cut" || fault.kind === "tear";
}
