/** A stream of random numbers that depends on nothing but its seed. */
export interface Random {
  /** Evenly from [0, 1), in steps of 2⁻³². */
  uniform(): number;
  /** Standard normal, by Marsaglia's polar method. */
  normal(): number;
  /** Laplace around 0. */
  laplace(scale: number): number;
}

/** Generator sfc32 of Chris Doty-Humphrey's PractRand, seeded through its counter. */
export function makeRandom(seed: number): Random {
  let a = 0x9e3779b9;
  let b = 0x243f6a88;
  let c = seed | 0;
  let counter = 1;
  const next = () => {
    const t = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + t) | 0;
    return (t >>> 0) / 2 ** 32;
  };
  for (let i = 0; i < 20; i++) next();

  let spare = Number.NaN;
  const normal = () => {
    if (!Number.isNaN(spare)) {
      const z = spare;
      spare = Number.NaN;
      return z;
    }
    let u = 0;
    let v = 0;
    let square = 0;
    while (square >= 1 || square === 0) {
      u = 2 * next() - 1;
      v = 2 * next() - 1;
      square = u * u + v * v;
    }
    const factor = Math.sqrt((-2 * Math.log(square)) / square);
    spare = v * factor;
    return u * factor;
  };
  const laplace = (scale: number) => {
    const side = next() - 0.5;
    return -scale * Math.sign(side) * Math.log(1 - 2 * Math.abs(side) + Number.MIN_VALUE);
  };
  return { uniform: next, normal, laplace };
}
