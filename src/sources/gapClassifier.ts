import { isSpot } from "../candle/symbol.ts";
import { en, joined, type Text } from "../core/text.ts";
import { MINUTE_MS, type TimeSpan } from "../time/epoch.ts";
import { KNOWN_OUTAGES } from "./outages.ts";
import { intersect, length, span, subtract, unite } from "./spans.ts";

export const GAP_LABELS = ["exchange_outage", "missing_in_source", "before_listing", "unexplained"] as const;

export type GapLabel = (typeof GAP_LABELS)[number];

/** A gap and its reason. */
export interface ClassifiedGap extends TimeSpan {
  symbol: string;
  label: GapLabel;
  /** The evidence, in words. */
  source: Text;
}

/** Known data about one symbol's gaps. */
export interface GapFacts {
  symbol: string;
  /** Gaps in its minutes, including the ends of the history. */
  gaps: readonly TimeSpan[];
  /** From its first minute to the end of its last. */
  present: TimeSpan;
  /** The time that its files cover: a gap in it is the files' own. */
  covered: readonly TimeSpan[];
  /** Minutes, and days, from other sources. */
  elsewhere: readonly TimeSpan[];
  /** Requested data that the exchange does not have. */
  denied: readonly TimeSpan[];
}

/** Known times are to the minute and some are measured on one symbol: a gap may be longer by this much. */
const TOLERANCE_MS = 5 * MINUTE_MS;
const MOST = 0.9;

/**
 * Every gap with a label and its evidence. A gap is split where its parts differ: data from other sources, time
 * before the exchange's first candle, and the rest.
 */
export function classifyGaps(symbols: readonly GapFacts[]): ClassifiedGap[] {
  return symbols.flatMap((facts) => {
    const { symbol, present } = facts;
    return unite(facts.gaps).flatMap((gap) => {
      const elsewhere = intersect([gap], facts.elsewhere);
      const rest = subtract([gap], elsewhere);
      const label = (part: TimeSpan) => {
        if (!isSpot(symbol)) return NO_SPOT_MARKET;
        if (part.to <= present.from) return classifyHead(facts, part, elsewhere);
        return classifyRest(facts, part, symbols);
      };
      return [
        ...elsewhere.map((part) => ({ ...part, symbol, ...FOUND_ELSEWHERE })),
        ...rest.map((part) => ({ ...part, symbol, ...label(part) })),
      ].sort((a, b) => a.from - b.from);
    });
  });
}

type Verdict = Pick<ClassifiedGap, "label" | "source">;

const FOUND_ELSEWHERE: Verdict = {
  label: "missing_in_source",
  source: { en: "the exchange's REST interface has it", vi: "giao diện REST của sàn có" },
};

const NO_SPOT_MARKET: Verdict = {
  label: "unexplained",
  source: en`no spot market of the exchange: it is not asked for`
    .vi`sàn không có thị trường giao ngay này: không hỏi`,
};

const NOT_THERE = { en: "the exchange was asked and has none", vi: "đã hỏi sàn và sàn cũng không có" };
const NOT_ASKED = { en: "not asked for yet", vi: "chưa hỏi" };

/** Before the first minute: the exchange's own first candle shows whether the symbol was listed. */
function classifyHead({ denied }: GapFacts, part: TimeSpan, elsewhere: readonly TimeSpan[]): Verdict {
  const first = elsewhere[0]?.from ?? Number.POSITIVE_INFINITY;
  const asked = length(intersect([part], denied)) === part.to - part.from;
  if (asked && part.to <= first) {
    return {
      label: "before_listing",
      source: en`the exchange was asked and its first candle is later`
        .vi`đã hỏi sàn và nến đầu tiên của sàn muộn hơn`,
    };
  }
  return { label: "unexplained", source: asked ? NOT_THERE : NOT_ASKED };
}

function classifyRest(own: GapFacts, part: TimeSpan, all: readonly GapFacts[]): Verdict {
  const known = KNOWN_OUTAGES.find(
    ({ from, to }) =>
      length(intersect([part], [span(from - TOLERANCE_MS, to + TOLERANCE_MS)])) >=
      MOST * (part.to - part.from),
  );
  if (known !== undefined) return { label: "exchange_outage", source: known.source };
  const asked = covers(own.denied, part);
  const others = all.filter(
    (other) =>
      other.symbol !== own.symbol &&
      isSpot(other.symbol) &&
      other.present.from <= part.from &&
      other.present.to >= part.to,
  );
  if (others.length > 0 && [own, ...others].every((one) => lacks(one, part))) {
    const names = [own, ...others].map(({ symbol }) => symbol).sort();
    const all = names.join(", ");
    const allLack = en`${all} all lack it`.vi`${all} đều thiếu`;
    return { label: "exchange_outage", source: joined([allLack, ...(asked ? [NOT_THERE] : [])], "; ") };
  }
  return { label: "unexplained", source: asked ? NOT_THERE : NOT_ASKED };
}

const covers = (spans: readonly TimeSpan[], part: TimeSpan) =>
  length(intersect([part], spans)) >= MOST * (part.to - part.from);

/** A gap is evidence about the exchange if files cover the time, or it was requested; between two files it is not. */
function lacks({ gaps, elsewhere, covered, denied }: GapFacts, part: TimeSpan): boolean {
  return covers(intersect(subtract(gaps, elsewhere), [...covered, ...denied]), part);
}
