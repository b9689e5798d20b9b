import type { Command } from "commander";
import type { Shell } from "./shell.ts";

/** Adds a command with its options and its action to the program. */
export type Register = (program: Command, shell: Shell) => void;

/**
 * Every command, in the order in which the help lists them. A command's code and its imports are loaded when the
 * command runs: loading all commands takes longer than many of them run.
 */
export const commands: Readonly<Record<string, () => Promise<Register>>> = {
  demo: async () => (await import("./demo.ts")).registerDemo,
  init: async () => (await import("./init.ts")).registerInit,
  run: async () => (await import("./run.ts")).registerRun,
  download: async () => (await import("./download.ts")).registerDownload,
  inspect: async () => (await import("./inspect.ts")).registerInspect,
  ingest: async () => (await import("./ingest.ts")).registerIngest,
  clean: async () => (await import("./clean.ts")).registerClean,
  daily: async () => (await import("./daily.ts")).registerDaily,
  candles: async () => (await import("./candles.ts")).registerCandles,
  produce: async () => (await import("./produce.ts")).registerProduce,
  backfill: async () => (await import("./backfill.ts")).registerBackfill,
  consume: async () => (await import("./consume.ts")).registerConsume,
  snapshot: async () => (await import("./snapshot.ts")).registerSnapshot,
  live: async () => (await import("./live.ts")).registerLive,
  merge: async () => (await import("./merge.ts")).registerMerge,
  forecast: async () => (await import("./forecast.ts")).registerForecast,
  evaluate: async () => (await import("./evaluate.ts")).registerEvaluate,
  score: async () => (await import("./score.ts")).registerScore,
  notebooks: async () => (await import("./notebooks.ts")).registerNotebooks,
  report: async () => (await import("./report.ts")).registerReport,
  status: async () => (await import("./status.ts")).registerStatus,
  explain: async () => (await import("./explain.ts")).registerExplain,
  query: async () => (await import("./query.ts")).registerQuery,
  history: async () => (await import("./history.ts")).registerHistory,
  diff: async () => (await import("./diff.ts")).registerDiff,
  prune: async () => (await import("./prune.ts")).registerPrune,
  restore: async () => (await import("./restore.ts")).registerRestore,
  generate: async () => (await import("./generate.ts")).registerGenerate,
  simulate: async () => (await import("./simulate.ts")).registerSimulate,
  spark: async () => (await import("./spark.ts")).registerSpark,
};
