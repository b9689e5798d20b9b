import type { Candle } from "../candle/candle.ts";
import { duckdbDialect } from "../lake/dialect.ts";
import { type Lake, parquetSql } from "../lake/session.ts";
import { CLEAN_COLUMNS, placedSql } from "./cleanSql.ts";
import type { MinuteOrigin } from "./files.ts";

/** A candle as one source has it. */
export type Side = Pick<Candle, "open" | "high" | "low" | "close" | "volume" | "trades"> & {
  origin: MinuteOrigin;
};

/** A minute of which the files and the exchange's REST interface say different things: both, the one that stays first. */
export interface Disagreement {
  /** ISO 8601. */
  openTime: string;
  kept: Side;
  dropped: Side;
}

/** So many of a symbol's year are listed, in order of time; the counts have them all. */
const LISTED = 1_000;

const FIELDS = ["origin", "open", "high", "low", "close", "volume", "trades"] as const;

/**
 * What of a year's conflicts is between the files (or the archive) and what was fetched to close gaps.
 * @param placed a SELECT of the rows that occur more than once, in their places
 */
export async function disagreementsAmong(lake: Lake, placed: string): Promise<Disagreement[]> {
  const side = (name: string) =>
    `{${FIELDS.map((field) => `${field}: ${name}.${field}`).join(", ")}} AS ${name}_side`;
  const found = await lake.rows<{ time: string; kept_side: Side; dropped_side: Side }>(
    `WITH placed AS MATERIALIZED (${placed})
     SELECT strftime(kept.open_time, '%Y-%m-%dT%H:%M:%S.000Z') AS time, ${side("kept")}, ${side("dropped")}
     FROM placed AS kept JOIN placed AS dropped USING (open_time)
     WHERE kept.place = 1 AND dropped.conflict AND dropped.origin <> kept.origin
     ORDER BY kept.open_time, dropped.place LIMIT ${LISTED}`,
  );
  return found.map(({ time, kept_side, dropped_side }) => ({
    openTime: time,
    kept: sideOf(kept_side),
    dropped: sideOf(dropped_side),
  }));
}

/** The same of a year that was cleaned elsewhere, from the parts of its minutes. */
export async function disagreementsOf(lake: Lake, parts: string[]): Promise<Disagreement[]> {
  const minutes = parquetSql(parts);
  const both = `SELECT open_time FROM ${minutes} GROUP BY open_time HAVING count(DISTINCT origin) > 1`;
  const rows = `(SELECT ${CLEAN_COLUMNS} FROM ${minutes} SEMI JOIN (${both}) AS twice USING (open_time))`;
  return disagreementsAmong(lake, placedSql(rows, "open_time", duckdbDialect));
}

const sideOf = (side: Side): Side => ({ ...side, trades: side.trades === null ? null : Number(side.trades) });
