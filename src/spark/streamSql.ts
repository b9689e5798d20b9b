import { VOLUME_UNIT } from "../candle/daily.ts";
import { LARGEST_VOLUME } from "../candle/validity.ts";
import { DAY_MS, EARLIEST_MS, MINUTE_MS } from "../time/epoch.ts";
import { sparkDialect, sparkText } from "./dialect.ts";

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
  "trades BIGINT",
  "final BOOLEAN",
  "eventTime BIGINT",
].join(", ");

const NUMBERS = ["open", "high", "low", "close", "volume"] as const;
const DECIMAL = "[0-9]{1,24}([.][0-9]{1,24})?";

const PLACE = "topic, partition, offset";

/**
 * The topic's kline updates as `decodeMessage` reads them; whatever else is in the topic is passed over. A message
 * more than a minute ahead of the broker's clock doesn't count either: it would move the watermark.
 * @param topic a relation of Spark's Kafka source
 */
export function updatesSql(topic: string): string {
  return `SELECT symbol, open_ms, timestamp_millis(open_ms) AS ts, open, high, low, close, volume, trades, final
    FROM (${validSql(topic)})`;
}

/**
 * The updates whose day had ended before the watermark, as the table `late_events` has them.
 * @param topic a relation of Spark's Kafka source, not streaming
 */
export function lateSql(topic: string, watermarkMs: number): string {
  const day = sparkDialect.div("open_ms", DAY_MS);
  return `SELECT 'kline' AS type, symbol, open_ms AS open_time, open, high, low, close, volume, trades, final,
      event_ms AS event_time, CAST(timestamp_millis(open_ms) AS DATE) AS window_day, ${watermarkMs}L AS watermark,
      concat('kafka:', topic) AS topic, partition, offset
    FROM (${validSql(topic)}) WHERE (${day} + 1) * ${DAY_MS} <= ${watermarkMs}
    ORDER BY topic, partition, offset`;
}

function validSql(topic: string): string {
  const isDecimal = NUMBERS.map((name) => sparkDialect.matches(`m.${name}`, DECIMAL)).join(" AND ");
  const numbers = NUMBERS.map((name) => `CAST(m.${name} AS DOUBLE) AS ${name}`).join(", ");
  return `SELECT * FROM (
      SELECT m.symbol, m.openTime AS open_ms, m.eventTime AS event_ms, ${numbers}, m.trades, m.final, ${PLACE}
      FROM (
        SELECT from_json(CAST(value AS STRING), ${sparkText(MESSAGE)}) AS m, timestamp, ${PLACE} FROM ${topic}
      )
      WHERE m.type = 'kline' AND coalesce(m.v, '1') = '1' AND m.trades >= 0 AND m.final IS NOT NULL
        AND ${sparkDialect.matches("m.symbol", "[A-Z0-9]{2,20}")} AND ${isDecimal}
        AND m.eventTime <= unix_millis(timestamp) + ${MINUTE_MS}
    )
    WHERE open_ms BETWEEN ${EARLIEST_MS} AND event_ms AND open_ms % ${MINUTE_MS} = 0
      AND volume <= ${LARGEST_VOLUME} AND least(open, high, low, close) > 0
      AND low <= least(open, close) AND high >= greatest(open, close)`;
}

/**
 * Each minute once: its final update, of several the most complete (`compareDuplicates` of candle/). The state is
 * kept by day, so that it goes when the day's window closes, and no minute is late before that.
 * @param updates a relation with a watermark on `ts`
 */
export function minutesSql(updates: string): string {
  return `SELECT symbol, open_ms, window(ts, '1 day') AS day_window,
      max(struct(final, trades, volume, close, high, low, open)) AS last
    FROM ${updates} GROUP BY symbol, open_ms, window(ts, '1 day')`;
}

/** The closed days: `foldDays` of candle/ over the final minutes. @param minutes the relation of `minutesSql` */
export function daysSql(minutes: string): string {
  const units = sparkDialect.wide(`round(last.volume * ${VOLUME_UNIT})`);
  return `SELECT symbol, CAST(day_window.start AS DATE) AS day,
      min_by(last.open, open_ms) AS open, max(last.high) AS high, min(last.low) AS low,
      max_by(last.close, open_ms) AS close,
      sum(${units})::STRING::DOUBLE / ${VOLUME_UNIT} AS volume, CAST(count(*) AS INT) AS minutes
    FROM ${minutes} WHERE last.final GROUP BY symbol, day_window`;
}
