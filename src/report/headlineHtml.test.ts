import { expect, it } from "vitest";
import { headlinesHtml } from "./headlineHtml.ts";

it("opens with the forecast and the sentence, and runs no markup that came in", () => {
  const html = headlinesHtml([
    {
      title: "BTCUSDT",
      lead: "Last close <b>1</b>",
      tables: [
        { caption: "Bands", head: ["days ahead", "median"], rows: [["1", '<img src=x onerror="alert(1)">']] },
        { caption: "Nothing yet", head: ["model"], rows: [] },
      ],
      sentence: "Prophet is 294 % worse than yesterday's price.",
    },
  ]);
  expect(html.indexOf("BTCUSDT")).toBeLessThan(html.indexOf("Bands"));
  expect(html).toContain("294 % worse");
  expect(html).not.toMatch(/<img|<b>/);
  expect(html).not.toContain("Nothing yet");
  expect(headlinesHtml([])).toBe("");
});
