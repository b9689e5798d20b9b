import { CandlebookError } from "../../core/errors.ts";
import type { DailyTable } from "../../report/dailyTable.ts";
import { type BandDay, bandForecast, type Choice } from "./bandForecast.ts";

export interface Question {
  table: DailyTable;
  choice: Choice;
}

/** The forecast, or the sentence that says why there is none. */
export type Answer = { days: BandDay[] } | { refused: string };

/** In the worker: answers each choice that the page sends with a forecast. */
export function answerChoices(): void {
  addEventListener("message", ({ data }: MessageEvent<Question>) => postMessage(answer(data)));
}

function answer({ table, choice }: Question): Answer {
  try {
    return { days: bandForecast(table, choice) };
  } catch (error) {
    if (!(error instanceof CandlebookError)) throw error;
    return { refused: `${error.message} ${error.next}` };
  }
}
