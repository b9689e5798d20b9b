import { workerData } from "node:worker_threads";
import { CandlebookError, type ErrorFacts } from "../core/errors.ts";
import { answerTasks } from "../core/threads.ts";
import type { Forecast, ModelSpec, Series } from "./forecaster.ts";
import { forecasterOf } from "./registry.ts";
import { runTask } from "./runner.ts";

/** To a worker: one task, its model as text. */
export interface WorkerTask {
  spec: ModelSpec;
  trainDays: number;
  horizon: number;
}

/** From a worker. An error's class doesn't survive the way between threads, its facts do. */
export type WorkerAnswer = { forecast: Forecast } | { refusal: ErrorFacts };

const { series } = workerData as { series: Series };

answerTasks(({ spec, trainDays, horizon }: WorkerTask): WorkerAnswer => {
  const answer = runTask(series, { model: forecasterOf(spec), trainDays, horizon });
  if (!(answer instanceof CandlebookError)) return { forecast: answer };
  const { code, message, next, exit } = answer;
  return { refusal: { code, message, next, exit } };
});
