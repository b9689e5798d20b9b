import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import type { Source } from "../candle/candle.ts";
import { numberIn } from "../core/numbers.ts";
import { joined, LANGUAGES, sameText, type Text, textOf } from "../core/text.ts";
import { type Axis, type Description, isTime, type Mark, type Panel, valuesOf } from "./description.ts";
import { dataVi, escapeMarkup } from "./escape.ts";
import { LEGEND_ROW, legendPlaces } from "./legend.ts";
import { logTicks } from "./logTicks.ts";
import { DASHES, extentOf, onScale, type StillAxes, stillMark } from "./staticMarks.ts";
import {
  FAINT,
  FONT,
  formatCompact,
  formatPrice,
  GRID,
  INK,
  PALETTE,
  PAPER,
  sourceLine,
  WIDTH,
  watermarkOf,
} from "./theme.ts";

const MARGIN = { left: 74, right: 24 };
const HEAD = 56;
const FOOT = 58;
/** A panel lower than that has few labels, pixels. */
const LOW = 100;

/** The still form of a figure: an SVG document, title above, legend, source and watermark. */
export function svgDocument(description: Description): string {
  const { title, subtitle, alt, source } = description;
  const sourceText = sourceLine(source);
  const panels = description.panels.map((panel) => stillPanel(description, panel));
  const tops = panels.map((_, i) => HEAD + panels.slice(0, i).reduce((sum, { height }) => sum + height, 0));
  const legend = description.panels.flatMap(({ marks }) => marks.flatMap(legendOf));
  const foot = FOOT + LEGEND_ROW * moreRows(legend);
  const height = HEAD + panels.reduce((sum, panel) => sum + panel.height, 0) + foot;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img"`,
    ` font-family="${FONT}" font-size="11" color="${INK}" fill="${INK}" style="width:100%;height:auto">`,
    `${textElement("title", title)}${textElement("desc", alt)}`,
    `<rect width="${WIDTH}" height="${height}" fill="${PAPER}"/>`,
    textElement("text", title, `x="${MARGIN.left}" y="24" font-size="16" font-weight="bold"`),
    textElement("text", subtitle, `x="${MARGIN.left}" y="43" font-size="12" fill="${FAINT}"`),
    ...panels.map((panel, i) => panelSvg(panel, tops[i])),
    watermarkSvg(source, HEAD, height - foot),
    ...legendSvg(legend, height - foot + 24),
    `<text x="${WIDTH - MARGIN.right}" y="${height - 12}" text-anchor="end" font-size="10"`,
    ` fill="${source === "simulated" ? PALETTE.vermillion : FAINT}"${dataVi(sourceText)}>${escapeMarkup(sourceText.en)}</text>`,
    `</svg>`,
  ].join("");
}

function textElement(name: string, text: Text, attributes = ""): string {
  return `<${[name, attributes].join(" ").trim()}${dataVi(text)}>${escapeMarkup(text.en)}</${name}>`;
}

/** A panel as Plot draws it. Plot knows one language: `texts` are those that it writes in English. */
interface StillPanel {
  height: number;
  options: Plot.PlotOptions;
  texts: Text[];
}

function stillPanel(description: Description, panel: Panel): StillPanel {
  const { x = description.x, y, marks } = panel;
  const sharing = description.panels.filter((one) => one.x === panel.x);
  const isLast = panel.x !== undefined || sharing[sharing.length - 1] === panel;
  const label = panel.title && y?.label ? joined([panel.title, y.label], ", ") : y?.label;
  const margins = {
    marginTop: label ? 24 : 4,
    marginBottom: isLast ? (x.label ? 44 : 34) : 4,
    marginLeft: Math.max(MARGIN.left, 20 + 6.6 * longest(y?.names)),
    marginRight: MARGIN.right,
  };
  const height = margins.marginTop + panel.height + margins.marginBottom;
  const domain = x.domain?.map((place) => +onScale(x, place)) ?? domainOf(sharing);
  const width = WIDTH - margins.marginLeft - margins.marginRight;
  const axes: StillAxes = { x, y: y ?? STRIP, ends: [domain[0], domain[1]], width };
  const texts = [x.label ?? [], label ?? [], x.names ?? [], y?.names ?? [], marks.flatMap(textsOf)].flat();
  /** Plot writes the English; what it has written is given its Vietnamese afterwards. */
  const written = (text: Text) => {
    texts.push(text);
    return text.en;
  };
  return {
    height,
    options: {
      ...margins,
      height,
      x: { ...xScale(x, isLast, written), domain: domain.map((end) => onScale(x, end)) },
      y:
        y === null
          ? { axis: null, domain: [0, 1] }
          : yScale(panel, { axis: y, label: label ?? null, written }),
      marks: [...grid(panel), ...marks.flatMap((mark) => stillMark(mark, axes))],
    },
    texts,
  };
}

const STRIP: Axis = { kind: "number" };

function longest(names: readonly Text[] = []): number {
  return names.reduce((most, { en }) => Math.max(most, en.length), 0);
}

/** From the least to the greatest that the marks of these panels cover. */
function domainOf(panels: readonly Panel[]): number[] {
  const ends = panels.flatMap(({ marks }) => marks.flatMap(extentOf));
  return [Math.min, Math.max].map((end) => ends.reduce((a, b) => end(a, b), ends[0] ?? 0));
}

/** What Plot writes of a mark. */
function textsOf(mark: Mark): Text[] {
  if (mark.kind === "rules") return mark.note ? [mark.note] : [];
  return mark.kind === "rowBars" ? mark.bars.flatMap(({ note }) => note ?? []) : [];
}

type Writing = (text: Text) => string;

function xScale(axis: Axis, isShown: boolean, written: Writing): Plot.ScaleOptions {
  return {
    ...(isShown ? { label: axis.label?.en ?? null } : { axis: null }),
    ...(isTime(axis) ? timeScale(axis) : { type: "linear", ...ticksOf(axis, written) }),
  };
}

function yScale(
  { height, marks }: Panel,
  { axis, label, written }: { axis: Axis; label: Text | null; written: Writing },
): Plot.ScaleOptions {
  const scale = { label: label?.en ?? null, ...(axis.domain && { domain: [...axis.domain] }) };
  if (isTime(axis)) return { ...scale, ...timeScale(axis) };
  if (axis.names) {
    return { ...scale, domain: [axis.names.length - 0.5, -0.5], tickSize: 0, ...ticksOf(axis, written) };
  }
  const ticks = axis.kind === "log" ? logTicks(marks.flatMap(valuesOf)) : height < LOW ? 3 : undefined;
  return {
    ...scale,
    type: axis.kind === "log" ? "log" : "linear",
    zero: axis.zero ?? false,
    ticks,
    tickFormat: (tick: number) => written(FORMATS[axis.format ?? "plain"](tick)),
  };
}

/** Of minutes in 24 hours, at midnight the day; of days as Plot has it. */
function timeScale({ kind }: Axis): Plot.ScaleOptions {
  return { type: "utc", grid: false, ...(kind === "minute" ? { tickFormat: clockTick } : {}) };
}

function clockTick(instant: Date): string {
  const [, month, day, time] = /^\d+-(\d\d)-(\d\d)T(\d\d:\d\d)/.exec(instant.toISOString()) ?? [];
  return time === "00:00" ? `${month}-${day}` : time;
}

function ticksOf({ ticks, names, format }: Axis, written: Writing): Plot.ScaleOptions {
  const tickFormat = (tick: number) => written(names?.[tick] ?? FORMATS[format ?? "plain"](tick));
  return { ticks: ticks === undefined ? names?.map((_, i) => i) : [...ticks], tickFormat };
}

const FORMATS = {
  price: formatPrice,
  compact: formatCompact,
  percent: formatPlain,
  plain: formatPlain,
  year: (year: number) => sameText(String(year)),
};

/** A round number with the digits that it has. */
function formatPlain(value: number): Text {
  return textOf((language) => numberIn(language, Number(value.toPrecision(6))));
}

function grid({ y, marks }: Panel): Plot.Markish[] {
  const stroke = { stroke: GRID, strokeOpacity: 1 };
  if (marks.some(({ kind }) => kind === "cells")) return [Plot.frame({ stroke: GRID })];
  if (y === null) return [];
  if (y.names) return [Plot.gridX(stroke)];
  // Its own rule for a logarithmic grid knows other values than its labels.
  return [y.kind === "log" ? Plot.gridY(logTicks(marks.flatMap(valuesOf)), stroke) : Plot.gridY(stroke)];
}

function panelSvg({ options, texts }: StillPanel, top: number): string {
  const { document } = parseHTML("<!doctype html><html><body></body></html>");
  const style = { fontFamily: FONT, fontSize: "11px" };
  const svg = Plot.plot({ width: WIDTH, style, ...options, document: document as never });
  // Renderers without CSS selectors (PNG) would complain; all that matters is in attributes.
  for (const style of svg.querySelectorAll("style")) style.remove();
  svg.removeAttribute("style");
  // The whole picture has one description; names of its strokes ("line") would only be in the listener's way.
  for (const part of svg.querySelectorAll("[aria-label]")) part.removeAttribute("aria-label");
  addVietnamese(svg, texts);
  svg.setAttribute("y", String(top));
  return svg.outerHTML.replaceAll(MARKUP, (part: string, text?: string) => text ?? tenths(part));
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

/** Texts, whose numbers stay as they are, and numbers of attributes with more digits than a picture needs. */
const MARKUP = /( data-vi="[^"]*"|>[^<]+<)|-?\d+\.\d{3,}/g;

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

interface LegendItem {
  label: Text;
  colour: string;
  form: "line" | keyof typeof DASHES | "square";
  opacity?: number;
}

function legendOf(mark: Mark): LegendItem[] {
  if (mark.kind === "candles") return [];
  const listed = (mark.kind === "cells" ? mark.kinds : [mark]).filter(
    (one) => !("unlisted" in one && one.unlisted),
  );
  return listed.flatMap(({ label, colour }) => (label ? { label, colour, ...formOf(mark) } : []));
}

function formOf(mark: Mark): Pick<LegendItem, "form" | "opacity"> {
  if (mark.kind === "line" || mark.kind === "rules") return { form: mark.dash ?? "line" };
  return { form: "square", ...("opacity" in mark ? { opacity: mark.opacity } : {}) };
}

/** @param top of the first row */
function legendSvg(items: readonly LegendItem[], top: number): string[] {
  const places = legendPlaces(items.map(({ label }) => label.en));
  return items.map(({ label, colour, form, opacity = 1 }, i) => {
    const [x, y] = [MARGIN.left + places[i].x, top + places[i].row * LEGEND_ROW];
    const mark =
      form === "square"
        ? `<rect y="-9" width="14" height="10" fill="${colour}"${opacity === 1 ? "" : ` fill-opacity="${opacity}"`}/>`
        : `<path d="M0,-4h16" stroke="${colour}" stroke-width="2"${form === "line" ? "" : ` stroke-dasharray="${DASHES[form]}"`}/>`;
    return `<g class="candlebook-legend" transform="translate(${x},${y})">${mark}${textElement("text", label, 'x="20"')}</g>`;
  });
}

/** Rows that a legend needs below its first one, in the language that needs more. */
function moreRows(items: readonly LegendItem[]): number {
  const rows = LANGUAGES.flatMap((one) => legendPlaces(items.map(({ label }) => label[one])));
  return Math.max(0, ...rows.map(({ row }) => row));
}
