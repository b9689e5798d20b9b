// Runs in the page: a notebook's or the report's. Draws each figure as it comes into view, in the page's colours,
// and keeps the price axis fitted to the days in view.
import { fitted, inView, logMarks } from "./fit.js";
import { CHALK, INK, inked } from "./ink.js";
import { folded } from "./levels.js";

const PACKED = "deflate:";
const FIGURES = ".candlebook-figure[data-figure]";
const [FAINT, PALE] = ["#6b6b6b", "#a6a6a6"];
let translate = (figure) => figure;
const config = { displaylogo: false, responsive: true, modeBarButtonsToRemove: ["select2d", "lasso2d"] };

if (!window.candlebook) {
  window.candlebook = { drawAll, speak };
  // JupyterLab puts outputs in and takes them out as the reader scrolls, so figures are looked for all the time.
  new MutationObserver(watch).observe(document.documentElement, { childList: true, subtree: true });
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", recolour);
  // JupyterLab tells its theme here.
  new MutationObserver(recolour).observe(document.body, { attributeFilter: ["data-jp-theme-light"] });
  watch();
}

function watch() {
  for (const figure of document.querySelectorAll(`${FIGURES}:not([data-seen])`)) {
    figure.dataset.seen = "yes";
    observer().observe(figure);
  }
}

let seen;
function observer() {
  seen ??= new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) if (isIntersecting) draw(target);
    },
    { rootMargin: "400px" },
  );
  return seen;
}

async function draw(figure) {
  if (figure.dataset.drawn) return;
  figure.dataset.drawn = "yes";
  seen?.unobserve(figure);
  const still = figure.querySelector(".candlebook-static");
  const chart = document.createElement("div");
  chart.className = "candlebook-chart";
  chart.setAttribute("role", "group");
  chart.setAttribute("aria-label", still?.getAttribute("aria-label") ?? "");
  figure.append(chart);
  try {
    const text = await unpacked(figure.dataset.figure);
    // The language was changed meanwhile: the figure is drawn anew.
    if (!chart.isConnected) return;
    const { data, layout } = translate(JSON.parse(text));
    chart.style.height = `${layout.height}px`;
    const first = atView(data, layout, { "xaxis.range": true });
    await window.Plotly.newPlot(
      chart,
      inked(first.data, isDark()),
      { ...first.layout, ...colours(first.layout) },
      config,
    );
    if (still) still.style.display = "none";
    chart.on("plotly_relayout", (change) => {
      const next = atView(data, chart.layout, change);
      if (next !== null) window.Plotly.react(chart, inked(next.data, isDark()), next.layout, config);
    });
  } catch (error) {
    chart.remove();
    if (still) still.style.display = "";
    console.error("A figure could not be drawn:", error);
  }
}

/** A figure's JSON, which the report has deflated. */
async function unpacked(text) {
  if (!text.startsWith(PACKED)) return text;
  const bytes = Uint8Array.from(atob(text.slice(PACKED.length)), (one) => one.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return new Response(stream).text();
}

/** Data and layout for the days in view, or null where the reader changed something else. */
function atView(data, layout, change) {
  const light = folded(data, layout, inView(layout, data));
  const ranges = fitted(light, layout, change);
  if (ranges === null) return change["xaxis.range"] === true ? { data, layout } : null;
  return { data: light, layout: withRanges(layout, ranges) };
}

function withRanges(layout, ranges) {
  const changed = { ...layout };
  for (const [key, range] of Object.entries(ranges)) {
    const axis = key.replace(".range", "");
    changed[axis] = { ...layout[axis], range, autorange: false, ...logMarks(layout[axis], range) };
  }
  return changed;
}

function drawAll() {
  return Promise.all([...document.querySelectorAll(FIGURES)].map(draw));
}

/** From now on figures are drawn in another language; those that are drawn already are drawn again. */
function speak(translator, locale) {
  translate = translator ?? ((figure) => figure);
  config.locale = locale;
  for (const figure of document.querySelectorAll(`${FIGURES}[data-drawn]`)) {
    const chart = figure.querySelector(".candlebook-chart");
    if (chart !== null) {
      window.Plotly.purge(chart);
      chart.remove();
    }
    const still = figure.querySelector(".candlebook-static");
    if (still) still.style.display = "";
    delete figure.dataset.drawn;
    observer().observe(figure);
  }
}

function recolour() {
  for (const chart of document.querySelectorAll(".candlebook-chart")) {
    window.Plotly.react(
      chart,
      inked(chart.data, isDark()),
      { ...chart.layout, ...colours(chart.layout) },
      config,
    );
  }
}

/** The layout's colours for the page: figures are made for a light one. */
function colours(layout) {
  const dark = isDark();
  const ink = dark ? CHALK : INK;
  const grid = dark ? "#3d3d3d" : "#e4e4e4";
  const changes = { paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)" };
  changes.font = { ...layout.font, color: ink };
  changes.annotations = faint(layout.annotations);
  changes.shapes = faint(layout.shapes);
  for (const name of Object.keys(layout).filter((key) => /^[xy]axis\d*$/.test(key))) {
    changes[name] = { ...layout[name], gridcolor: grid, linecolor: grid, zerolinecolor: grid };
    const { rangeselector } = layout[name];
    if (rangeselector) {
      const [bgcolor, activecolor] = dark ? ["#2b323a", "#4a5560"] : ["#eeeeee", "#d4d4d4"];
      changes[name].rangeselector = { ...rangeselector, bgcolor, activecolor };
    }
  }
  return changes;
}

/** Notes and rules in the faint grey, which a dark page swallows, in a lighter one there. */
function faint(parts = []) {
  const [from, to] = isDark() ? [FAINT, PALE] : [PALE, FAINT];
  const swapped = (style) => (style?.color === from ? { ...style, color: to } : style);
  return parts.map((part) => ({
    ...part,
    ...(part.font && { font: swapped(part.font) }),
    ...(part.line && { line: swapped(part.line) }),
    ...(part.label && { label: { ...part.label, font: swapped(part.label.font) } }),
  }));
}

function isDark() {
  const jupyter = document.body?.dataset.jpThemeLight;
  if (jupyter !== undefined) return jupyter === "false";
  return window.matchMedia("(prefers-color-scheme: dark)").matches;
}
