import { HEADER, T } from "./recognize.ts";

/** Rows of minutes whose prices are a wave around 100, times a factor; `zoneless`: their times are texts without a zone. */
export function waveRows({ from = 0, count = 60, times = 1, zoneless = false } = {}): string[] {
  return Array.from({ length: count }, (_, k) => {
    const i = from + k;
    const price = (100 + Math.sin(i / 9)) * times;
    const numbers = [price, price * 1.002, price * 0.998, price * 1.001].map((value) => value.toFixed(4));
    const time = zoneless ? new Date(T + i * 60_000).toISOString().slice(0, 19) : T + i * 60_000;
    return `${time},${numbers.join(",")},${(i % 7) + 0.5}`;
  });
}

/** A file of rows under the header. */
export const csvText = (lines: readonly string[]) => [HEADER, ...lines].join("\n");
