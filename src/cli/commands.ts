import type { Command } from "commander";

import { registerBackfill } from "./backfill.ts";
import { registerClean } from "./clean.ts";
import { registerConsume } from "./consume.ts";
import { registerDaily } from "./daily.ts";
import { registerDemo } from "./demo.ts";
import { registerDownload } from "./download.ts";
import { registerEvaluate } from "./evaluate.ts";
import { registerExplain } from "./explain.ts";
import { registerForecast } from "./forecast.ts";
import { registerGenerate } from "./generate.ts";
import { registerIngest } from "./ingest.ts";
import { registerMerge } from "./merge.ts";
import { registerNotebooks } from "./notebooks.ts";
import { registerProduce } from "./produce.ts";
import { registerQuery } from "./query.ts";
import { registerReport } from "./report.ts";
import { registerRestore } from "./restore.ts";
import { registerRun } from "./run.ts";
import type { Shell } from "./shell.ts";
import { registerSimulate } from "./simulate.ts";
import { registerSnapshot } from "./snapshot.ts";
import { registerSpark } from "./spark.ts";
import { registerStatus } from "./status.ts";

/** Every command, in the order in which the help lists them. */
export const commands: readonly ((program: Command, shell: Shell) => void)[] = [
  registerDemo,
  registerRun,
  registerDownload,
  registerIngest,
  registerClean,
  registerDaily,
  registerProduce,
  registerBackfill,
  registerConsume,
  registerSnapshot,
  registerMerge,
  registerForecast,
  registerEvaluate,
  registerNotebooks,
  registerReport,
  registerStatus,
  registerExplain,
  registerQuery,
  registerRestore,
  registerGenerate,
  registerSimulate,
  registerSpark,
];
