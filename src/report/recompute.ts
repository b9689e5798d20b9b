import { escapeJson, escapeMarkup } from "../charts/escape.ts";
import type { Text } from "../core/text.ts";
import { BAND_LEVELS, type Series } from "../forecast/forecaster.ts";
import { DEFAULT_MODEL, forecasters, MODEL_NAMES } from "../forecast/registry.ts";
import { both } from "./bilingual.ts";
import { dailyTables, type EmbeddedTables } from "./dailyTable.ts";
import type { ReportFacts } from "./facts.ts";
import { WORDS } from "./words.ts";

/** The most days ahead that the page offers: a browser computes a year in a second or two. */
const MOST_DAYS = 365;

/**
 * The section in which the reader computes: symbol, model, days ahead and band are chosen, and the page's script
 * forecasts from the daily tables in it. Nothing where there is no series, or no room.
 * @param room maximum size of the tables, in characters
 */
export function recomputeHtml(
  series: readonly Series[],
  source: ReportFacts["source"],
  room: number,
): string {
  const tables = dailyTables(series, room);
  if (tables.length === 0) return "";
  const absent = series.filter(({ symbol }) => !tables.some((table) => table.symbol === symbol));
  const options = (values: readonly (string | number)[], chosen: string | number) =>
    values
      .map((value) => {
        const text = escapeMarkup(String(value));
        return `<option value="${text}"${value === chosen ? " selected" : ""}>${text}</option>`;
      })
      .join("");
  const select = (name: string, label: Text, content: string) =>
    `<label>${both(label)} <select name="${name}">${content}</select></label>`;
  return [
    `<section id="recompute" aria-labelledby="recompute-title"><h2 id="recompute-title">${both(WORDS.recompute)}</h2>`,
    `<p>${both(WORDS.recomputeIntro)}</p>`,
    absent.length > 0
      ? `<p>${both(WORDS.notEmbedded)} ${escapeMarkup(absent.map(({ symbol }) => symbol).join(", "))}.</p>`
      : "",
    `<div class="controls" role="group" aria-labelledby="recompute-title">`,
    select(
      "symbol",
      WORDS.symbol,
      options(
        tables.map(({ symbol }) => symbol),
        tables[0].symbol,
      ),
    ),
    select("model", WORDS.model, options(MODEL_NAMES, DEFAULT_MODEL)),
    `<label>${both(WORDS.horizon)} <input name="horizon" type="number" min="1" max="${MOST_DAYS}" step="1" value="30"></label>`,
    select("level", WORDS.level, options(BAND_LEVELS, 80)),
    `</div><p class="status" role="status"></p><div class="picture"></div>`,
    `<details><summary>${both(WORDS.models)}</summary><dl>`,
    ...forecasters().map(
      ({ name, title, method }) => `<dt>${both(title)} (<code>${name}</code>)</dt><dd>${both(method)}</dd>`,
    ),
    `</dl></details>`,
    `<div class="output wide"><table data-live="yes"><caption></caption><thead><tr>`,
    ...[WORDS.day, WORDS.daysAhead, WORDS.forecast, WORDS.lower, WORDS.upper].map(
      (head) => `<th scope="col">${both(head)}</th>`,
    ),
    `</tr></thead><tbody></tbody></table></div>`,
    `<script type="application/json" id="daily-tables">${escapeJson({ source, tables } satisfies EmbeddedTables)}</script></section>`,
  ].join("");
}
