import * as kafka from "@platformatic/kafka";
import { type CompressionAlgorithmValue, createRecordsBatch, Reader, Writer } from "@platformatic/kafka";
import { describe, expect, it } from "vitest";
import { parseFetch } from "./fetchAnswer.ts";
import { readBatches, type TakenBatch } from "./recordBatch.ts";

type FetchResponse = ReturnType<typeof parseFetch>;

const BEGIN = 1_767_600_000_000n;

/** A batch as a producer sends it: keys and values of all kinds, headers, time stamps out of order. */
function batchBytes(compression: CompressionAlgorithmValue = "none", firstOffset = 5_000_000_000n): Buffer {
  const message = (n: number) => ({
    topic: "t",
    key: n % 3 === 0 ? undefined : Buffer.from(n % 2 === 0 ? "BTCUSDT" : `ключ ${n}`),
    value: n === 4 ? (undefined as unknown as Buffer) : Buffer.from("₿".repeat(n * n * 7)),
    headers: new Map(n % 5 === 0 ? [[Buffer.from("h"), Buffer.from("x".repeat(n * 30))]] : []),
    timestamp: BEGIN + BigInt(n * (n % 2 === 0 ? 100_000 : -3_000_000_000)),
  });
  const bytes = createRecordsBatch(
    Array.from({ length: 40 }, (_, n) => message(n)),
    { compression },
  ).buffer;
  bytes.writeBigInt64BE(firstOffset, 0);
  return bytes;
}

/** The same as the client reads them itself. */
function asClientReads(bytes: Buffer, partition: number) {
  return kafka.readRecordsBatches(Reader.from(bytes)).flatMap(({ firstOffset, firstTimestamp, records }) =>
    records.map(({ offsetDelta, timestampDelta, key, value }) => ({
      partition,
      offset: Number(firstOffset) + offsetDelta,
      timestamp: Number(firstTimestamp + timestampDelta),
      key: key?.toString() ?? null,
      value: value?.toString() ?? null,
    })),
  );
}

const taken = (bytes: Buffer, partition: number) =>
  readBatches(bytes, partition)
    .flatMap((batch) => (batch as TakenBatch).taken)
    .map(({ offset, timestamp, key, value, ...rest }) => ({
      partition: rest.partition,
      offset,
      timestamp,
      key,
      value,
    }));

describe("a broker's batches", () => {
  it.each(["none", "gzip", "snappy", "lz4", "zstd"] as const)(
    "are read as the client reads them (%s)",
    (compression) => {
      const bytes = Buffer.concat([batchBytes(compression), batchBytes(compression, 5_000_000_040n)]);
      expect(taken(bytes, 7)).toEqual(asClientReads(bytes, 7));
      expect(taken(bytes, 7)).toHaveLength(80);
      const [{ records, ...head }] = kafka.readRecordsBatches(Reader.from(bytes));
      expect(readBatches(bytes, 7)[0]).toMatchObject(head);
    },
  );

  it("count as far as they are whole", () => {
    const [one, two] = [batchBytes(), batchBytes("gzip", 5_000_000_040n)];
    const bytes = Buffer.concat([one, two]);
    for (const end of [0, 5, one.length - 1, one.length, one.length + 20, bytes.length - 1]) {
      expect(taken(bytes.subarray(0, end), 0)).toHaveLength(end < one.length ? 0 : 40);
    }
  });

  it("bear the broker's time where it stamps them, and leave the marks of transactions to the client", () => {
    const stamped = batchBytes();
    stamped.writeInt16BE(0x08, 21);
    expect(new Set(taken(stamped, 0).map(({ timestamp }) => timestamp))).toEqual(
      new Set([Number(stamped.readBigInt64BE(35))]),
    );
    const mark = batchBytes();
    mark.writeInt16BE(0x30, 21);
    const [batch] = readBatches(mark, 0);
    expect(batch.records).toHaveLength(40);
    expect(batch).not.toHaveProperty("taken");
  });

  it("are refused in a form or a compression that is not known, and where a record leaves them", () => {
    const [old, packed, torn] = [batchBytes(), batchBytes(), batchBytes()];
    old[16] = 1;
    packed.writeInt16BE(7, 21);
    torn.writeInt32BE(1_000, 57);
    expect(() => readBatches(old, 0)).toThrow("form 1");
    expect(() => readBatches(packed, 0)).toThrow("compression 7");
    expect(() => readBatches(torn, 0)).toThrow("too early");
  });
});

/** An answer as a broker of that version writes it: two topics' partitions, one of them refused. */
function answerBytes(version: number, refusal: number): Buffer {
  const compact = version >= 12;
  const writer = Writer.create().appendInt32(12);
  if (version >= 7) writer.appendInt16(0).appendInt32(77);
  const partition = (w: Writer, n: number) => {
    w.appendInt32(n)
      .appendInt16(n === 2 ? refusal : 0)
      .appendInt64(1_000n)
      .appendInt64(900n);
    if (version >= 5) w.appendInt64(10n);
    const aborted = n === 0 ? null : [{ producer: 8n, first: 9n }];
    w.appendArray(
      aborted,
      (v, { producer, first }) => void v.appendInt64(producer).appendInt64(first),
      compact,
      compact,
    );
    if (version >= 11) w.appendInt32(-1);
    const records = n === 1 ? batchBytes() : Buffer.alloc(0);
    if (n === 0) w.appendBytes(null, compact);
    else w.appendBytes(records, compact);
  };
  writer.appendArray(
    ["prices", "others"],
    (w, name) => {
      if (version >= 13) w.appendUUID("01234567-89ab-cdef-0123-456789abcdef");
      else w.appendString(name, compact);
      w.appendArray([0, 1, 2], partition, compact, compact);
    },
    compact,
    compact,
  );
  if (compact) writer.appendTaggedFields();
  return writer.buffer;
}

const versions = Array.from({ length: 14 }, (_, n) => n + 4);
type Api = { parseResponse(id: number, key: number, version: number, reader: Reader): FetchResponse };
const clientOf = (version: number) => (kafka as unknown as Record<string, Api>)[`fetchV${version}`];

/** Without what nobody here asks for, and the records in one form. */
function plain({ responses, throttleTimeMs, errorCode, sessionId }: FetchResponse) {
  const topics = responses.map(({ topicId, partitions }) => ({
    topicId,
    partitions: partitions.map(({ records, ...rest }) => ({
      partition: rest.partitionIndex,
      numbers: [rest.errorCode, rest.highWatermark, rest.lastStableOffset, rest.logStartOffset],
      replica: rest.preferredReadReplica,
      aborted: rest.abortedTransactions,
      batches: records?.map(({ firstOffset, lastOffsetDelta, producerId }) => [
        firstOffset,
        lastOffsetDelta,
        producerId,
      ]),
    })),
  }));
  return { throttleTimeMs, errorCode, sessionId, topics };
}

describe("a broker's answer", () => {
  it.each(versions)("is read as the client reads it (version %i)", (version) => {
    const bytes = answerBytes(version, 0);
    const ours = parseFetch(1, 1, version, Reader.from(bytes));
    expect(plain(ours)).toEqual(plain(clientOf(version).parseResponse(1, 1, version, Reader.from(bytes))));
    expect(plain(ours).topics[1].partitions[1].batches).toHaveLength(1);
    // Pieces as they come from the network.
    const pieces = Array.from({ length: Math.ceil(bytes.length / 100) }, (_, n) =>
      bytes.subarray(n * 100, n * 100 + 100),
    );
    const inPieces = new Reader(Object.assign(Reader.from(bytes).buffer, { buffers: pieces }));
    expect(plain(parseFetch(1, 1, version, inPieces))).toEqual(plain(ours));
  });

  it.each([4, 17])("carries the broker's refusals (version %i)", (version) => {
    const read = (parse: Api["parseResponse"]) => {
      try {
        return parse(1, 1, version, Reader.from(answerBytes(version, 1)));
      } catch (error) {
        return error as { errors: { apiId: string; path: string }[]; response: FetchResponse };
      }
    };
    const [ours, theirs] = [read(parseFetch), read(clientOf(version).parseResponse)] as {
      errors: { apiId: string; path: string }[];
      response: FetchResponse;
    }[];
    expect(ours.errors.map(({ apiId, path }) => [apiId, path])).toEqual(
      theirs.errors.map(({ apiId, path }) => [apiId, path]),
    );
    expect(ours.errors).toHaveLength(2);
    expect(plain(ours.response)).toEqual(plain(theirs.response));
  });
});
