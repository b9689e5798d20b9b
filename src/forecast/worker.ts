import { parentPort, workerData } from "node:worker_threads";
import { CandlebookError, type ErrorFacts } from "../core/errors.ts";
import type { Forecast, ModelSpec, Series } from "./forecaster.ts";
import { forecasterOf } from "./registry.ts";
import { runTask } from "./runner.ts";

/** To a worker: one task, its model as text. */
export interface WorkerTask {
  index: number;
  spec: ModelSpec;
  trainDays: number;
  horizon: number;
}

/** From a worker. An error's class doesn't survive the way between threads, its facts do. */
export type WorkerAnswer = { index: number } & ({ forecast: Forecast } | { refusal: ErrorFacts });

const { series } = workerData as { series: Series };

parentPort?.on("message", ({ index, spec, trainDays, horizon }: WorkerTask) => {
  const answer = runTask(series, { model: forecasterOf(spec), trainDays, horizon });
  parentPort?.postMessage(toMessage(index, answer));
});

function toMessage(index: number, answer: Forecast | CandlebookError): WorkerAnswer {
  if (!(answer instanceof CandlebookError)) return { index, forecast: answer };
  const { code, message, next, exit } = answer;
  return { index, refusal: { code, message, next, exit } };
}
