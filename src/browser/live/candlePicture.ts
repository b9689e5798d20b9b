import { formatNumber } from "../../charts/theme.ts";
import type { LiveMinute } from "../../live/picture.ts";
import { type EpochMs, toIso } from "../../time/epoch.ts";
import { svgElement } from "../dom.ts";
import {
  type FoldedMinutes,
  foldMinutes,
  type MinuteCandle,
  priceMarks,
  timeMarks,
} from "./minuteCandles.ts";

/** Sizes in the picture's own units: margins, the height for prices, the height for volumes below them. */
const [WIDTH, HEIGHT] = [720, 300];
const [LEFT, RIGHT, TOP, BOTTOM] = [24, 84, 8, 22];
const [PRICES, VOLUMES] = [218, 44];

/** Draws minutes as candles with their volume, several minutes in one candle where there are many. */
export function drawCandles(svg: SVGElement, minutes: readonly LiveMinute[]): void {
  svg.setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT}`);
  svg.replaceChildren();
  if (minutes.length > 0) new CandlePicture(svg, foldMinutes(minutes)).draw();
}

class CandlePicture {
  readonly #svg: SVGElement;
  readonly #folded: FoldedMinutes;
  readonly #low: number;
  readonly #high: number;
  readonly #mostVolume: number;
  /** The width of one candle's place. */
  readonly #slot: number;

  constructor(svg: SVGElement, folded: FoldedMinutes) {
    const { candles, step, from, to } = folded;
    this.#svg = svg;
    this.#folded = folded;
    this.#low = Math.min(...candles.map(({ low }) => low));
    this.#high = Math.max(...candles.map(({ high }) => high));
    this.#mostVolume = Math.max(...candles.map(({ volume }) => volume)) || 1;
    this.#slot = ((WIDTH - LEFT - RIGHT) * step) / (to - from);
  }

  draw(): void {
    this.#drawPrices();
    this.#drawTimes();
    for (const candle of this.#folded.candles) this.#drawCandle(candle);
  }

  #xOf(time: number): number {
    return LEFT + ((time - this.#folded.from) / this.#folded.step) * this.#slot;
  }

  #yOf(price: number): number {
    const [low, high] = [this.#low, this.#high];
    const padding = high === low ? Math.abs(high) * 0.001 || 1 : (high - low) * 0.05;
    return TOP + ((high + padding - price) / (high - low + 2 * padding)) * PRICES;
  }

  #drawPrices(): void {
    const { marks, digits } = priceMarks(this.#low, this.#high);
    for (const price of marks) {
      const y = this.#yOf(price);
      const label = svgElement("text", { x: WIDTH - RIGHT + 6, y: y + 4 });
      label.textContent = formatNumber(price, digits).en;
      this.#svg.append(
        svgElement("line", { class: "grid", x1: LEFT, x2: WIDTH - RIGHT, y1: y, y2: y }),
        label,
      );
    }
  }

  #drawTimes(): void {
    for (const time of timeMarks(this.#folded.from, this.#folded.to)) {
      const x = this.#xOf(time);
      const anchor = x < LEFT + this.#slot ? "start" : "middle";
      const label = svgElement("text", { x, y: HEIGHT - 6, "text-anchor": anchor });
      label.textContent = toIso(time as EpochMs).slice(11, 16);
      this.#svg.append(label);
    }
  }

  #drawCandle({ time, open, high, low, close, volume }: MinuteCandle): void {
    const middle = this.#xOf(time) + this.#slot / 2;
    const width = Math.max(1, this.#slot * 0.7);
    const x = middle - width / 2;
    const [upper, lower] = [this.#yOf(Math.max(open, close)), this.#yOf(Math.min(open, close))];
    const group = svgElement("g", { class: close >= open ? "rising" : "falling" });
    group.append(
      svgElement("line", { x1: middle, x2: middle, y1: this.#yOf(high), y2: this.#yOf(low) }),
      svgElement("rect", { x, y: upper, width, height: Math.max(1, lower - upper) }),
    );
    const height = (volume / this.#mostVolume) * VOLUMES;
    this.#svg.append(
      group,
      svgElement("rect", { class: "volume", x, y: HEIGHT - BOTTOM - height, width, height }),
    );
  }
}
