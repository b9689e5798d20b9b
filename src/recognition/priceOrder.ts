import type { Layout, Row } from "./layout.ts";
import { countNeighbours, isExchanged } from "./neighbours.ts";

const PRICES = ["open", "high", "low", "close"] as const;
const NEARLY_ALL = 0.99;

/**
 * The order of columns that a misread file's rows have, as `--columns` takes it: the one order of the four prices by which
 * low ≤ open, close ≤ high in nearly every row, and each minute opens where the one before closed.
 * @param opens open times of the rows, null where a row has none
 * @returns null where none fits, or several do
 */
export function orderThatFits(
  { places, volumes, fields }: Layout,
  rows: readonly Row[],
  opens: readonly (number | null)[],
  number: (cell: string) => number,
): string | null {
  const own = PRICES.map((role) => places[role] as number);
  const fitting = permutations(own).filter(([open, high, low, close]) => {
    const priced = rows.flatMap(({ cells }, i) => {
      const at = opens[i];
      const [o, h, l, c] = [open, high, low, close].map((place) => number(cells[place] ?? ""));
      return at === null || Number.isNaN(o + h + l + c) ? [] : [{ at, open: o, high: h, low: l, close: c }];
    });
    const inOrder = priced.filter(
      ({ open, high, low, close }) => low <= Math.min(open, close) && high >= Math.max(open, close),
    );
    if (priced.length === 0 || inOrder.length < priced.length * NEARLY_ALL) return false;
    const exchanged = priced.map(({ open, close, ...row }) => ({ ...row, open: close, close: open }));
    return isExchanged(countNeighbours(exchanged.sort((a, b) => a.at - b.at)));
  });
  const volume =
    volumes.find(({ unit }) => unit === "base") ?? (volumes.length === 1 ? volumes[0] : undefined);
  if (fitting.length !== 1 || volume === undefined) return null;
  const names = Array.from({ length: fields }, () => "-");
  for (const [i, role] of PRICES.entries()) names[fitting[0][i]] = role;
  names[volume.place] = "volume";
  names[places.time as number] = places.timeOfDay === undefined ? "time" : "date";
  const others = { timeOfDay: "time", trades: "trades", symbol: "symbol", interval: "interval" } as const;
  for (const [role, name] of Object.entries(others)) {
    const place = places[role as keyof typeof others];
    if (place !== undefined) names[place] = name;
  }
  return names.join(",");
}

function permutations(places: readonly number[]): number[][] {
  if (places.length <= 1) return [[...places]];
  return places.flatMap((first) =>
    permutations(places.filter((place) => place !== first)).map((rest) => [first, ...rest]),
  );
}
