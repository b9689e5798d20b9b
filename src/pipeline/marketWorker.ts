import { workerData } from "node:worker_threads";
import type { DailyCandle } from "../candle/candle.ts";
import { answerTasks } from "../core/threads.ts";
import { type MarketPart, makePart, workspaceMarket } from "./marketParts.ts";

const { seed } = workerData as { seed: number };
const market = workspaceMarket(seed);

answerTasks((task: MarketPart): Promise<DailyCandle[]> => makePart(market, task));
