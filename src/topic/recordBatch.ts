import {
  compressionsAlgorithmsByBitmask,
  GenericError,
  Reader,
  type RecordsBatch,
  readRecordsBatch,
} from "@platformatic/kafka";
import type { EpochMs } from "../time/epoch.ts";
import { shortText } from "./shortText.ts";
import type { Offset, TopicRecord, Utf8Span } from "./topic.ts";

/** A record that keeps the bytes it came in, and makes a text of its value for those who ask. */
class BytesRecord implements TopicRecord, Utf8Span {
  readonly partition: number;
  readonly offset: Offset;
  readonly timestamp: EpochMs;
  readonly key: string | null;
  readonly bytes: Buffer;
  readonly from: number;
  readonly to: number;

  constructor(
    partition: number,
    offset: Offset,
    timestamp: EpochMs,
    key: string | null,
    cursor: Cursor,
    length: number,
  ) {
    this.partition = partition;
    this.offset = offset;
    this.timestamp = timestamp;
    this.key = key;
    this.bytes = cursor.bytes;
    this.from = cursor.at;
    this.to = cursor.at + length;
  }

  get utf8(): Utf8Span {
    return this;
  }

  get value(): string {
    return this.bytes.toString("utf8", this.from, this.to);
  }
}

/** A batch whose records are the topic's own already; the client's form of them is left empty. */
export interface TakenBatch extends RecordsBatch {
  taken: TopicRecord[];
}

// Places in the head of a batch: https://kafka.apache.org/documentation/#recordbatch
const LENGTH = 8;
const BEHIND_LENGTH = 12;
const LEADER_EPOCH = 12;
const MAGIC = 16;
const CRC = 17;
const ATTRIBUTES = 21;
const LAST_DELTA = 23;
const FIRST_TIMESTAMP = 27;
const MAX_TIMESTAMP = 35;
const PRODUCER_ID = 43;
const PRODUCER_EPOCH = 51;
const SEQUENCE = 53;
const COUNT = 57;
const RECORDS = 61;

const COMPRESSION = 0x07;
const IS_LOG_APPEND_TIME = 0x08;
const IS_CONTROL = 0x20;
/** The form of batches since Kafka 0.11. */
const FORM = 2;

/**
 * The batches of one partition in a broker's answer; a last one that was cut off is left out. The client's own reading
 * makes some twenty objects of a record, which costs more than all that is done with the record afterwards.
 * @param bytes the records go on using them
 * @throws GenericError a form or a compression that is not known
 */
export function readBatches(bytes: Buffer, partition: number): RecordsBatch[] {
  const batches: RecordsBatch[] = [];
  for (let at = 0; bytes.length - at > BEHIND_LENGTH; ) {
    const end = at + BEHIND_LENGTH + bytes.readInt32BE(at + LENGTH);
    if (end > bytes.length) break;
    batches.push(readBatch(bytes.subarray(at, end), partition));
    at = end;
  }
  return batches;
}

function readBatch(bytes: Buffer, partition: number): RecordsBatch {
  const form = bytes[MAGIC];
  if (form !== FORM) throw new GenericError("PLT_KFK_UNSUPPORTED_FORMAT", `Messages of the form ${form}.`);
  const attributes = bytes.readInt16BE(ATTRIBUTES);
  // The client looks into the marks that end transactions itself.
  if ((attributes & IS_CONTROL) !== 0) return readRecordsBatch(Reader.from(Buffer.from(bytes)));
  const batch: TakenBatch = {
    firstOffset: bytes.readBigInt64BE(0),
    length: bytes.length - BEHIND_LENGTH,
    partitionLeaderEpoch: bytes.readInt32BE(LEADER_EPOCH),
    magic: form,
    crc: bytes.readUInt32BE(CRC),
    attributes,
    lastOffsetDelta: bytes.readInt32BE(LAST_DELTA),
    firstTimestamp: bytes.readBigInt64BE(FIRST_TIMESTAMP),
    maxTimestamp: bytes.readBigInt64BE(MAX_TIMESTAMP),
    producerId: bytes.readBigInt64BE(PRODUCER_ID),
    producerEpoch: bytes.readInt16BE(PRODUCER_EPOCH),
    firstSequence: bytes.readInt32BE(SEQUENCE),
    records: [],
    taken: [],
  };
  takeAll(
    batch,
    unpacked(bytes.subarray(RECORDS), attributes & COMPRESSION),
    bytes.readInt32BE(COUNT),
    partition,
  );
  return batch;
}

function unpacked(bytes: Buffer, compression: number): Buffer {
  if (compression === 0) return bytes;
  const algorithm = compressionsAlgorithmsByBitmask[compression];
  if (algorithm === undefined) {
    throw new GenericError("PLT_KFK_UNSUPPORTED_COMPRESSION", `Messages of the compression ${compression}.`);
  }
  return algorithm.decompressSync(bytes);
}

function takeAll(batch: TakenBatch, bytes: Buffer, count: number, partition: number): void {
  const cursor: Cursor = { bytes, at: 0 };
  const firstOffset = Number(batch.firstOffset);
  const firstTimestamp = Number(batch.firstTimestamp);
  const appended = (batch.attributes & IS_LOG_APPEND_TIME) === 0 ? null : Number(batch.maxTimestamp);
  for (let n = 0; n < count; n += 1) {
    const length = varint(cursor);
    const end = cursor.at + length;
    if (!(end <= bytes.length)) throw new GenericError("PLT_KFK_OUT_OF_BOUNDS", "A batch ends too early.");
    cursor.at += 1; // Attributes, of which none is in use.
    const timestampDelta = varint(cursor);
    const offset = firstOffset + varint(cursor);
    const timestamp = (appended ?? firstTimestamp + timestampDelta) as EpochMs;
    const key = readKey(cursor);
    const size = varint(cursor);
    batch.taken.push(
      size < 0
        ? { partition, offset, timestamp, key, value: null }
        : new BytesRecord(partition, offset, timestamp, key, cursor, size),
    );
    cursor.at = end; // Behind the headers.
  }
}

interface Cursor {
  bytes: Buffer;
  at: number;
}

/** A whole number in groups of seven bits, the sign in the lowest; exact up to 2^53. */
function varint(cursor: Cursor): number {
  let byte = cursor.bytes[cursor.at++];
  if (byte < 0x80) return (byte >>> 1) ^ -(byte & 1);
  let value = byte & 0x7f;
  for (let unit = 0x80; byte >= 0x80; unit *= 0x80) {
    byte = cursor.bytes[cursor.at++];
    value += (byte & 0x7f) * unit;
  }
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}

function readKey(cursor: Cursor): string | null {
  const length = varint(cursor);
  if (length < 0) return null;
  const from = cursor.at;
  cursor.at += length;
  return shortText(cursor.bytes, from, cursor.at);
}
