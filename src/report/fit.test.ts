import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { randomWalk } from "../../testkit/series.ts";
import { figureHtml } from "../charts/html.ts";
import { seededRandom } from "../core/random.ts";
import { sameText } from "../core/text.ts";
import type { Cell, Notebook, Output } from "../notebooks/executedNotebooks.ts";
import { MOST_BYTES, reportPage } from "./build.ts";
import type { ReportFacts } from "./facts.ts";

// Nothing shorter says the same: packed, it is as long as before.
const random = seededRandom(1);
const NOISE = Buffer.from(Array.from({ length: 3e6 }, () => 256 * random())).toString("base64");
const NOTES = ["A still picture: with", "Left out: with it"];

/** A figure with so many bytes of data, and so many of picture. */
function figure(title: string, data: number, picture: number): Output {
  const y = NOISE.slice(0, data);
  const svg = `<svg viewBox="0 0 9 9"><title>${title}</title><path d="M0,0${"L1,1".repeat(picture / 4)}"></path></svg>`;
  const html = figureHtml({
    id: title,
    title: sameText(title),
    alt: sameText(`What ${title} shows.`),
    source: "csv",
    interactive: { data: [{ y }], layout: {} },
    svg: () => svg,
  });
  return { output_type: "display_data", data: { "text/html": html } };
}

function pageOf(outputs: readonly Output[], facts: Partial<ReportFacts> = {}): string {
  const cells = outputs.map(
    (output, i): Cell => ({ cell_type: "code", id: `c${i}`, source: "x", outputs: [output] }),
  );
  const notebook: Notebook = { name: "week1", cells };
  return reportPage([notebook], { source: "csv", now: "", files: [], tables: [], versions: {}, ...facts });
}

const count = (html: string, text: string) => html.split(text).length - 1;
const interactive = (html: string) =>
  [...html.matchAll(/<figure [^>]*data-figure="[^"]*"[^>]*><div [^>]*aria-label="(\w+)/g)].map(
    ([, title]) => title,
  );
const listed = (html: string) => [...html.matchAll(/<a href="#week1-cell-(c\d)">/g)].map(([, cell]) => cell);

describe("a report of five megabytes at most", () => {
  it("is whole where all finds room", () => {
    const html = pageOf([figure("one", 1e6, 1e5), figure("two", 1e5, 1e5)]);
    expect(interactive(html)).toEqual(["one", "two"]);
    expect(NOTES.map((note) => count(html, note))).toEqual([0, 0]);
    expect(listed(html)).toEqual([]);
  });

  it("shows its largest figures still where their data does not find room, and says which", () => {
    const html = pageOf([figure("one", 2e5, 1e5), figure("two", 2e6, 1e5), figure("three", 25e5, 1e5)]);
    expect(Buffer.byteLength(html)).toBeLessThanOrEqual(MOST_BYTES);
    expect(interactive(html)).toEqual(["one", "two"]);
    expect(html).toContain("<title>three</title>");
    expect(NOTES.map((note) => count(html, note))).toEqual([1, 0]);
    expect(listed(html)).toEqual(["c2"]);
  });

  it("leaves out what is too large even so, and keeps a figure's words", () => {
    const text: Output = { output_type: "stream", name: "stdout", text: "long ".repeat(1e6) };
    const html = pageOf([figure("one", 1e6, 28e5), text, figure("two", 1e5, 1e5), figure("three", 1e6, 1e6)]);
    expect(Buffer.byteLength(html)).toBeLessThanOrEqual(MOST_BYTES);
    expect(html).not.toContain("long long");
    expect(html).not.toContain("<title>one</title>");
    expect(html).toContain(">one. What one shows.</p>");
    expect(html).toContain("<title>three</title>");
    expect(NOTES.map((note) => count(html, note))).toEqual([2, 2]);
    expect(listed(html)).toEqual(["c2", "c3", "c0", "c1"]);
  });

  it("carries the first symbol's whole table whatever the figures take, and others where there is room", () => {
    const series = Array.from({ length: 12 }, (_, i) => randomWalk(i, 5_016, `S${i}USDT`));
    const symbolsOf = (html: string) =>
      JSON.parse(/id="daily-tables">(.*?)<\/script>/.exec(html)?.[1] ?? "").tables.map(
        ({ symbol, columns }: { symbol: string; columns: { close: number[] } }) => [
          symbol,
          columns.close.length,
        ],
      );
    const full = pageOf([figure("one", 34e5, 1e4), figure("two", 1e5, 1e4)], { series });
    expect(Buffer.byteLength(full)).toBeLessThanOrEqual(MOST_BYTES);
    expect(symbolsOf(full)[0]).toEqual(["S0USDT", 5_016]);
    expect(interactive(full)).toEqual(["two"]);
    const light = pageOf([figure("one", 1e6, 1e4)], { series });
    expect(Buffer.byteLength(light)).toBeLessThanOrEqual(MOST_BYTES);
    expect(symbolsOf(light).length).toBeGreaterThan(3);
    expect(interactive(light)).toEqual(["one"]);
  });

  it("is never larger, whatever the outputs", () => {
    const size = fc.integer({ min: 0, max: 3e6 });
    fc.assert(
      fc.property(fc.array(fc.tuple(size, size), { maxLength: 6 }), (sizes) => {
        const html = pageOf(sizes.map(([data, picture], i) => figure(`f${i}`, data, picture)));
        expect(Buffer.byteLength(html)).toBeLessThanOrEqual(MOST_BYTES);
        const cut = listed(html).length;
        expect(count(html, NOTES[0]) + count(html, NOTES[1])).toBe(cut);
        expect(interactive(html).length).toBe(sizes.length - cut);
      }),
      { numRuns: 5 },
    );
  });
});
