import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import type { Source } from "../candle/candle.ts";
import type { Text } from "../core/text.ts";
import { dataVi, escapeMarkup } from "./escape.ts";
import { legendRoom } from "./legend.ts";
import { FAINT, FONT, GRID, INK, PALETTE, PAPER, sourceLine, WIDTH, watermarkOf } from "./theme.ts";

const MARGIN = { left: 74, right: 24 };
const HEAD = 56;
const FOOT = 58;

export interface LegendItem {
  label: Text;
  colour: string;
  /** A line, dashed or not, or a filled square. */
  form: "line" | "dashes" | "square";
}

export interface StaticFigure {
  title: Text;
  subtitle: Text;
  alt: Text;
  source: Source;
  /** From top to bottom; all are `WIDTH` wide and share their margins. */
  panels: Panel[];
  legend?: LegendItem[];
}

type Axis = Omit<Plot.ScaleOptions, "label"> & { label?: Text | null };

/** A panel as Plot draws it. Plot knows one language: `texts` are those that its marks and bands write in English. */
export type Panel = Omit<Plot.PlotOptions, "x" | "y"> & { x?: Axis; y?: Axis; texts?: readonly Text[] };

/** An SVG document from panels: title above, legend, source and watermark. */
export function svgDocument({ title, subtitle, alt, source, panels, legend = [] }: StaticFigure): string {
  const sourceText = sourceLine(source);
  const heights = panels.map((panel) => panel.height ?? 300);
  const tops = heights.map((_, i) => HEAD + heights.slice(0, i).reduce((a, b) => a + b, 0));
  const height = HEAD + heights.reduce((a, b) => a + b, 0) + FOOT;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img"`,
    ` font-family="${FONT}" font-size="11" color="${INK}" fill="${INK}" style="width:100%;height:auto">`,
    `${textElement("title", title)}${textElement("desc", alt)}`,
    `<rect width="${WIDTH}" height="${height}" fill="${PAPER}"/>`,
    textElement("text", title, `x="${MARGIN.left}" y="24" font-size="16" font-weight="bold"`),
    textElement("text", subtitle, `x="${MARGIN.left}" y="43" font-size="12" fill="${FAINT}"`),
    ...panels.map((panel, i) => panelSvg(panel, tops[i])),
    watermarkSvg(source, HEAD, height - FOOT),
    ...legendSvg(legend, height - 34),
    `<text x="${WIDTH - MARGIN.right}" y="${height - 12}" text-anchor="end" font-size="10"`,
    ` fill="${source === "simulated" ? PALETTE.vermillion : FAINT}"${dataVi(sourceText)}>${escapeMarkup(sourceText.en)}</text>`,
    `</svg>`,
  ].join("");
}

function textElement(name: string, text: Text, attributes = ""): string {
  return `<${[name, attributes].join(" ").trim()}${dataVi(text)}>${escapeMarkup(text.en)}</${name}>`;
}

function panelSvg({ x, y, texts = [], ...options }: Panel, top: number): string {
  const { document } = parseHTML("<!doctype html><html><body></body></html>");
  const svg = Plot.plot({
    width: WIDTH,
    marginLeft: MARGIN.left,
    marginRight: MARGIN.right,
    style: { fontFamily: FONT, fontSize: "11px" },
    ...options,
    ...(x && { x: inEnglish(x) }),
    ...(y && { y: inEnglish(y) }),
    document: document as never,
  });
  // Renderers without CSS selectors (PNG) would complain; all that matters stands in attributes.
  for (const style of svg.querySelectorAll("style")) style.remove();
  svg.removeAttribute("style");
  // The whole picture has one description; names of its strokes ("line") would only be in the listener's way.
  for (const part of svg.querySelectorAll("[aria-label]")) part.removeAttribute("aria-label");
  addVietnamese(svg, [x?.label ?? [], y?.label ?? [], ...texts].flat());
  svg.setAttribute("y", String(top));
  return svg.outerHTML.replaceAll(/-?\d+\.\d{3,}/g, tenths);
}

/** Null is no label; where none is given, Plot finds one. */
function inEnglish({ label, ...axis }: Axis): Plot.ScaleOptions {
  return { ...axis, ...(label === undefined ? {} : { label: label === null ? null : label.en }) };
}

/** Gives what Plot has written its Vietnamese; the arrows of an axis stay. */
function addVietnamese(svg: ReturnType<typeof Plot.plot>, texts: readonly Text[]): void {
  const byEnglish = new Map(texts.map(({ en, vi }) => [en, vi]));
  for (const part of svg.querySelectorAll("text, tspan")) {
    if (part.children.length > 0) continue;
    const [, before, core, after] = /^([\s↑]*)(.*?)([\s→]*)$/s.exec(part.textContent) ?? [];
    const shown = byEnglish.get(core) ?? vietnameseTick(core);
    if (shown !== core) part.setAttribute("data-vi", `${before}${shown}${after}`);
  }
}

const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

/** A tick of Plot's time scale: `Jan`, `Jan 5`, `6 PM`; any other as it is. */
function vietnameseTick(tick: string): string {
  const [, name, rest] = /^([A-Z][a-z]{2})(?: (\d+))?$/.exec(tick) ?? [];
  const month = MONTHS.indexOf(name) + 1;
  if (month > 0) return rest === undefined ? `Thg ${month}` : `${rest} thg ${month}`;
  return tick.replace(/(^|\d )AM$/, "$1SA").replace(/(^|\d )PM$/, "$1CH");
}

/** Tenths of a pixel are finer than an eye or a printer. */
function tenths(number: string): string {
  return String(Number(Number(number).toFixed(1)));
}

/** Across the panels, between title and legend: in a low figure smaller. */
function watermarkSvg(source: Source, top: number, bottom: number): string {
  const text = watermarkOf(source);
  if (text === null) return "";
  const [x, y] = [WIDTH / 2, (top + bottom) / 2 + 20];
  const size = Math.min(88, Math.round((bottom - top) / 3));
  return `<text x="${x}" y="${y}" transform="rotate(-14 ${x} ${y})" text-anchor="middle" font-size="${size}" font-weight="bold" fill="${PALETTE.vermillion}" fill-opacity="0.15"${dataVi(text)}>${text.en}</text>`;
}

function legendSvg(items: readonly LegendItem[], y: number): string[] {
  let x = MARGIN.left;
  return items.map(({ label, colour, form }) => {
    const at = x;
    x += legendRoom(label.en);
    const mark =
      form === "square"
        ? `<rect y="-9" width="14" height="10" fill="${colour}"/>`
        : `<path d="M0,-4h16" stroke="${colour}" stroke-width="2"${form === "dashes" ? ' stroke-dasharray="4 3"' : ""}/>`;
    return `<g class="candlebook-legend" transform="translate(${at},${y})">${mark}${textElement("text", label, 'x="20"')}</g>`;
  });
}

/** The grid and axes that static panels share. */
export function utcAxis(label: Text | null = null): Axis {
  return { type: "utc", label, grid: false };
}

/** A moment of a time scale in 24 hours; at midnight the day. */
export function clockTick(instant: Date): string {
  const [, month, day, time] = /^\d+-(\d\d)-(\d\d)T(\d\d:\d\d)/.exec(instant.toISOString()) ?? [];
  return time === "00:00" ? `${month}-${day}` : time;
}

export const gridMarks = [Plot.gridY({ stroke: GRID, strokeOpacity: 1 })];

/** The grid of an axis that is marked at these values: its own rule knows other ones. */
export function gridAt(ticks: number[]): Plot.Markish[] {
  return [Plot.gridY(ticks, { stroke: GRID, strokeOpacity: 1 })];
}

/** A UTC day as the instant that a time scale wants. */
export function utc(day: string): Date {
  return new Date(`${day}T00:00:00Z`);
}
