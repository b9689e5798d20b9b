import { displayBundle } from "./display.ts";
import { DISPLAY, type Figure, type FigureParts } from "./figure.ts";

/** A figure that kernels can display. */
export function makeFigure(parts: FigureParts): Figure {
  return { ...parts, [DISPLAY]: () => displayBundle(parts) };
}
