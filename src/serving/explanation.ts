import type { DailyCandle, FoldedCandle, Origin, ServedDay, Source } from "../candle/candle.ts";
import type { Text } from "../core/text.ts";
import type { Day } from "../time/day.ts";
import type { Interval } from "../time/interval.ts";
import type { LayerName } from "./layers.ts";
import type { RestRequest, TopicOrigin } from "./origins.ts";
import type { RawFileFacts } from "./rawFiles.ts";

/** Candles of the explained stretch that one raw file has. */
export interface FileShare extends Omit<RawFileFacts, "rows" | "symbols"> {
  interval: Interval;
  candles: number;
}

/** A gap that touches the explained stretch. */
export interface Gap {
  /** ISO 8601, the part of the gap that lies in the stretch; the end is the first candle that is there again. */
  start: string;
  end: string;
  minutes: number;
  label: string;
  source: string | null;
}

/** A version of a table that the row came through. */
export interface StageVersion {
  table: string;
  stage: string;
  id: string;
  codeVersion: string;
  createdAt: string;
}

/** Where a row of the serving table comes from. */
export interface Explanation {
  symbol: string;
  day: Day;
  source: Source;
  served: ServedDay;
  /** The day as each layer knows it. */
  layers: { layer: LayerName["layer"]; table: string; row: DailyCandle }[];
  /** Where two layers differ, with the cause. */
  differences: Difference[];
  gaps: Gap[];
  /** The raw files behind the day's candles. */
  files: FileShare[];
  /** The topic's records behind the served day, where it came live. */
  stream: TopicOrigin | null;
  /** What the exchange was asked for the served day, with the answers' files. */
  requests: RestRequest[];
  lateEvents: number;
  /** For a filled day: the last day that a source has. */
  carriedFrom: Day | null;
  versions: StageVersion[];
  /** The same in sentences, one per line. */
  text: Text;
}

/** Where a row of `candles_<interval>` comes from. */
export interface CandleExplanation {
  symbol: string;
  interval: Interval;
  /** The candle's begin and end, ISO 8601. */
  from: string;
  to: string;
  source: Source;
  candle: FoldedCandle;
  /** The clean tables that it is folded from, with the number of their candles in it. */
  series: { table: string; interval: Interval; candles: number }[];
  /** Days of the serving table that take part in the fold where no clean candles have all of a day. */
  days: { day: Day; origin: Origin }[];
  /** Tables of the stream's windows of which some take part in the fold, with the number of closed windows in the candle. */
  live: { table: string; interval: Interval; windows: number }[];
  /** None where no part is missing. */
  gaps: Gap[];
  files: FileShare[];
  /** The requests whose answers are among the files. */
  requests: RestRequest[];
  versions: StageVersion[];
  /** The same in sentences, one per line. */
  text: Text;
}

export interface Difference {
  field: string;
  layer_a: string;
  value_a: number;
  layer_b: string;
  value_b: number;
  relative: number | null;
  cause: string;
}

/** The layer whose row is served; undefined for a filled day. */
export function servingLayer({ served, layers }: Pick<Explanation, "served" | "layers">) {
  const fields = ["origin", "complete", "minutes", "close", "volume", "high", "low", "open"] as const;
  return layers.find(({ row }) => fields.every((field) => row[field] === served[field]));
}
