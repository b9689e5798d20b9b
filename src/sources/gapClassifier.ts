import { isSpot } from "../candle/symbol.ts";
import { MINUTE_MS } from "../time/epoch.ts";
import { KNOWN_OUTAGES } from "./outages.ts";
import { intersect, length, type Span, span, subtract, unite } from "./spans.ts";

export const GAP_LABELS = ["exchange_outage", "missing_in_source", "before_listing", "unexplained"] as const;

export type GapLabel = (typeof GAP_LABELS)[number];

/** A hole and why it is there. */
export interface ClassifiedGap extends Span {
  symbol: string;
  label: GapLabel;
  /** What shows it, in words. */
  source: string;
}

/** What is known of one symbol's holes. */
export interface GapFacts {
  symbol: string;
  /** Holes in its minutes, the ends of the history included. */
  holes: readonly Span[];
  /** From its first minute to the end of its last. */
  present: Span;
  /** What its files claim to hold: a hole in it is their own. */
  covered: readonly Span[];
  /** Minutes, and days, that came from elsewhere. */
  elsewhere: readonly Span[];
  /** What the exchange was asked for and does not have. */
  denied: readonly Span[];
}

/** Known times are to the minute and some are measured at one symbol: this much longer a hole may be. */
const TOLERANCE_MS = 5 * MINUTE_MS;
const MOST = 0.9;

/**
 * Every hole with a label and what shows it. A hole is cut where its parts differ: what came from elsewhere, what
 * lies before the exchange's first candle, and the rest.
 */
export function classifyGaps(symbols: readonly GapFacts[]): ClassifiedGap[] {
  return symbols.flatMap((facts) => {
    const { symbol, present } = facts;
    return unite(facts.holes).flatMap((hole) => {
      const elsewhere = intersect([hole], facts.elsewhere);
      const rest = subtract([hole], elsewhere);
      const label = (part: Span) => {
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
  source: "the exchange's REST interface has it",
};

const NO_SPOT_MARKET: Verdict = {
  label: "unexplained",
  source: "no spot market of the exchange: it is not asked for",
};

const NOT_THERE = "the exchange was asked and has none";

/** Before the first minute: the exchange's own first candle shows whether the symbol was listed. */
function classifyHead({ denied }: GapFacts, part: Span, elsewhere: readonly Span[]): Verdict {
  const first = elsewhere[0]?.from ?? Number.POSITIVE_INFINITY;
  const asked = length(intersect([part], denied)) === part.to - part.from;
  if (asked && part.to <= first) {
    return { label: "before_listing", source: "the exchange was asked and its first candle is later" };
  }
  return { label: "unexplained", source: asked ? NOT_THERE : "not asked for yet" };
}

function classifyRest(own: GapFacts, part: Span, all: readonly GapFacts[]): Verdict {
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
    const all = `${names.join(", ")} all lack it`;
    return { label: "exchange_outage", source: `${all}${asked ? `; ${NOT_THERE}` : ""}` };
  }
  return { label: "unexplained", source: asked ? NOT_THERE : "not asked for yet" };
}

const covers = (spans: readonly Span[], part: Span) =>
  length(intersect([part], spans)) >= MOST * (part.to - part.from);

/** A hole says something of the exchange where files cover the time, or it was asked; between two files it says nothing. */
function lacks({ holes, elsewhere, covered, denied }: GapFacts, part: Span): boolean {
  return covers(intersect(subtract(holes, elsewhere), [...covered, ...denied]), part);
}
