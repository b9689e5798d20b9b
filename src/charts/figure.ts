import type { Source } from "../candle/candle.ts";
import type { Text } from "../core/text.ts";

/** A plotly trace or layout: what JSON can say, its words as texts, of which `inLanguage` selects one language. */
export interface PlotlyPart {
  name?: Text;
  text?: Text | readonly (Text | readonly Text[])[];
  title?: { text: Text; [property: string]: unknown };
  [property: string]: unknown;
}

export interface PlotlySpec {
  data: PlotlyPart[];
  layout: PlotlyPart;
}

/** What a builder says of a figure. */
export interface FigureParts {
  /** Letters, digits and `-`: names files and anchors. */
  id: string;
  title: Text;
  /** What the picture shows, with its main figures, for those who can't see it. */
  alt: Text;
  source: Source;
  interactive: PlotlySpec;
  /** The static form: an SVG document, `WIDTH` pixels wide. */
  svg: () => string;
}

/** The options of a figure that needs no others. */
export interface FigureOptions {
  /** Whose prices these are; the tables' manifest and the stages' results say it. */
  source: Source;
}

/** The options of a figure of one symbol. */
export interface SymbolOptions extends FigureOptions {
  /** Needed where the rows hold several. */
  symbol?: string;
}

/** The method that Jupyter kernels look for. */
export const DISPLAY: unique symbol = Symbol.for("Jupyter.display") as never;

/** A picture in two forms: plotly's traces and layout, and an SVG document. Jupyter kernels display it as it is. */
export interface Figure extends FigureParts {
  /** Mime type → content: the protocol of Deno's kernel. */
  [DISPLAY]: () => Record<string, string>;
}

export function isFigure(value: unknown): value is Figure {
  return typeof value === "object" && value !== null && DISPLAY in value && "interactive" in value;
}
