import type { DailyCandle, ServedDay, Source } from "../candle/candle.ts";
import type { Text } from "../core/text.ts";
import type { Day } from "../time/day.ts";
import type { LayerName } from "./layers.ts";
import type { RestRequest, TopicOrigin } from "./origins.ts";
import type { RawFileFacts } from "./rawFiles.ts";

/** Minutes of the day that one raw file gave. */
export interface FileShare extends Omit<RawFileFacts, "rows" | "symbols"> {
  minutes: number;
}

/** A hole that touches the day. */
export interface DayGap {
  /** ISO 8601, the part of the hole that lies in the day; the end is the first minute that is there again. */
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
  gaps: DayGap[];
  /** The raw files behind the day's minutes. */
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
