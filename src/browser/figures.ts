import { FigurePage } from "./figures/figurePage.ts";

// Entry point of figures.min.js, in notebooks and in the report. JupyterLab may run it once for each kernel.
if (window.candlebook === undefined) {
  window.candlebook = new FigurePage();
  window.candlebook.start();
}
