import { inputError } from "../core/errors.ts";
import { type Evidence, ofRows } from "./evidence.ts";
import type { KnownOfText } from "./known.ts";
import { type Layout, type Row, shortened } from "./layout.ts";
import { countNeighbours, isExchanged, type PricedRow } from "./neighbours.ts";

const PRICES = ["open", "high", "low", "close"] as const;
const NEARLY_ALL = 0.99;

/**
 * The order of columns that a misread file's rows have, as `--columns` names it: the one order of the four prices by which
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
    const inOrder = priced.filter((row) => !breaksOrder(row));
    if (priced.length === 0 || inOrder.length < priced.length * NEARLY_ALL) return false;
    const exchanged = priced.map(({ open, close, ...row }) => ({ ...row, open: close, close: open }));
    return isExchanged([countNeighbours(exchanged.sort((a, b) => a.at - b.at))]);
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

/** Whether prices break the rule low ≤ open, close ≤ high. */
export function breaksOrder({ open, high, low, close }: Omit<PricedRow, keyof Row>): boolean {
  return low > Math.min(open, close) || high < Math.max(open, close);
}

/**
 * The evidence of the columns: what states them, and the rows that keep the order of prices.
 * @param fitting the one order of columns that fits, or null
 * @throws CandlebookError `misread_columns` where most rows of the sample break the order of prices
 */
export function checkOrder(
  known: KnownOfText,
  layout: Layout,
  rows: readonly PricedRow[],
  fitting: () => string | null,
): Evidence[] {
  const broken = rows.filter(breaksOrder);
  if (broken.length >= 2 && broken.length > rows.length / 2 && !known.stated.acceptRejects) {
    const rule = "low ≤ open, close ≤ high";
    const { code, message, next } = misreadColumns(
      known.where,
      broken[0],
      ofRows(broken.length, rows.length),
      rule,
    );
    const order = whereReadable(fitting);
    throw inputError(code, message, order === null ? next : `One order fits: --columns ${order}. ${next}`);
  }
  const names = ["time", "open", "high", "low", "close"] as const;
  const answer = names.map((role) => `${role} ${(layout.places[role] as number) + 1}`).join(", ");
  const stated = { question: "columns" as const, answer, grade: "stated" as const, by: layout.by };
  const by = `low ≤ open, close ≤ high in ${ofRows(rows.length - broken.length, rows.length)}`;
  const shown: Evidence =
    rows.length > 0 ? { ...stated, grade: "shown", by } : { ...stated, grade: "assumed" };
  return layout.by === "the number of columns" ? [shown] : [stated, shown];
}

/** The order that fits, where the times can be read; an error of the times has its own refusal later. */
function whereReadable(fitting: () => string | null): string | null {
  try {
    return fitting();
  } catch {
    return null;
  }
}

/** The refusal of a file of which too many rows break a rule of shape. */
export function misreadColumns(
  where: string,
  row: { line: number; text: string },
  broken: string,
  rule: string,
) {
  return inputError(
    "misread_columns",
    `${where}, line ${row.line}: "${shortened(row.text)}" breaks the rule ${rule}, as ${broken} do: more than 1 %, so the form was misread.`,
    "Name the columns: --columns time,open,high,low,close,volume. To take the file all the same and reject those rows: --accept-rejects.",
  );
}
