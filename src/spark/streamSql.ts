import { sumsSql, VWAP } from "../batch/candlesSql.ts";
import { symbolSql } from "../batch/symbolSql.ts";
import { AMOUNT_COLUMNS, AMOUNT_FIELDS, AMOUNTS } from "../candle/candle.ts";
import { VOLUME_UNIT } from "../candle/foldDay.ts";
import { LARGEST_VOLUME, validSql } from "../candle/validity.ts";
import { MINUTE_FIGURES } from "../lake/columns.ts";
import { DAY_MS, EARLIEST_MS, MINUTE_MS } from "../time/epoch.ts";
import { sparkDialect, sparkText } from "./sparkDialect.ts";

const MESSAGE = [
  "v STRING",
  "type STRING",
  "symbol STRING",
  "openTime BIGINT",
  "open STRING",
  "high STRING",
  "low STRING",
  "close STRING",
  "volume STRING",
  "quoteVolume STRING",
  "trades BIGINT",
  "takerBase STRING",
  "takerQuote STRING",
  "final BOOLEAN",
  "eventTime BIGINT",
  "price STRING",
  "market STRING",
].join(", ");

const NUMBERS = ["open", "high", "low", "close", "volume"] as const;
const DECIMAL = "[0-9]{1,24}([.][0-9]{1,24})?";

/** Texts written as another type: Spark would read `1.5` as `"1.5"`, and a null as a field that is not there. */
const NO_TEXT =
  '"(type|symbol|open|high|low|close|volume|quoteVolume|takerBase|takerQuote|price|market)"\\s*:\\s*[^"\\s]|"trades"\\s*:\\s*n';

const PLACE = "topic, partition, offset";

const OPEN_TIME = {
  ms: "open_ms",
  onGrid: `open_ms % ${MINUTE_MS} = 0`,
  earliest: EARLIEST_MS,
  latest: "event_ms",
};

/** Counters of a topic's messages. */
export const FORM_COUNTS = ["count_if(form = 'ticker') AS tickers", "count_if(form = 'other') AS others"];

/**
 * The topic's messages with their form: `kline` and `ticker` as `decodeMessage` reads them, any other message `other`. So is a message more than a minute ahead of the broker's clock: it would move the watermark.
 * @param topic a relation of Spark's Kafka source
 * @param simulated whether simulated prices count
 */
export function messagesSql(topic: string, simulated: boolean): string {
  const amounts = AMOUNT_FIELDS.map(
    (field) => `CASE WHEN m.v = '2' THEN try_cast(m.${field} AS DOUBLE) END AS ${AMOUNTS[field]}`,
  );
  const areAmounts = AMOUNT_FIELDS.map(
    (field) => `(m.${field} IS NULL OR ${sparkDialect.matches(`m.${field}`, DECIMAL)})`,
  );
  const validAmounts = AMOUNT_COLUMNS.map((name) => `coalesce(${name}, 0) <= ${LARGEST_VOLUME}`);
  const isDecimal = NUMBERS.map((name) => sparkDialect.matches(`m.${name}`, DECIMAL)).join(" AND ");
  const numbers = NUMBERS.map((name) => `try_cast(m.${name} AS DOUBLE) AS ${name}`).join(", ");
  const market = simulated ? "coalesce(m.market, 'simulated') = 'simulated'" : "m.market IS NULL";
  return `SELECT *, CASE
      WHEN is_message AND type = 'kline' AND is_kline AND ${validSql(OPEN_TIME)} AND ${validAmounts.join(" AND ")} THEN 'kline'
      WHEN is_message AND type = 'ticker' AND is_ticker AND event_ms >= ${EARLIEST_MS} AND price > 0 THEN 'ticker'
      ELSE 'other' END AS form
    FROM (
      SELECT m.type, m.symbol, m.openTime AS open_ms, m.eventTime AS event_ms, ${numbers}, ${amounts.join(", ")}, m.trades, m.final,
        try_cast(m.price AS DOUBLE) AS price, ${PLACE}, unix_millis(timestamp) AS timestamp, raw,
        coalesce(m.v, '1') IN ('1', '2') AND ${symbolSql("m.symbol", sparkDialect)} = m.symbol AND ${market}
          AND NOT raw RLIKE ${sparkText(NO_TEXT)}
          AND m.eventTime <= unix_millis(timestamp) + ${MINUTE_MS} AS is_message,
        ${isDecimal} AND ${areAmounts.join(" AND ")} AND coalesce(m.trades, 0) >= 0 AND m.final IS NOT NULL AS is_kline,
        ${sparkDialect.matches("m.price", DECIMAL)} AS is_ticker
      FROM (
        SELECT from_json(CAST(value AS STRING), ${sparkText(MESSAGE)}) AS m, CAST(value AS STRING) AS raw, timestamp,
          ${PLACE} FROM ${topic}
      )
    )`;
}

/** The kline updates with `ts`, their open time. @param messages a relation of `messagesSql` */
export function updatesSql(messages: string): string {
  return `SELECT symbol, open_ms, timestamp_millis(open_ms) AS ts, ${MINUTE_FIGURES}, final
    FROM ${messages} WHERE form = 'kline'`;
}

/**
 * The updates whose day had ended before the watermark, as the table `late_events` has them.
 * @param topic a relation of Spark's Kafka source, not streaming
 */
export function lateSql(topic: string, simulated: boolean, watermarkMs: number): string {
  const day = sparkDialect.div("open_ms", DAY_MS);
  return `SELECT type, symbol, '1m' AS candle_interval, open_ms AS open_time, ${MINUTE_FIGURES}, final,
      event_ms AS event_time, '1d' AS window_interval, CAST(timestamp_millis(open_ms) AS DATE) AS window_day, ${watermarkMs}L AS watermark,
      concat('kafka:', topic) AS topic, partition, offset
    FROM (${messagesSql(topic, simulated)}) WHERE form = 'kline' AND (${day} + 1) * ${DAY_MS} <= ${watermarkMs}
    ORDER BY topic, partition, offset`;
}

/** How many messages there are, and how many tickers and others among them. @param topic as for `lateSql` */
export function formsSql(topic: string, simulated: boolean): string {
  return `SELECT count(*) AS messages, ${FORM_COUNTS.join(", ")} FROM (${messagesSql(topic, simulated)})`;
}

/** The messages that are neither a kline nor a ticker, unchanged. @param topic as for `lateSql` */
export function othersSql(topic: string, simulated: boolean): string {
  return `SELECT concat('kafka:', topic) AS topic, partition, offset, timestamp, raw
    FROM (${messagesSql(topic, simulated)}) WHERE form = 'other' ORDER BY topic, partition, offset`;
}

/**
 * Each minute once: its final update, of several the most complete (`compareDuplicates` of candle/). The state is
 * kept by day, so that it is removed when the day's window closes, and no minute is late before that.
 *
 * @param updates a relation with a watermark on `ts`
 */
export function minutesSql(updates: string): string {
  return `SELECT symbol, open_ms, window(ts, '1 day') AS day_window,
      max(struct(final, trades, volume, close, high, low, open, quote_volume, taker_base, taker_quote)) AS last
    FROM ${updates} GROUP BY symbol, open_ms, window(ts, '1 day')`;
}

/** The closed days: `foldDays` of candle/ over the final minutes. @param minutes the relation of `minutesSql` */
export function daysSql(minutes: string): string {
  const sumOf = (name: string) => `sum(${sparkDialect.wide(`round(last.${name} * ${VOLUME_UNIT})`)})`;
  const known = (name: string, sum: string) =>
    `CASE WHEN count(last.${name}) = count(*) THEN ${sum} END AS ${name}`;
  const days = `SELECT symbol, CAST(day_window.start AS DATE) AS day,
      min_by(last.open, open_ms) AS open, max(last.high) AS high, min(last.low) AS low,
      max_by(last.close, open_ms) AS close,
      ${sumOf("volume")} AS volume, ${known("quote_volume", sumOf("quote_volume"))},
      ${known("trades", "sum(last.trades)")}, ${known("taker_base", sumOf("taker_base"))}, CAST(count(*) AS INT) AS minutes
    FROM ${minutes} WHERE last.final GROUP BY symbol, day_window`;
  const summed = `SELECT symbol, day, open, high, low, close, minutes, trades,
      ${sumsSql(["volume", "quote_volume", "taker_base"], sparkDialect)} FROM (${days})`;
  return `SELECT *, ${VWAP} AS vwap FROM (${summed})`;
}
