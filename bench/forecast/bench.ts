// The forecast beside its rivals, on two cores. Usage: node bench/forecast/bench.ts CSV [ROUNDS] [TASK…]
// CSV has columns ds,y: daily closes. Tasks: fit, backtest, baselines; all where none is named.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { SELECTED } from "../../src/forecast/smoothing/selectedModel.ts";
import type { PartScore } from "../../tools/choices.ts";
import { compare, type Rival, resultTable } from "../harness.ts";

interface Score {
  model: string;
  cutoffs: number;
  mape: number;
  /** Not of Python Prophet: it has no quantiles. */
  crps?: number;
  coverage80: number;
  /** Of the cutoffs that had no say in what ships. */
  later?: PartScore;
}

interface Answer {
  /**
   * Processor seconds of fit + predict in a process that has just loaded everything, and of the middle one of the
   * next: what else the machine does hardly changes them.
   */
  cold?: number;
  warm?: number;
  yhat?: number[];
  /** Seconds of the work alone by the clock, without starting and loading. */
  seconds?: number;
  scores?: Score[];
}

const [csv, rounds = "2", ...wanted] = process.argv.slice(2);
const here = import.meta.dirname;
const python = resolve(here, "../../.cache/bench/bin/python");
// Each of two processes on one core: a library that takes both cores for itself would be measured twice.
const env = { OMP_NUM_THREADS: "1", OPENBLAS_NUM_THREADS: "1" };

const RIVALS: Record<string, string> = {
  fit: "prophet_rival.py",
  backtest: "prophet_rival.py",
  baselines: "statsforecast_rival.py",
};
const GOALS: Record<string, string> = {
  fit: "goal: 20 times cold, 40 times warm",
  backtest: "goal: 30 times",
  baselines: "goal: none; the scores are to be no worse",
};

for (const task of wanted.length > 0 ? wanted : Object.keys(RIVALS)) await run(task);

async function run(task: string): Promise<void> {
  const rival = RIVALS[task];
  const best = new Map<string, Answer>();
  const words = (out: string) => [task, csv, out, SELECTED.reportedFrom];
  const rivals: Rival[] = [
    {
      name: "candlebook",
      command: (out) => ({ file: process.execPath, args: [join(here, "candlebook.ts"), ...words(out)] }),
    },
    {
      name: rival.replace("_rival.py", ""),
      command: (out) => ({ file: python, args: [join(here, rival), ...words(out)], env }),
    },
  ];
  const check = async (name: string, out: string) => {
    const answer = JSON.parse(readFileSync(join(out, "answer.json"), "utf8")) as Answer;
    const ours = best.get("candlebook");
    if (name !== "candlebook" && ours !== undefined) agree(ours, answer);
    const before = best.get(name);
    const seconds = (one: Answer) => one.warm ?? one.seconds ?? Number.POSITIVE_INFINITY;
    if (before === undefined || seconds(answer) < seconds(before)) best.set(name, answer);
  };
  const scratch = mkdtempSync(join(tmpdir(), "candlebook-bench-"));
  try {
    const table = resultTable(await compare({ rivals, rounds: Number(rounds), scratch, check }));
    const [[, ours], [, theirs]] = [...best];
    const ratios = (["cold", "warm", "seconds"] as const)
      .filter((key) => ours[key] !== undefined && theirs[key] !== undefined)
      .map((key) => `${key === "seconds" ? "the work alone" : key}: ${ratio(ours[key], theirs[key])}`);
    console.log(`\n## ${task}\n\n${table}\n\n${ratios.join("; ")} (${GOALS[task]})\n${scoreLines(best)}`);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function ratio(ours = 0, theirs = 0): string {
  return `${(ours * 1000).toFixed(0)} ms against ${(theirs * 1000).toFixed(0)} ms, ${(theirs / ours).toFixed(1)} times`;
}

/** The same series must give about the same forecast: L-BFGS stops short of the optimum by up to 4 %. */
function agree(ours: Answer, theirs: Answer): void {
  if (ours.yhat === undefined || theirs.yhat === undefined) return;
  const scale = Math.max(...theirs.yhat.map(Math.abs));
  const worst = Math.max(...ours.yhat.map((value, i) => Math.abs(value - (theirs.yhat?.[i] ?? Number.NaN))));
  if (!(worst / scale < 0.04)) throw new Error(`the forecasts differ by ${(100 * worst) / scale} %`);
}

function scoreLines(best: ReadonlyMap<string, Answer>): string {
  const cells = (score?: Partial<PartScore>) =>
    `${score?.cutoffs ?? "–"} | ${score?.mape?.toFixed(2) ?? "–"} | ${score?.crps?.toFixed(2) ?? "–"}`;
  const rows = [...best].flatMap(([name, { scores = [] }]) =>
    scores.map(
      (score) =>
        `| ${score.model} | ${name} | ${cells(score)} | ${score.coverage80.toFixed(1)} | ${cells(score.later)} |`,
    ),
  );
  if (rows.length === 0) return "";
  return [
    "\n| model | by | cutoffs | MAPE, % | CRPS, % | in the 80 % band, % | later cutoffs | MAPE, % | CRPS, % |",
    "|---|---|---:|---:|---:|---:|---:|---:|---:|",
    ...rows,
  ].join("\n");
}
