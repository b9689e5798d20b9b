import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import type { Source } from "../candle/candle.ts";
import { escapeMarkup } from "./escape.ts";
import { legendRoom } from "./legend.ts";
import { FAINT, FONT, GRID, INK, PALETTE, PAPER, sourceLine, WIDTH, watermarkOf } from "./theme.ts";

const MARGIN = { left: 74, right: 24 };
const HEAD = 56;
const FOOT = 58;

export interface LegendItem {
  label: string;
  colour: string;
  /** A line, dashed or not, or a filled square. */
  form: "line" | "dashes" | "square";
}

export interface StaticFigure {
  title: string;
  subtitle?: string;
  alt: string;
  source: Source;
  /** From top to bottom; all are `WIDTH` wide and share their margins. */
  panels: Plot.PlotOptions[];
  legend?: LegendItem[];
}

/** An SVG document from panels: title above, legend, source and watermark. */
export function svgDocument({ title, subtitle, alt, source, panels, legend = [] }: StaticFigure): string {
  const heights = panels.map((panel) => panel.height ?? 300);
  const tops = heights.map((_, i) => HEAD + heights.slice(0, i).reduce((a, b) => a + b, 0));
  const height = HEAD + heights.reduce((a, b) => a + b, 0) + FOOT;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img"`,
    ` font-family="${FONT}" font-size="11" color="${INK}" fill="${INK}" style="width:100%;height:auto">`,
    `<title>${escapeMarkup(title)}</title><desc>${escapeMarkup(alt)}</desc>`,
    `<rect width="${WIDTH}" height="${height}" fill="${PAPER}"/>`,
    `<text x="${MARGIN.left}" y="24" font-size="16" font-weight="bold">${escapeMarkup(title)}</text>`,
    `<text x="${MARGIN.left}" y="43" font-size="12" fill="${FAINT}">${escapeMarkup(subtitle ?? "")}</text>`,
    ...panels.map((panel, i) => panelSvg(panel, tops[i])),
    watermarkSvg(source, HEAD, height - FOOT),
    ...legendSvg(legend, height - 34),
    `<text x="${WIDTH - MARGIN.right}" y="${height - 12}" text-anchor="end" font-size="10"`,
    ` fill="${source === "simulated" ? PALETTE.vermillion : FAINT}">${sourceLine(source)}</text>`,
    `</svg>`,
  ].join("");
}

function panelSvg(options: Plot.PlotOptions, top: number): string {
  const { document } = parseHTML("<!doctype html><html><body></body></html>");
  const svg = Plot.plot({
    width: WIDTH,
    marginLeft: MARGIN.left,
    marginRight: MARGIN.right,
    style: { fontFamily: FONT, fontSize: "11px" },
    ...options,
    document: document as never,
  });
  // Renderers without CSS selectors (PNG) would complain; all that matters stands in attributes.
  for (const style of svg.querySelectorAll("style")) style.remove();
  svg.removeAttribute("style");
  // The whole picture has one description; names of its strokes ("line") would only be in the listener's way.
  for (const part of svg.querySelectorAll("[aria-label]")) part.removeAttribute("aria-label");
  svg.setAttribute("y", String(top));
  return svg.outerHTML.replaceAll(/-?\d+\.\d{3,}/g, tenths);
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
  return `<text x="${x}" y="${y}" transform="rotate(-14 ${x} ${y})" text-anchor="middle" font-size="${size}" font-weight="bold" fill="${PALETTE.vermillion}" fill-opacity="0.15">${text}</text>`;
}

function legendSvg(items: readonly LegendItem[], y: number): string[] {
  let x = MARGIN.left;
  return items.map(({ label, colour, form }) => {
    const at = x;
    x += legendRoom(label);
    const mark =
      form === "square"
        ? `<rect y="-9" width="14" height="10" fill="${colour}"/>`
        : `<path d="M0,-4h16" stroke="${colour}" stroke-width="2"${form === "dashes" ? ' stroke-dasharray="4 3"' : ""}/>`;
    return `<g class="candlebook-legend" transform="translate(${at},${y})">${mark}<text x="20">${escapeMarkup(label)}</text></g>`;
  });
}

/** The grid and axes that static panels share. */
export function utcAxis(label: string | null = null): Plot.ScaleOptions {
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
