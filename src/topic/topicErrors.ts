import type { DatabaseFile } from "../core/databaseError.ts";
import { type CandlebookError, inputError, outsideError } from "../core/errors.ts";
import type { Offset, PartitionRange } from "./topic.ts";

/** The offset to read next is not in the log (any more). */
export function outOfRange(id: string, position: Offset, range: PartitionRange): CandlebookError {
  return inputError(
    "offset_out_of_range",
    `Partition ${range.partition} of ${id} holds offsets ${range.first} to ${range.end}; ${position} is to be read next.`,
    "Run consume again: it says what is lost and fills it over REST where it can.",
  );
}

/** The broker can't be reached, or did not answer in time. */
export function unreachable(brokers: readonly string[], cause: unknown): CandlebookError {
  return outsideError(
    "topic_unreachable",
    `No Kafka broker answers at ${brokers.join(", ")}.`,
    "Start it (docker compose up -d kafka), check --brokers, or leave --brokers out: the embedded topic needs no broker.",
    cause,
  );
}

/** One message is larger than the broker accepts. */
export function tooLarge(id: string, bytes: number, cause: unknown): CandlebookError {
  return inputError(
    "message_too_large",
    `A message of ${bytes} bytes is larger than ${id} accepts.`,
    "Raise message.max.bytes of the broker, or find the producer of such messages.",
    cause,
  );
}

/** The messages' time is too far from the broker's own, as that of a fast simulated market soon is. */
export function timeRefused(id: string, cause: unknown): CandlebookError {
  return inputError(
    "time_refused",
    `The exchange's clock is too far from the broker's: ${id} accepts no message of this time.`,
    "Raise message.timestamp.after.max.ms of the topic (an hour where it is not set), or simulate from an earlier --start.",
    cause,
  );
}

/** The file of the embedded topic, and the error where it is damaged. */
export const TOPIC_FILE: DatabaseFile = {
  file: "data/topic.db",
  damaged: {
    code: "damaged_topic",
    next: "Move it away and produce again: consume fills the days over REST where it can; published days stay.",
  },
};
