import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { randomWalk, seriesWithVariance } from "../../testkit/series.ts";
import { forecasters } from "../forecast/registry.ts";
import { both } from "./bilingual.ts";
import { dailyTables, type EmbeddedTables, seriesOf } from "./dailyTable.ts";
import { recomputeHtml } from "./recompute.ts";

const series = seriesWithVariance();

/** The tables in the page, read as the page reads them. */
function embedded(html: string) {
  const [, json] = /id="daily-tables">(.*?)<\/script>/.exec(html) ?? [];
  return (JSON.parse(json) as EmbeddedTables).tables;
}

it("names and explains every model in both languages", () => {
  const html = recomputeHtml([series], "csv", 1e6);
  for (const { name, title, method } of forecasters()) {
    expect(html).toContain(`<code>${name}</code>`);
    for (const text of [title, method]) expect(html).toContain(both(text));
  }
});

describe("the embedded tables", () => {
  it("are all that the models see", () => {
    expect(seriesOf(embedded(recomputeHtml([series], "csv", 1e6))[0])).toEqual(series);
  });

  it("are whole histories, and those without room are named", () => {
    const size = JSON.stringify(dailyTables([series], 1e6)[0]).length;
    const other = randomWalk(4, 400, "OTHERUSDT");
    const html = recomputeHtml([series, other], "csv", size + 10);
    expect(embedded(html).map(({ symbol, columns }) => [symbol, columns.close.length])).toEqual([
      ["TESTUSDT", 400],
    ]);
    expect(html).toContain("OTHERUSDT.</p>");
    expect(recomputeHtml([series], "csv", size - 1)).toBe("");
  });

  it("can't end the script element that they stand in, whatever the symbol", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("</script>", "<!--", "\u2028", '"', "A") }), (symbol) => {
        const html = recomputeHtml([{ ...randomWalk(1, 60), symbol }], "csv", 1e6);
        expect(html.match(/<\/script/g)).toHaveLength(1);
        expect(embedded(html)[0].symbol).toBe(symbol);
      }),
    );
  });
});
