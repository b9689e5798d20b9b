import { sumsSql } from "../batch/candlesSql.ts";
import { floorSql, isOpenTimeSql } from "../batch/intervalSql.ts";
import { symbolSql } from "../batch/symbolSql.ts";
import { AMOUNT_COLUMNS, AMOUNT_FIELDS, AMOUNTS } from "../candle/candle.ts";
import { VOLUME_UNIT } from "../candle/foldDay.ts";
import { LARGEST_VOLUME, validSql } from "../candle/validity.ts";
import { MINUTE_FIGURES } from "../lake/columns.ts";
import { EARLIEST_MS, MINUTE_MS } from "../time/epoch.ts";
import { divides, type FixedInterval, gridOffset, INTERVALS, intervalMs } from "../time/interval.ts";
import { INTERVAL_VERSION } from "../topic/message.ts";
import { sparkDialect, sparkText } from "./sparkDialect.ts";

const MESSAGE = [
  "v STRING",
  "type STRING",
  "symbol STRING",
  "`interval` STRING",
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
  '"(type|symbol|interval|open|high|low|close|volume|quoteVolume|takerBase|takerQuote|price|market)"\\s*:\\s*[^"\\s]|"trades"\\s*:\\s*n';

const PLACE = "topic, partition, offset";

/** The intervals that a message's candle can have. */
const LENGTHS = INTERVALS.filter((one): one is FixedInterval => one !== "1M");

const OPEN_TIME = {
  ms: "open_ms",
  // False for any other text.
  onGrid: `CASE candle_interval ${LENGTHS.map((one) => `WHEN '${one}' THEN ${isOpenTimeSql("open_ms", one, sparkDialect)}`).join(" ")} ELSE false END`,
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
    (field) => `CASE WHEN m.v <> '1' THEN try_cast(m.${field} AS DOUBLE) END AS ${AMOUNTS[field]}`,
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
      SELECT m.type, m.symbol, coalesce(m.\`interval\`, '1m') AS candle_interval, m.openTime AS open_ms, m.eventTime AS event_ms, ${numbers}, ${amounts.join(", ")}, m.trades, m.final,
        try_cast(m.price AS DOUBLE) AS price, ${PLACE}, unix_millis(timestamp) AS timestamp, raw,
        coalesce(m.v, '1') IN ('1', '2', '${INTERVAL_VERSION}') AND ${symbolSql("m.symbol", sparkDialect)} = m.symbol AND ${market}
          AND NOT raw RLIKE ${sparkText(NO_TEXT)}
          AND m.eventTime <= unix_millis(timestamp) + ${MINUTE_MS} AS is_message,
        ${isDecimal} AND ${areAmounts.join(" AND ")} AND coalesce(m.trades, 0) >= 0 AND m.final IS NOT NULL
          AND (coalesce(m.v, '1') = '${INTERVAL_VERSION}') = (m.\`interval\` IS NOT NULL) AS is_kline,
        ${sparkDialect.matches("m.price", DECIMAL)} AS is_ticker
      FROM (
        SELECT from_json(CAST(value AS STRING), ${sparkText(MESSAGE)}) AS m, CAST(value AS STRING) AS raw, timestamp,
          ${PLACE} FROM ${topic}
      )
    )`;
}

/** Intervals whose candles make windows of a length. */
const partsOf = (length: FixedInterval) =>
  `candle_interval IN (${LENGTHS.filter((one) => divides(one, length)).map((one) => `'${one}'`)})`;

/**
 * The kline updates that belong to windows of a length, with `ts`, their open time.
 * @param messages a relation of `messagesSql`
 */
export function updatesSql(messages: string, length: FixedInterval): string {
  return `SELECT symbol, candle_interval, open_ms, timestamp_millis(open_ms) AS ts, ${MINUTE_FIGURES}, final
    FROM ${messages} WHERE form = 'kline' AND ${partsOf(length)}`;
}

/** What passed a watermark. */
export interface Passed {
  length: FixedInterval;
  watermarkMs: number;
}

/**
 * The updates whose window of a length had ended before the watermark, as the table `late_events` has them.
 * @param topic a relation of Spark's Kafka source, not streaming
 */
export function lateSql(topic: string, simulated: boolean, { length, watermarkMs }: Passed): string {
  const start = floorSql("open_ms", length, sparkDialect);
  const day = length === "1d" ? "CAST(timestamp_millis(open_ms) AS DATE)" : "CAST(NULL AS DATE)";
  return `SELECT type, symbol, candle_interval, open_ms AS open_time, ${MINUTE_FIGURES}, final,
      event_ms AS event_time, '${length}' AS window_interval, ${day} AS window_day, ${watermarkMs}L AS watermark,
      concat('kafka:', topic) AS topic, partition, offset
    FROM (${messagesSql(topic, simulated)})
    WHERE form = 'kline' AND ${partsOf(length)} AND ${start} + ${intervalMs(length)} <= ${watermarkMs}
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
 * Each candle once: its final update, of several the most complete (`compareDuplicates` of candle/). The state is kept
 * by window, so that it is removed when the window closes, and no candle is late before that.
 *
 * @param updates a relation of `updatesSql` with a watermark on `ts`
 */
export function candlesSql(updates: string, length: FixedInterval): string {
  const [duration, offset] = [intervalMs(length), gridOffset(length)].map((ms) => `'${ms} milliseconds'`);
  const own = `window(ts, ${duration}, ${duration}, ${offset})`;
  return `SELECT symbol, candle_interval, open_ms, ${own} AS own_window,
      max(struct(final, trades, volume, close, high, low, open, quote_volume, taker_base, taker_quote)) AS last
    FROM ${updates} GROUP BY symbol, candle_interval, open_ms, ${own}`;
}

/**
 * The closed windows, of each interval of candles: `foldCandles` of candle/ over the final ones.
 * @param candles the relation of `candlesSql`
 */
export function windowsSql(candles: string): string {
  const sums = ["volume", ...AMOUNT_COLUMNS] as const;
  const units = sums.map((name) => {
    const sum = `sum(${sparkDialect.wide(`round(last.${name} * ${VOLUME_UNIT})`)})`;
    return `CASE WHEN count(last.${name}) = count(*) THEN ${sum} END AS ${name}`;
  });
  const windows = `SELECT symbol, candle_interval, unix_millis(own_window.start) AS start,
      min_by(last.open, open_ms) AS open, max(last.high) AS high, min(last.low) AS low,
      max_by(last.close, open_ms) AS close, ${units.join(", ")},
      CASE WHEN count(last.trades) = count(*) THEN sum(last.trades) END AS trades, CAST(count(*) AS INT) AS parts
    FROM ${candles} WHERE last.final GROUP BY symbol, candle_interval, own_window`;
  return `SELECT symbol, candle_interval, start, open, high, low, close, trades, parts, ${sumsSql(sums, sparkDialect)}
    FROM (${windows})`;
}
