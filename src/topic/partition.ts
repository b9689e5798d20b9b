/**
 * The partition of a key, as Kafka's Java client computes it: toPositive(murmur2(key)) mod partitions
 * (org.apache.kafka.clients.producer.internals.BuiltInPartitioner). The clients' own defaults differ, so every
 * implementation of Topic is given the partition.
 */
function partitionOf(key: string, partitions: number): number {
  return (murmur2(Buffer.from(key)) & 0x7fffffff) % partitions;
}

/** Kafka's murmur2, seed 0x9747b28c (org.apache.kafka.common.utils.Utils#murmur2). */
function murmur2(data: Buffer): number {
  const m = 0x5bd1e995;
  let h = 0x9747b28c ^ data.length;
  const whole = data.length & ~3;
  for (let i = 0; i < whole; i += 4) {
    let k = Math.imul(data.readInt32LE(i), m);
    k ^= k >>> 24;
    h = Math.imul(h, m) ^ Math.imul(k, m);
  }
  for (let i = data.length - 1; i >= whole; i -= 1) h ^= data[i] << (8 * (i - whole));
  if (data.length > whole) h = Math.imul(h, m);
  h = Math.imul(h ^ (h >>> 13), m);
  return h ^ (h >>> 15);
}

/** Assigns each message its partition: by key, else in turn. */
export function partitioner(partitions: number): (key: string | null) => number {
  const known = new Map<string, number>();
  let turn = 0;
  return (key) => {
    if (key === null) {
      turn = (turn + 1) % partitions;
      return turn;
    }
    let partition = known.get(key);
    if (partition === undefined) {
      partition = partitionOf(key, partitions);
      if (known.size < 10_000) known.set(key, partition);
    }
    return partition;
  };
}
