/** A stream of random numbers that depends only on its keys. */
export interface RandomStream {
  /** Uniform in (0, 1): never 0, so that its logarithm exists. */
  uniform(): number;
  /** Standard normal, two at a time by Box and Muller's formula. */
  normal(): number;
}

/** Generator mulberry32 (Tommy Ettinger, public domain), started from the mixed keys. */
export function randomStream(...keys: (number | string)[]): RandomStream {
  let state = keys.reduce<number>((hash, key) => mix(hash, key), 0x9e3779b9);
  let spare = Number.NaN;
  const uniform = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (((t ^ (t >>> 14)) >>> 0) + 0.5) / 2 ** 32;
  };
  const normal = () => {
    if (!Number.isNaN(spare)) {
      const z = spare;
      spare = Number.NaN;
      return z;
    }
    const radius = Math.sqrt(-2 * Math.log(uniform()));
    const angle = 2 * Math.PI * uniform();
    spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  };
  return { uniform, normal };
}

/** Murmur3's finalizer over the running hash and a key. */
function mix(hash: number, key: number | string): number {
  if (typeof key === "string") return [...key].reduce((h, char) => mix(h, char.codePointAt(0) ?? 0), hash);
  let h = Math.imul(hash ^ key, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return h ^ (h >>> 16);
}
