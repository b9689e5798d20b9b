import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Observations, ProphetOptions, Rows } from "../src/forecast/prophet/prophet.ts";
import { dataFolder } from "./realSeries.ts";

/** One line of `index.csv`: objectives of Python Prophet's L-BFGS and of Newton's method (0 where not run). */
export interface GoldenCase {
  name: string;
  lbfgs: number;
  newton: number;
  tight: boolean;
}

/** What was asked of Python Prophet, and the scales and parameters that it answered with. */
export interface GoldenSettings {
  y_scale: number;
  y_min: number;
  changepoints: string[];
  params: { k: number; m: number; delta: number[]; beta: number | number[]; sigma_obs: number };
  objective: number;
}

type Row = Record<string, number>;

const both = { yearlySeasonality: true, weeklySeasonality: true, dailySeasonality: false } as const;
const peaks = ["2018-03-03", "2018-09-09", "2019-03-03", "2019-09-09", "2020-03-03", "2020-09-09"];

/** The options of each case, as make_reference.py beside the data has them. */
export const GOLDEN_OPTIONS: Record<string, ProphetOptions> = {
  peyton_default: {},
  air_mult: { seasonalityMode: "multiplicative" },
  btc_default: {},
  btc_mult: { seasonalityMode: "multiplicative" },
  "btc_cps_0.001": { changepointPriorScale: 0.001 },
  "btc_cps_0.5": { changepointPriorScale: 0.5 },
  btc_log_default: {},
  btc_log_mult: { seasonalityMode: "multiplicative" },
  "btc_log_cps_0.5": { changepointPriorScale: 0.5 },
  btc_noseason: { yearlySeasonality: false, weeklySeasonality: false, dailySeasonality: false },
  eth_default: {},
  eth_log_default: {},
  eth_log_flat: { growth: "flat" },
  eth_95: { intervalWidth: 0.95 },
  syn_linear: both,
  syn_mult: { ...both, seasonalityMode: "multiplicative" },
  syn_gaps: both,
  syn_logistic: { growth: "logistic" },
  syn_minmax: { ...both, scaling: "minmax" },
  syn_reg: {
    ...both,
    seasonalities: [{ name: "monthly", period: 30.5, fourierOrder: 5, priorScale: 5 }],
    holidays: peaks.map((ds) => ({ holiday: "peak", ds, lowerWindow: 0, upperWindow: 1 })),
    regressors: [
      { name: "x1", availability: { kind: "knownFuture" } },
      {
        name: "x2",
        availability: { kind: "knownFuture" },
        mode: "multiplicative",
        priorScale: 5,
        standardize: false,
      },
    ],
  },
};

const found = dataFolder();
const root = found && join(found, "prophet_golden");

/** All golden cases; none where the data is absent. */
export function goldenCases(): GoldenCase[] {
  if (root === null) return [];
  const [, ...lines] = readFileSync(join(root, "index.csv"), "utf8").trim().split("\n");
  return lines.map((line) => {
    const cells = line.split(",");
    return { name: cells[0], lbfgs: Number(cells[4]), newton: Number(cells[5]), tight: cells[7] === "1" };
  });
}

/** The series of a case; rows of the future, whose y is empty, carry NaN. */
export function goldenObservations(name: string): Observations {
  const log = name.includes("_log_");
  const file = name === "syn_minmax" ? "syn_linear" : name.startsWith("syn_") ? name : name.split("_")[0];
  const rows = readRows(join(root ?? "", "input", `${file}.csv`));
  const y = rows.map((row) => (log ? Math.round(Math.log(row.y) * 1e10) / 1e10 : row.y));
  return { ...rowsAt(name, rows), y };
}

/** Rows to predict: the dates of a reference file, with the columns that the case needs. */
export function goldenRows(name: string, reference: Row[]): Rows {
  if (name !== "syn_reg") return rowsAt(name, reference);
  const byDate = new Map(readRows(join(root ?? "", "input/syn_reg.csv")).map((row) => [row.ds, row]));
  return rowsAt(
    name,
    reference.map(({ ds }) => byDate.get(ds)!),
  );
}

function rowsAt(name: string, rows: Row[]): Rows {
  const ds = rows.map((row) => row.ds);
  if (name === "syn_logistic") return { ds, cap: 130, floor: 10 };
  if (name !== "syn_reg") return { ds };
  return { ds, columns: { x1: rows.map((row) => row.x1), x2: rows.map((row) => row.x2) } };
}

/** Forecast rows of Python Prophet (`cases`) or of Newton's method (`newton`); null where there are none. */
export function goldenForecast(kind: "cases" | "newton", name: string): Row[] | null {
  try {
    return readRows(join(root ?? "", kind, `${name}.csv`));
  } catch {
    return null;
  }
}

export function goldenSettings(name: string): GoldenSettings | null {
  try {
    return JSON.parse(readFileSync(join(root ?? "", "cases", `${name}.settings.json`), "utf8"));
  } catch {
    return null;
  }
}

function readRows(path: string): Row[] {
  const [header, ...lines] = readFileSync(path, "utf8").trim().split("\n");
  const names = header.split(",");
  return lines.map((line) => {
    const cells = line.split(",");
    return Object.fromEntries(
      names.map((name, i) => {
        if (name === "ds") return [name, Date.parse(`${cells[i]}T00:00:00Z`)];
        return [name, cells[i] === "" ? Number.NaN : Number(cells[i])];
      }),
    );
  });
}
