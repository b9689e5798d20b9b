import { compute } from "./compute.ts";

/** In the worker: forecasts for each choice that the page sends. */
export function answerChoices() {
  addEventListener("message", ({ data }) => postMessage(answer(data)));
}

function answer({ table, choice }) {
  try {
    return { days: compute(table, choice) };
  } catch (error) {
    if (error.next === undefined) throw error;
    return { refused: `${error.message} ${error.next}` };
  }
}
