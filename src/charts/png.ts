import { createRequire } from "node:module";
import { join } from "node:path";
import { Resvg } from "@resvg/resvg-js";
import type { FigureParts } from "./figure.ts";
import { PAPER, WIDTH } from "./theme.ts";

const fontsFolder = () =>
  join(createRequire(import.meta.url).resolve("dejavu-fonts-ttf/package.json"), "..", "ttf");

/**
 * A figure's static form as PNG. The fonts are part of the project: the picture is the same on every machine.
 * @param scale pixels of the picture by pixel of the figure; 2 suits print and fine screens
 */
export function toPng(figure: Pick<FigureParts, "svg">, scale = 2): Uint8Array {
  const fonts = ["DejaVuSans.ttf", "DejaVuSans-Bold.ttf"].map((name) => join(fontsFolder(), name));
  const picture = new Resvg(figure.svg(), {
    background: PAPER,
    fitTo: { mode: "width", value: WIDTH * scale },
    font: { loadSystemFonts: false, fontFiles: fonts, defaultFontFamily: "DejaVu Sans" },
  });
  return picture.render().asPng();
}
