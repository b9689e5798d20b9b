import { expect, it } from "vitest";
import { sameText } from "../core/text.ts";
import { headlinesHtml } from "./headlineHtml.ts";

it("opens with the forecast and the sentence, and runs no markup that came in", () => {
  const html = headlinesHtml([
    {
      title: "BTCUSDT",
      lead: sameText("Last close <b>1</b>"),
      tables: [
        {
          caption: { en: "Bands", vi: '"Dải"' },
          head: ["days ahead", "median"].map(sameText),
          rows: [["1", '<img src=x onerror="alert(1)">'].map(sameText)],
        },
        { caption: sameText("Nothing yet"), head: [sameText("model")], rows: [] },
      ],
      lines: [sameText("Risk <b>3.1</b> %")],
      sentence: sameText("Prophet is 294 % worse than yesterday's price."),
    },
  ]);
  expect(html.indexOf("BTCUSDT")).toBeLessThan(html.indexOf("Bands"));
  expect(html).toContain('<span data-vi="&quot;Dải&quot;">Bands</span>');
  expect(html).toContain("<p>Risk &lt;b&gt;3.1");
  expect(html).toContain("294 % worse");
  expect(html).not.toMatch(/<img|<b>/);
  expect(html).not.toContain("Nothing yet");
  expect(headlinesHtml([])).toBe("");
});
