import { expect, it } from "vitest";
import { sameText } from "../core/text.ts";
import { headlinesHtml } from "./headlineHtml.ts";

it("opens with one sentence, the figure, the tables that there are; and runs no markup that came in", () => {
  const html = headlinesHtml([
    {
      title: "BTC<b>USDT",
      verdict: { en: "Last close <b>1</b>", vi: '"Giá"' },
      picture: "<figure></figure>",
      tables: ["<table></table>", ""],
      lines: [sameText("Risk <b>3.1</b> %")],
    },
  ]);
  const order = ["BTC&lt;b&gt;USDT", "Last close &lt;b&gt;", "<figure>", "<table>", "<p>Risk &lt;b&gt;3.1"];
  expect(order.map((part) => html.indexOf(part)).sort((a, b) => a - b)).toEqual(
    order.map((part) => html.indexOf(part)),
  );
  expect(html).toContain('<span data-vi="&quot;Giá&quot;">Last close');
  expect(html.match(/class="output"/g)).toHaveLength(2);
  expect(html).not.toContain("<b>");
  expect(headlinesHtml([])).toBe("");
});
