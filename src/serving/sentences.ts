import type { Source } from "../candle/candle.ts";
import { counted } from "../core/numbers.ts";
import { en, joined, sameText, type Text } from "../core/text.ts";
import type { Interval } from "../time/interval.ts";
import type { FileShare, Gap, StageVersion } from "./explanation.ts";
import type { RestRequest } from "./origins.ts";

const NAMES: Partial<Record<Interval, Text>> = {
  "1m": { en: "minutes", vi: "nến phút" },
  "1d": { en: "daily candles", vi: "nến ngày" },
};

/** Candles of intervals in words: `minutes`, `candles of 1h`, `minutes and daily candles`. */
export function candlesText(intervals: readonly Interval[]): Text {
  const each = intervals.map((interval) => NAMES[interval] ?? en`candles of ${interval}`.vi`nến ${interval}`);
  return { en: each.map((one) => one.en).join(" and "), vi: each.map((one) => one.vi).join(" và ") };
}

/** Whose files candles were read from, behind `candlesText`. */
export const FILES_OF: Record<Source, Text> = {
  csv: { en: "of your own files", vi: "trong tệp của bạn" },
  binance: { en: "of the exchange's public archive", vi: "trong kho công khai của sàn" },
  simulated: en`of the simulated market, which are made up`.vi`của thị trường mô phỏng, tức là bịa ra`,
};

const LABELS: Readonly<Record<string, Text>> = {
  exchange_outage: en`every symbol lacks them, or the exchange is known to have been down`
    .vi`mọi mã đều thiếu, hoặc đã biết là sàn ngừng hoạt động`,
  missing_in_source: en`this source lacks them, another one has them`.vi`nguồn này thiếu, nguồn khác có`,
  before_listing: { en: "the symbol was not traded yet", vi: "mã chưa được giao dịch" },
  unexplained: { en: "nobody has said why", vi: "chưa ai nói vì sao" },
};

/** That so many candles of an interval are missing, without its full stop. */
export function missingText(many: number, interval: Interval): Text {
  const verb = many === 1 ? "is" : "are";
  return interval === "1m"
    ? en`${counted(many, "minute")} ${verb} missing`.vi`Thiếu ${many} phút`
    : en`${counted(many, "candle")} of ${interval} ${verb} missing`.vi`Thiếu ${many} nến ${interval}`;
}

/** That so many candles of an interval are missing without a gap in the list of gaps. */
export function unlistedSentence(many: number, interval: Interval): Text {
  const missing = missingText(many, interval);
  return en`${missing} that no list of gaps explains.`
    .vi`${missing} mà không danh sách khoảng trống nào giải thích.`;
}

/**
 * @param missing what the gap lacks
 * @param ends its two ends in words
 */
export function gapSentence(
  { label, source }: Gap,
  missing: Text,
  [from, to]: readonly [string, string],
): Text {
  const why = LABELS[label] ?? sameText(label);
  const told = source === null || source === "" ? null : source;
  return en`${missing}, from ${from} to ${to}: ${why} (${label}${told === null ? "" : `, says ${told}`}).`
    .vi`${missing}, từ ${from} đến ${to}: ${why} (${label}${told === null ? "" : `, theo ${told}`}).`;
}

const clock = (instant: string) => instant.slice(11, 19).replace(/:00$/, "");

/** The ends of a gap within one day, which may end at 24:00. */
export function clocksOf({ start, end }: Gap): [string, string] {
  return [clock(start), end.slice(0, 10) === start.slice(0, 10) ? clock(end) : "24:00"];
}

/** An instant, ISO 8601, without the seconds that are 0. */
export function stampOf(instant: string): string {
  return `${instant.slice(0, 10)} ${clock(instant)}`;
}

/** The raw files, if any. */
export function fileSentence(files: readonly FileShare[]): Text[] {
  if (files.length === 0) return [];
  const all = joined(files.map(fileText), "; ");
  return files.every(({ interval }) => interval === "1m")
    ? [en`Its minutes came from ${all}.`.vi`Các phút của nó đến từ ${all}.`]
    : [en`Its candles came from ${all}.`.vi`Các nến của nó đến từ ${all}.`];
}

function fileText({ name, interval, candles, sha256 }: FileShare): Text {
  const what =
    interval === "1m"
      ? en`${candles} minutes`.vi`${candles} phút`
      : en`${counted(candles, "candle")} of ${interval}`.vi`${candles} nến ${interval}`;
  return en`${name} (${what}, SHA-256 ${sha256 ?? "unknown"})`
    .vi`${name} (${what}, SHA-256 ${sha256 ?? "không rõ"})`;
}

export function requestSentence({ interval, from, to, at, file, sha256 }: RestRequest): Text {
  const candles = candlesText([interval as Interval]);
  const answer = `${file} (SHA-256 ${sha256})`;
  return en`The exchange was asked for the ${candles} from ${from} to before ${to}, and answered at ${at}: ${answer}.`
    .vi`Sàn đã được hỏi ${candles} từ ${from} đến trước ${to}, và trả lời lúc ${at}: ${answer}.`;
}

export function versionSentence(versions: readonly StageVersion[]): Text {
  const made = joined(
    versions.map(
      ({ table, stage, codeVersion, createdAt }) =>
        en`${stage} (${table} of ${createdAt}, candlebook ${codeVersion})`
          .vi`${stage} (${table} lúc ${createdAt}, candlebook ${codeVersion})`,
    ),
    ", ",
  );
  return en`Made by ${made}.`.vi`Được làm bởi ${made}.`;
}
