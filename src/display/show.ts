import { currentScreen } from "./kernel.ts";
import type { TableOptions } from "./table.ts";
import { bundleOf } from "./view.ts";

/**
 * Shows a value below the cell: a figure, rows as a table, a row balance, a forecast, an answer of `query`, any
 * stage's result, or text: a string, a text in both languages, or several, one per line. Works on the tslab and on the
 * Deno kernel; outside a notebook it writes text to stdout.
 *
 * ```ts
 * await show(candleChart(days, { source, last: "90d" }));
 * await show(await query(workspace, "SELECT count(*) FROM btc_clean"));
 * ```
 */
export async function show(value: unknown, options: TableOptions = {}): Promise<void> {
  const screen = currentScreen();
  const bundle = bundleOf(value, options);
  if (screen === null) process.stdout.write(`${bundle["text/plain"]}\n`);
  else await screen.display(bundle);
}
