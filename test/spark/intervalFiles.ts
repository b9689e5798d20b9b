import { HOUR_MS, MINUTE_MS } from "../../src/time/epoch.ts";

const HEADER =
  "open_time,open,high,low,close,volume,close_time,quote_volume,trades,taker_base,taker_quote,ignore";
const START = Date.parse("2025-06-02T00:00:00Z");

/** A candle of the exchange's form; prices and amounts have digits that no order of a sum of doubles keeps. */
function line(open: number, length: number, salt: number): string {
  const i = (open - START) / length + salt;
  const price = 100 + (i % 17) / 7;
  const volume = (((i * 7919) % 1009) + 1) / 8;
  const quote = (volume * price).toFixed(8);
  const cells = [open, price, price + 1.5, price - 1.25, price + 0.5, volume.toFixed(8), open + length - 1];
  return [...cells, quote, (i * 31) % 977, (volume / 3).toFixed(8), (Number(quote) / 3).toFixed(8), 0].join();
}

const lines = (count: number, length: number, salt: number, skip: (i: number) => boolean = () => false) =>
  Array.from({ length: count }, (_, i) => i)
    .filter((i) => !skip(i))
    .map((i) => line(START + i * length, length, salt));

/**
 * Minutes with gaps, hours and days of one symbol; hours of another, with repeats, a row that contradicts one and one that
 * breaks a rule; days of a third, without the amounts.
 */
export function intervalFiles(): { name: string; text: string }[] {
  const inGap = (i: number) => (i >= 400 && i < 520) || i % 701 === 0;
  const hours = lines(24 * 9, HOUR_MS, 3, (i) => i % 50 === 7);
  const odd = [
    hours[5],
    hours[9].replace(/,[\d.]+,(\d+),[\d.]+,/, ",99.5,$1,9900,"),
    hours[11].replace(",", ",x"),
  ];
  const short = (text: string) => text.split(",").slice(0, 6).join();
  return [
    { name: "MIXUSDT-1m.csv", text: [HEADER, ...lines(3 * 1440, MINUTE_MS, 0, inGap)].join("\n") },
    { name: "MIXUSDT-1h.csv", text: [HEADER, ...lines(24 * 5, HOUR_MS, 1, (i) => i === 30)].join("\n") },
    { name: "MIXUSDT-1d.csv", text: [HEADER, ...lines(40, 24 * HOUR_MS, 2)].join("\n") },
    { name: "HOURUSDT-1h.csv", text: [HEADER, ...hours, ...odd].join("\n") },
    {
      name: "DAYUSDT-1d.csv",
      text: [short(HEADER), ...lines(70, 24 * HOUR_MS, 5, (i) => i === 33).map(short)].join("\n"),
    },
  ];
}
