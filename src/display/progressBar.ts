import { setTimeout } from "node:timers";
import { escapeMarkup } from "../charts/escape.ts";
import type { Progress, ProgressEvent } from "../core/progress.ts";
import { type Bundle, currentScreen, type Screen } from "./kernel.ts";

/** A page can't follow more often. */
const REDRAW_MS = 100;

/**
 * A progress bar below the cell, for the `effects` of any stage; it appears with the first report and moves in place.
 *
 * ```ts
 * await ingest(workspace, {}, { progress: progressBar() });
 * ```
 */
export function progressBar(): Progress {
  const screen = currentScreen();
  return screen === null ? () => {} : progressOn(screen);
}

/** As `progressBar`, on a given screen: the first report and the last are drawn at once, of those between some. */
export function progressOn(screen: Pick<Screen, "place">): Progress {
  let put: ((bundle: Bundle) => Promise<void>) | undefined;
  let latest: ProgressEvent | null = null;
  let resting = false;
  const redraw = () => {
    if (latest === null) {
      resting = false;
      return;
    }
    put ??= screen.place();
    // A page that is gone must not stop the work.
    put(progressBundle(latest)).catch(() => {});
    latest = null;
    resting = true;
    setTimeout(redraw, REDRAW_MS).unref();
  };
  return (event) => {
    latest = event;
    // A page may not hear what a cell says after its end.
    const ended = event.total !== undefined && event.done === event.total;
    if (!resting || ended) redraw();
  };
}

function progressBundle({ stage, note, done, total }: ProgressEvent): Bundle {
  const known = done !== undefined && total !== undefined && total > 0;
  const label = `${stage}: ${note}${known ? ` (${done} of ${total})` : ""}`;
  const bar = known ? `<progress max="${total}" value="${done}"></progress> ` : "";
  return {
    "text/html": `<div class="candlebook-progress">${bar}${escapeMarkup(label)}</div>`,
    "text/plain": label,
  };
}
