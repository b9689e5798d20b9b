import { asText, en, joined, sameText, type Text } from "../core/text.ts";
import { MINUTE_MS } from "../time/epoch.ts";
import type { Figure, FigureOptions } from "./figure.ts";
import { makeFigure } from "./make.ts";
import { stamp } from "./texts.ts";
import { PALETTE } from "./theme.ts";

/** What the figure needs of a gap; the results of `closeGaps` have it. */
export interface AtlasGap {
  symbol: string;
  /** [from, to), milliseconds since 1970 UTC. */
  from: number;
  to: number;
  label: string;
  /** The evidence: as `closeGaps` returns it, or as a table holds it. */
  source: Text | string | null;
}

const LABELS: readonly { label: string; words: Text; colour: string }[] = [
  {
    label: "exchange_outage",
    words: { en: "exchange outage", vi: "sàn ngừng hoạt động" },
    colour: PALETTE.orange,
  },
  {
    label: "missing_in_source",
    words: { en: "another source has it", vi: "nguồn khác có" },
    colour: PALETTE.sky,
  },
  {
    label: "before_listing",
    words: { en: "before the listing", vi: "trước khi niêm yết" },
    colour: "#d9d9d9",
  },
  {
    label: "unexplained",
    words: { en: "unexplained", vi: "chưa giải thích được" },
    colour: PALETTE.vermillion,
  },
];

/** A gap narrower than this share of the picture would not be seen. */
const NARROWEST = 1 / 300;

/**
 * Every gap on one time axis, a row for each symbol, coloured by why it is there. Short gaps are drawn wider than
 * they are, so that each is visible; the text of each has its length.
 */
export function gapAtlas(gaps: readonly AtlasGap[], { source }: FigureOptions): Figure {
  const symbols = [...new Set(gaps.map(({ symbol }) => symbol))].sort();
  const first = gaps.reduce((least, { from }) => Math.min(least, from), gaps[0]?.from ?? 0);
  const last = gaps.reduce((most, { to }) => Math.max(most, to), first);
  const bars = gaps.map((gap) => ({
    ...gap,
    shownTo: Math.max(gap.to, gap.from + (last - first) * NARROWEST),
  }));
  const shownTo = bars.reduce((most, bar) => Math.max(most, bar.shownTo), last);
  const there = LABELS.map((kind) => {
    const list = bars.filter(({ label }) => label === kind.label);
    const minutes = list.reduce((sum, { from, to }) => sum + (to - from) / MINUTE_MS, 0);
    const counts = en`${list.length} ${list.length === 1 ? "gap" : "gaps"}, ${minutes} minutes`
      .vi`${list.length} khoảng trống, ${minutes} phút`;
    return { ...kind, list, legend: joined([kind.words, counts], ": ") };
  }).filter(({ list }) => list.length > 0);
  const subtitle =
    gaps.length === 0
      ? { en: "There is none.", vi: "Không có khoảng nào." }
      : en`${gaps.length} gaps from ${stamp(first)} to ${stamp(last)} (UTC); short ones are drawn wider than they are`
          .vi`${gaps.length} khoảng trống từ ${stamp(first)} đến ${stamp(last)} (UTC); khoảng ngắn được vẽ rộng hơn thật`;
  const legends = joined(
    there.map(({ legend }) => legend),
    "; ",
  );
  return makeFigure({
    id: "gap-atlas",
    title: { en: "Gaps and their causes", vi: "Các khoảng trống và vì sao có chúng" },
    subtitle,
    alt: en`A time line for each of ${symbols.join(", ")}. ${legends}.`
      .vi`Một trục thời gian cho mỗi mã ${symbols.join(", ")}. ${legends}.`,
    source,
    x: { kind: "day", ...(shownTo > first ? { domain: roomAbout(first, shownTo) } : {}) },
    panels: [
      {
        height: 60 * Math.max(1, symbols.length),
        y: { kind: "number", names: symbols.map(sameText) },
        marks: there.map(({ list, legend, colour }) => ({
          kind: "rowBars",
          label: legend,
          colour,
          bars: list.map((bar) => ({
            row: symbols.indexOf(bar.symbol),
            from: bar.from,
            to: bar.shownTo,
            words: wordsOf(bar),
          })),
        })),
      },
    ],
  });
}

function wordsOf({ symbol, from, to, source }: AtlasGap): Text {
  const [start, minutes] = [`${symbol}, ${stamp(from)}`, (to - from) / MINUTE_MS];
  const evidence = asText(source ?? "");
  return en`${start}: ${minutes} minutes. ${evidence}`.vi`${start}: ${minutes} phút. ${evidence}`;
}

/** A range with some room at both ends, where there is one. */
function roomAbout(first: number, last: number): [number, number] {
  const room = (last - first) / 50;
  return [first - room, last + room];
}
