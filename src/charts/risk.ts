import { en, joined, type Text } from "../core/text.ts";
import type { RiskRow } from "../risk/riskRows.ts";
import type { SymbolRisk } from "../risk/symbolRisk.ts";
import { everyDay } from "./dayLines.ts";
import type { LineMark, Mark, PointsMark } from "./description.ts";
import { slug } from "./escape.ts";
import type { Figure, FigureOptions } from "./figure.ts";
import { makeFigure } from "./make.ts";
import { FAINT, PALETTE } from "./theme.ts";

const DAYS = 365;
const CHANGE = { en: "change of the close, %", vi: "thay đổi giá đóng, %" };
const SIGMA = { en: "standard deviation of the next day, %", vi: "độ lệch chuẩn của ngày kế tiếp, %" };
const LEVELS = [
  { level: 95, colour: PALETTE.orange },
  { level: 99, colour: PALETTE.vermillion },
] as const;

/**
 * The last 365 days: each day's change with the bounds that were forecast the day before, the days beyond a bound, and
 * the standard deviation expected of each day.
 * @param risk one symbol's, as `readRisk` returns it
 */
export function riskChart({ symbol, model, nextDay }: SymbolRisk, { source }: FigureOptions): Figure {
  const shown = nextDay.slice(-DAYS);
  const days = everyDay(shown, ({ ds }) => ds);
  const line = (
    value: (row: RiskRow) => number | null,
    look: Pick<LineMark, "label" | "colour">,
  ): LineMark => ({
    ...{ kind: "line", width: 1, ...look },
    points: days.map(({ day, row }) => ({ x: day, y: row === undefined ? null : value(row) })),
  });
  const bounds = LEVELS.flatMap(({ level, colour }) => [
    line((row) => row[`var${level}_low`], { label: boundText(level), colour }),
    {
      ...line((row) => row[`var${level}_high`], { label: boundText(level), colour }),
      unlisted: true as const,
    },
  ]);
  const beyond = LEVELS.map((one) => beyondMark(shown, one));
  const words = countsText(model, shown);
  const changes: Mark = {
    kind: "bars",
    label: CHANGE,
    colour: PALETTE.grey,
    bars: shown.map(({ ds, change }) => ({ x: ds, y: change })),
  };
  const sigma = line(({ variance }) => 100 * Math.sqrt(variance), { label: SIGMA, colour: PALETTE.blue });
  return makeFigure({
    id: `${slug(symbol)}-risk`,
    title: en`${symbol}: value at risk of the next day`.vi`${symbol}: giá trị chịu rủi ro của ngày kế tiếp`,
    subtitle: words,
    alt: en`Daily changes and their forecast bounds; ${words}.`
      .vi`Thay đổi hằng ngày và các ngưỡng dự báo; ${words}.`,
    source,
    x: { kind: "day" },
    panels: [
      {
        height: 260,
        y: { kind: "number", label: CHANGE, format: "percent" },
        marks: [changes, { kind: "rules", axis: "y", at: [0], colour: FAINT }, ...bounds, ...beyond],
      },
      { height: 90, y: { kind: "number", label: { en: "σ, %", vi: "σ, %" }, zero: true }, marks: [sigma] },
    ],
  });
}

/** How many of the days were beyond the bounds, of those that had some. */
function countsText(model: string, rows: readonly RiskRow[]): Text {
  const counts = LEVELS.flatMap((one) => {
    const days = rows.filter((row) => row.change !== null && row[`var${one.level}_low`] !== null).length;
    const [beyond, promised] = [beyondMark(rows, one).points.length, 2 * (100 - one.level)];
    if (days === 0) return [];
    return [
      en`${beyond} of ${days} days beyond ${one.level} % (${promised} % promised)`
        .vi`${beyond} trên ${days} ngày vượt ngưỡng ${one.level} % (hứa ${promised} %)`,
    ];
  });
  if (counts.length === 0) {
    return en`${model}: the history is too short for bounds`.vi`${model}: lịch sử quá ngắn để có ngưỡng`;
  }
  const all = joined(counts, ", ");
  return en`${model}, bounds on both sides: ${all}`.vi`${model}, ngưỡng ở hai phía: ${all}`;
}

function boundText(level: number): Text {
  return en`value at risk ${level} %`.vi`giá trị chịu rủi ro ${level} %`;
}

/** The changes beyond either bound of a level. */
function beyondMark(rows: readonly RiskRow[], { level, colour }: (typeof LEVELS)[number]): PointsMark {
  const points = rows.flatMap((row) => {
    const { change, ds } = row;
    const [low, high] = [row[`var${level}_low`], row[`var${level}_high`]];
    if (change === null || low === null || high === null || (change >= low && change <= high)) return [];
    return [{ x: ds, y: change }];
  });
  return {
    kind: "points",
    label: en`beyond ${level} %`.vi`vượt ngưỡng ${level} %`,
    colour,
    radius: 3,
    points,
  };
}
