import { ORIGIN_TEXTS } from "../core/originTexts.ts";
import { en, joined, type Text } from "../core/text.ts";
import { DAY_MS } from "../time/epoch.ts";
import { type FixedInterval, type Interval, intervalMs } from "../time/interval.ts";
import type { CandleExplanation, Gap } from "./explanation.ts";
import {
  candlesText,
  clocksOf,
  FILES_OF,
  fileSentence,
  gapSentence,
  missingText,
  requestSentence,
  stampOf,
  unlistedSentence,
  versionSentence,
} from "./sentences.ts";

type Facts = Omit<CandleExplanation, "text">;

/** The facts about a folded candle as sentences, one per line. */
export function candleText(facts: Facts): Text {
  return joined(
    [
      priceSentence(facts),
      originSentence(facts),
      ...(facts.candle.complete ? [] : [STILL_OPEN]),
      ...missingSentences(facts),
      ...daysSentence(facts),
      ...liveSentence(facts),
      ...fileSentence(facts.files),
      ...facts.requests.map(requestSentence),
      versionSentence(facts.versions),
    ],
    "\n",
  );
}

const STILL_OPEN = en`More may come for this candle: it is not complete.`
  .vi`Nến này có thể còn thêm dữ liệu: nó chưa trọn vẹn.`;

function priceSentence({ symbol, interval, from, to, candle }: Facts): Text {
  const { open, high, low, close, volume } = candle;
  const [start, end] = [from, to].map((instant) =>
    instant.slice(0, 19).replace("T", " ").replace(/:00$/, ""),
  );
  return en`${symbol}, ${interval} from ${start} to ${end} (UTC): open ${open}, high ${high}, low ${low}, close ${close}, volume ${volume}.`
    .vi`${symbol}, ${interval} từ ${start} đến ${end} (UTC): mở ${open}, cao ${high}, thấp ${low}, đóng ${close}, khối lượng ${volume}.`;
}

/** The finest candles in it, in which its parts are counted. */
function finestOf({ candle }: Facts): FixedInterval {
  return candle.made_from.split("+")[0] as FixedInterval;
}

function originSentence(facts: Facts): Text {
  const { candle, series, source, days, live } = facts;
  const intervals = candle.made_from.split("+") as Interval[];
  const finest = finestOf(facts);
  // Served days and live windows alone are of no file.
  const owner =
    series.length > 0 || days.length + live.length === 0
      ? FILES_OF[source]
      : days.length > 0
        ? en`of the serving table`.vi`trong bảng phục vụ`
        : en`of the stream`.vi`từ luồng trực tiếp`;
  const parts = en`${candle.parts} of ${candle.expected} ${candlesText([finest])}`
    .vi`${candle.parts} trên ${candle.expected} ${candlesText([finest])}`;
  return en`It was folded from ${candlesText(intervals)} ${owner}: ${parts} (origin ${ORIGIN_TEXTS[candle.origin]}).`
    .vi`Được gộp từ ${candlesText(intervals)} ${owner}: ${parts} (nguồn gốc ${ORIGIN_TEXTS[candle.origin]}).`;
}

/** A month can have thousands; all of them are in `gaps`. */
const MOST_GAPS = 12;

function missingSentences(facts: Facts): Text[] {
  const { candle, gaps, from, to } = facts;
  const finest = finestOf(facts);
  const lacks = ({ start, end }: Gap) => (Date.parse(end) - Date.parse(start)) / intervalMs(finest);
  const lackOf = (some: readonly Gap[]) => some.reduce((sum, gap) => sum + lacks(gap), 0);
  const isLong = Date.parse(to) - Date.parse(from) > DAY_MS;
  const endsOf = (gap: Gap) => (isLong ? ([stampOf(gap.start), stampOf(gap.end)] as const) : clocksOf(gap));
  const further = gaps.slice(MOST_GAPS);
  const rest = candle.expected - candle.parts - lackOf(gaps);
  const more = missingText(lackOf(further), finest);
  return [
    ...gaps.slice(0, MOST_GAPS).map((gap) => gapSentence(gap, missingText(lacks(gap), finest), endsOf(gap))),
    ...(further.length > 0
      ? [
          en`${more} in ${further.length} further gaps.`
            .vi`${more} trong ${further.length} khoảng trống khác.`,
        ]
      : []),
    ...(candle.complete && rest > 0 ? [unlistedSentence(rest, finest)] : []),
  ];
}

/** Of the days in it, those that the serving table gives. */
function daysSentence({ symbol, days }: Facts): Text[] {
  if (days.length === 0) return [];
  const list = joined(
    days.map(({ day, origin }) => en`${day} (${ORIGIN_TEXTS[origin]})`.vi`${day} (${ORIGIN_TEXTS[origin]})`),
    ", ",
  );
  return [
    en`Served days where no own candles have all of a day: ${list}; candlebook explain ${symbol} ${days[0].day} says more.`
      .vi`Các ngày từ bảng phục vụ, nơi nến của bạn không có trọn ngày: ${list}; xem thêm: candlebook explain ${symbol} ${days[0].day}.`,
  ];
}

/** The windows of the stream in it. */
function liveSentence({ live }: Facts): Text[] {
  if (live.length === 0) return [];
  const list = live.map(({ table, windows }) => `${table} (${windows})`).join(", ");
  return [
    en`Closed windows of the stream where no own candles have all of a stretch: ${list}.`
      .vi`Các cửa sổ đã đóng của luồng, nơi nến của bạn không có trọn khoảng: ${list}.`,
  ];
}
