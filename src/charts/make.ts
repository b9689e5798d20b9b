import type { Description } from "./description.ts";
import { displayBundle } from "./display.ts";
import { DISPLAY, type Figure } from "./figure.ts";
import { plotlySpec } from "./plotly.ts";
import { svgDocument } from "./static.ts";

/**
 * A figure that kernels can display, in both its forms.
 * @param still what the still form shows, where a picture of fixed size shows less than the interactive form
 */
export function makeFigure(description: Description, still: Description = description): Figure {
  const { id, title, alt, source } = description;
  const interactive = plotlySpec(description);
  const parts = { id, title, alt, source, interactive, svg: () => svgDocument(still) };
  return { ...parts, [DISPLAY]: () => displayBundle(parts) };
}
