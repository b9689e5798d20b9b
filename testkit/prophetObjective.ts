import type { Observations, ProphetOptions } from "../src/forecast/prophet/prophet.ts";

interface Parameters {
  k: number;
  m: number;
  delta: ArrayLike<number>;
  beta: ArrayLike<number>;
  sigma: number;
}

interface Feature {
  values: number[];
  prior: number;
  multiplicative: boolean;
}

const DAY = 86_400_000;

/**
 * Prophet's log posterior straight from its formulas, row by row, sharing no code with the model:
 * −T ln s − SSR/(2 s²) − (k² + m²)/50 − 2 s² − Σ|delta|/tau − ½ Σ(beta/prior)².
 */
export function objectiveFromFormulas(rows: Observations, options: ProphetOptions, p: Parameters): number {
  const seen = Array.from(rows.y, (y, i) => ({ i, y, ds: rows.ds[i] })).filter(({ y }) => !Number.isNaN(y));
  const ds = seen.map((row) => row.ds);
  const y = seen.map((row) => row.y);
  const floor = options.growth === "logistic" ? Number(rows.floor ?? 0) : 0;
  const isMinmax = options.scaling === "minmax";
  const base = isMinmax ? Math.min(...y) : floor;
  const scale = isMinmax ? Math.max(...y) - base : Math.max(...y.map((v) => Math.abs(v - base)));
  const span = ds[ds.length - 1] - ds[0];
  const t = ds.map((v) => (v - ds[0]) / span);
  const changes = changepoints(ds, options).map((v) => (v - ds[0]) / span);
  const features = featuresOf(rows, seen, options);

  let ssr = 0;
  for (let i = 0; i < t.length; i++) {
    let added = 0;
    let multiplied = 0;
    features.forEach((feature, j) => {
      if (feature.multiplicative) multiplied += feature.values[i] * p.beta[j];
      else added += feature.values[i] * p.beta[j];
    });
    const cap = (Number(rows.cap ?? 0) - floor) / scale;
    const trend = trendAt(t[i], changes, { growth: options.growth ?? "linear", cap }, p);
    ssr += ((y[i] - base) / scale - trend * (1 + multiplied) - added) ** 2;
  }
  let penalty = (p.k ** 2 + p.m ** 2) / 50 + 2 * p.sigma ** 2;
  for (const d of Array.from(p.delta)) penalty += Math.abs(d) / (options.changepointPriorScale ?? 0.05);
  features.forEach((feature, j) => {
    penalty += (p.beta[j] / feature.prior) ** 2 / 2;
  });
  return -t.length * Math.log(p.sigma) - ssr / (2 * p.sigma ** 2) - penalty;
}

/** As prophet.stan: the offsets of the logistic segments follow from continuity, one after the other. */
function trendAt(
  t: number,
  changes: number[],
  { growth, cap }: { growth: string; cap: number },
  p: Parameters,
): number {
  if (growth === "flat") return p.m;
  let rate = p.k;
  let offset = p.m;
  changes.forEach((s, j) => {
    if (t < s) return;
    const before = rate;
    rate += p.delta[j];
    offset += growth === "logistic" ? (s - offset) * (1 - before / rate) : -s * p.delta[j];
  });
  return growth === "logistic" ? cap / (1 + Math.exp(-rate * (t - offset))) : rate * t + offset;
}

function changepoints(ds: number[], options: ProphetOptions): number[] {
  if (options.growth === "flat") return [];
  const last = Math.floor(ds.length * 0.8) - 1;
  return Array.from({ length: 25 }, (_, j) => {
    const place = ((j + 1) * last) / 25;
    const isHalf = place % 1 === 0.5;
    return ds[isHalf ? 2 * Math.round(place / 2) : Math.round(place)];
  });
}

function featuresOf(
  rows: Observations,
  seen: { i: number; ds: number }[],
  options: ProphetOptions,
): Feature[] {
  const isDaily = seen[1].ds - seen[0].ds < 7 * DAY;
  const isLong = seen[seen.length - 1].ds - seen[0].ds >= 730 * DAY;
  const multiplicative = options.seasonalityMode === "multiplicative";
  const features: Feature[] = [];
  const fourier = (period: number, order: number, prior: number) => {
    for (let q = 1; q <= order; q++) {
      for (const wave of [Math.sin, Math.cos]) {
        const values = seen.map(({ ds }) => wave((2 * Math.PI * q * (ds / DAY)) / period));
        features.push({ values, prior, multiplicative });
      }
    }
  };
  for (const s of options.seasonalities ?? []) fourier(s.period, s.fourierOrder, s.priorScale ?? 10);
  if (options.yearlySeasonality ?? isLong) fourier(365.25, 10, 10);
  if (options.weeklySeasonality ?? isDaily) fourier(7, 3, 10);
  for (const offset of options.holidays?.length ? [0, 1] : []) {
    const days = new Set(options.holidays?.map(({ ds }) => Date.parse(ds) + offset * DAY));
    features.push({ values: seen.map(({ ds }) => (days.has(ds) ? 1 : 0)), prior: 10, multiplicative });
  }
  for (const { name, mode, priorScale = 10, standardize } of options.regressors ?? []) {
    const raw = seen.map(({ i }) => rows.columns![name][i]);
    const mean = raw.reduce((a, b) => a + b) / raw.length;
    const deviation = Math.sqrt(raw.reduce((a, b) => a + (b - mean) ** 2, 0) / (raw.length - 1));
    const values = standardize === false ? raw : raw.map((v) => (v - mean) / deviation);
    features.push({ values, prior: priorScale, multiplicative: mode === "multiplicative" });
  }
  return features;
}
