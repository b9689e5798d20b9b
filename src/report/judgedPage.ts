import { pageScripts } from "../charts/assets.ts";
import { escapeMarkup } from "../charts/escape.ts";
import { figureHtml } from "../charts/html.ts";
import { judgedChart } from "../charts/judged.ts";
import { htmlPage } from "../charts/page.ts";
import { en } from "../core/text.ts";
import { tableHtml } from "../display/table.ts";
import { JUDGED_COLUMNS, judgedRows } from "../evaluation/judge/judgedRows.ts";
import type { ScoreResult } from "../forecasting/scoreFiles.ts";
import { both } from "./bilingual.ts";
import { REPORT_STYLE } from "./style.ts";

const TITLE = en`Judged forecasts`.vi`Các dự báo được chấm`;
const SUSPECTED = en`Suspected leaks`.vi`Nghi rò rỉ`;
const NONE = en`Nothing suggests that a model has seen the days that it forecasts.`
  .vi`Không có gì cho thấy mô hình nào đã thấy những ngày nó dự báo.`;

/** The scores of judged models as one HTML page that opens offline: a figure for each symbol, all scores, suspicions. */
export function judgedPage({ models, source }: ScoreResult): string {
  const symbols = Map.groupBy(models, ({ symbol }) => symbol);
  const figures = [...symbols.values()].map((own) => figureHtml(judgedChart(own, { source })));
  const suspicions = models.flatMap(({ symbol, model, suspicions: reasons }) =>
    reasons.map((reason) => `<li>${escapeMarkup(`${symbol} ${model}`)}: ${both(reason)}</li>`),
  );
  const body = [
    `<main class="page"><h1>${both(TITLE)}</h1>`,
    ...figures,
    `<div class="output">${tableHtml(judgedRows(models), { columns: JUDGED_COLUMNS, rows: models.length })}</div>`,
    `<h2>${both(SUSPECTED)}</h2>`,
    suspicions.length === 0 ? `<p>${both(NONE)}</p>` : `<ul>${suspicions.join("")}</ul>`,
    "</main>",
  ];
  return htmlPage({
    title: TITLE,
    language: "en",
    style: REPORT_STYLE,
    body: body.join("\n"),
    scripts: pageScripts(),
  });
}
