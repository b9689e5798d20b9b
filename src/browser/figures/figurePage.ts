import { FIGURE_CLASS } from "../../charts/html.ts";
import { inLanguage } from "../../charts/inLanguage.ts";
import type { Language } from "../../core/text.ts";
import { element } from "../dom.ts";
import { autoscaled, changesDays, visibleRange } from "./autoscale.ts";
import { layoutColours, pageScheme, traceColours } from "./darkColours.ts";
import { atDetail } from "./levelOfDetail.ts";
import type { Chart, DrawnFigure, PlotlyConfig } from "./plotlyTypes.ts";

const FIGURES = `.${FIGURE_CLASS}[data-figure]`;
const CHARTS = ".candlebook-chart";
/** The report has deflated its figures' data, in base64. */
const DEFLATED = "deflate:";

declare global {
  interface Window {
    /** Set by figures.min.js. */
    candlebook?: FigurePage;
  }
}

/**
 * The figures of a page, a notebook's or the report's: draws each one when it is close to the window, in the page's
 * colours, and scales its value axes to the days in view.
 */
export class FigurePage {
  #language: Language = "en";
  readonly #config: PlotlyConfig = {
    displaylogo: false,
    modeBarButtonsToRemove: ["select2d", "lasso2d"],
  };
  readonly #nearWindow = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) if (isIntersecting) this.#draw(target as HTMLElement);
    },
    { rootMargin: "400px" },
  );
  /** Plotly's own `responsive` sees the window only; a chart's box changes by a side panel too, or while it is hidden. */
  readonly #boxes = new ResizeObserver((entries) => {
    for (const { target, contentRect } of entries) fitted(target as Chart, contentRect.width);
  });

  /** Watches the page: JupyterLab adds and removes outputs while the reader scrolls, and can change its theme. */
  start(): void {
    const recolour = () => this.#recolour();
    new MutationObserver(() => this.#watch()).observe(document.documentElement, {
      childList: true,
      subtree: true,
    });
    window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", recolour);
    new MutationObserver(recolour).observe(document.body, { attributeFilter: ["data-jp-theme-light"] });
    this.#watch();
  }

  /** Draws every figure of the page now. */
  async drawAll(): Promise<void> {
    await Promise.all([...document.querySelectorAll<HTMLElement>(FIGURES)].map((one) => this.#draw(one)));
  }

  /** Draws figures in a language from now on, plotly's dates and buttons too; those drawn already are drawn again. */
  setLanguage(language: Language): void {
    this.#language = language;
    this.#config.locale = language;
    for (const figure of document.querySelectorAll<HTMLElement>(`${FIGURES}[data-drawn]`)) {
      const chart = figure.querySelector<HTMLElement>(CHARTS);
      if (chart !== null) {
        this.#boxes.unobserve(chart);
        window.Plotly.purge(chart);
        chart.remove();
      }
      showStill(figure, true);
      delete figure.dataset.drawn;
      this.#nearWindow.observe(figure);
    }
  }

  #watch(): void {
    for (const figure of document.querySelectorAll<HTMLElement>(`${FIGURES}:not([data-seen])`)) {
      figure.dataset.seen = "yes";
      this.#nearWindow.observe(figure);
    }
  }

  async #draw(figure: HTMLElement): Promise<void> {
    if (figure.dataset.drawn !== undefined) return;
    figure.dataset.drawn = "yes";
    this.#nearWindow.unobserve(figure);
    const place = element("div", { className: "candlebook-chart" });
    place.setAttribute("role", "group");
    place.setAttribute("aria-label", stillOf(figure)?.getAttribute("aria-label") ?? "");
    figure.append(place);
    try {
      const written: unknown = JSON.parse(await inflated(figure.dataset.figure ?? ""));
      // The language was changed meanwhile: the figure is drawn again.
      if (!place.isConnected) return;
      await this.#plot(place, inLanguage(written, this.#language) as DrawnFigure);
      showStill(figure, false);
    } catch (error) {
      place.remove();
      showStill(figure, true);
      console.error("A figure could not be drawn:", error);
    }
  }

  async #plot(place: HTMLElement, whole: DrawnFigure): Promise<void> {
    place.style.height = `${whole.layout.height}px`;
    // Until it is drawn again for a narrower box, it must not make the page wider.
    place.style.overflow = "hidden";
    const first = atView(whole);
    const scheme = pageScheme();
    const chart = await window.Plotly.newPlot(
      place,
      traceColours(first.data, scheme),
      layoutColours(first.layout, scheme),
      this.#config,
    );
    chart.on("plotly_relayout", (change) => {
      if (!changesDays(change) || !chart.layout.meta?.autoscale) return;
      const { data, layout } = atView({ data: whole.data, layout: chart.layout });
      window.Plotly.react(chart, traceColours(data, pageScheme()), layout, this.#config);
    });
    this.#boxes.observe(chart);
  }

  #recolour(): void {
    const scheme = pageScheme();
    for (const chart of document.querySelectorAll<Chart>(CHARTS)) {
      const { data, layout } = chart;
      window.Plotly.react(chart, traceColours(data, scheme), layoutColours(layout, scheme), this.#config);
    }
  }
}

/** A figure with the traces and the axes that suit the days in view. */
function atView({ data, layout }: DrawnFigure): DrawnFigure {
  const detailed = atDetail(data, layout, visibleRange(layout, data));
  return { data: detailed, layout: autoscaled({ data: detailed, layout }) };
}

/** Draws a chart again where its drawing is not as wide as its box, in pixels; 0 is a hidden box. */
function fitted(chart: Chart, width: number): void {
  const drawn = chart.querySelector(".main-svg")?.getBoundingClientRect().width ?? 0;
  if (width > 0 && Math.abs(drawn - width) >= 1) window.Plotly.Plots.resize(chart);
}

function stillOf(figure: HTMLElement): HTMLElement | null {
  return figure.querySelector<HTMLElement>(".candlebook-static");
}

function showStill(figure: HTMLElement, shown: boolean): void {
  const still = stillOf(figure);
  if (still !== null) still.style.display = shown ? "" : "none";
}

/** A figure's JSON. */
async function inflated(text: string): Promise<string> {
  if (!text.startsWith(DEFLATED)) return text;
  const bytes = Uint8Array.from(atob(text.slice(DEFLATED.length)), (one) => one.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return new Response(stream).text();
}
