import {
  type Connection,
  type Consumer,
  type Reader,
  type RecordsBatch,
  ResponseError,
} from "@platformatic/kafka";
import { readBatches } from "./recordBatch.ts";

type FetchAnswer = Awaited<ReturnType<Consumer["fetch"]>>;
type AnsweredPartition = FetchAnswer["responses"][number]["partitions"][number];

const FETCH = 1;
/** Versions of the answer from which on it has more, or another form. */
const START_OF_LOG = 5;
const SESSIONS = 7;
const OTHER_REPLICA = 11;
const COMPACT = 12;
const TOPIC_IDS = 13;

/** Has this connection read what it fetches with `readBatches`; all else stays with the client. */
export function readFetchesOurselves(connection: Connection): void {
  const send = connection.send.bind(connection);
  connection.send = (key, version, payload, parse, ...more) => {
    const ours = parseFetch as unknown as typeof parse;
    send(key, version, payload, key === FETCH ? ours : parse, ...more);
  };
}

/**
 * The answer to a Fetch request, in the versions 4 (Kafka 0.11) to 18, as
 * https://kafka.apache.org/protocol#The_Messages_Fetch has it.
 * @throws ResponseError the broker's refusals, as the client makes them
 */
export function parseFetch(_: number, key: number, version: number, reader: Reader): FetchAnswer {
  const refused: Record<string, [number, null]> = {};
  const compact = version >= COMPACT;
  const throttleTimeMs = reader.readInt32();
  const errorCode = version >= SESSIONS ? reader.readInt16() : 0;
  if (errorCode !== 0) refused["/"] = [errorCode, null];
  const sessionId = version >= SESSIONS ? reader.readInt32() : 0;
  const readTopic = (_reader: Reader, topic: number) => ({
    topicId: version >= TOPIC_IDS ? reader.readUUID() : reader.readString(compact),
    partitions: reader.readArray(
      (_again, index) => {
        const partition = readPartition(reader, version);
        const path = `/responses/${topic}/partitions/${index}`;
        if (partition.errorCode !== 0) refused[path] = [partition.errorCode, null];
        return partition;
      },
      compact,
      compact,
    ),
  });
  const responses = reader.readArray(readTopic, compact, compact);
  const answer = { throttleTimeMs, errorCode, sessionId, responses };
  if (Object.keys(refused).length > 0) throw new ResponseError(key, version, refused, answer);
  return answer;
}

function readPartition(reader: Reader, version: number): AnsweredPartition {
  const compact = version >= COMPACT;
  const partitionIndex = reader.readInt32();
  const transaction = () => ({ producerId: reader.readInt64(), firstOffset: reader.readInt64() });
  return {
    partitionIndex,
    errorCode: reader.readInt16(),
    highWatermark: reader.readInt64(),
    lastStableOffset: reader.readInt64(),
    logStartOffset: version >= START_OF_LOG ? reader.readInt64() : -1n,
    abortedTransactions: reader.readNullableArray(transaction, compact, compact),
    preferredReadReplica: version >= OTHER_REPLICA ? reader.readInt32() : -1,
    records: readRecords(reader, partitionIndex, compact),
  };
}

function readRecords(reader: Reader, partition: number, compact: boolean): RecordsBatch[] | null {
  const length = compact ? reader.readUnsignedVarInt() - 1 : reader.readInt32();
  if (length < 0) return null;
  const from = reader.position;
  reader.skip(length);
  return readBatches(reader.buffer.slice(from, reader.position), partition);
}
