import type { Source } from "../candle/candle.ts";
import { counted } from "../core/numbers.ts";
import { ORIGIN_TEXTS } from "../core/originTexts.ts";
import { en, joined, sameText, type Text } from "../core/text.ts";
import { MINUTES_PER_DAY } from "../time/epoch.ts";
import { type Difference, type Explanation, servingLayer } from "./explanation.ts";
import {
  candlesText,
  clocksOf,
  FILES_OF,
  fileSentence,
  gapSentence,
  missingText,
  requestSentence,
  unlistedSentence,
  versionSentence,
} from "./sentences.ts";

type Facts = Omit<Explanation, "text">;

/** The facts about a day's row as sentences, one per line. */
export function dayText(facts: Facts): Text {
  return joined(
    [
      priceSentence(facts),
      originSentence(facts),
      ...(facts.served.complete ? [] : [STILL_OPEN]),
      ...facts.gaps.map((gap) => gapSentence(gap, missingText(gap.minutes, "1m"), clocksOf(gap))),
      ...unlisted(facts),
      ...fileSentence(facts.files),
      ...streamSentences(facts),
      ...requestSentences(facts),
      ...otherLayers(facts),
      ...lateSentence(facts),
      versionSentence(facts.versions),
    ],
    "\n",
  );
}

const STILL_OPEN = en`More may come for this day: it is marked, and the models don't see it.`
  .vi`Ngày này có thể còn thêm dữ liệu: nó được đánh dấu, và các mô hình không thấy nó.`;

function priceSentence({ symbol, day, served }: Facts): Text {
  const { open, high, low, close, volume } = served;
  const traded =
    volume === null
      ? en`volume unknown`.vi`không rõ khối lượng`
      : en`volume ${volume}`.vi`khối lượng ${volume}`;
  return en`${symbol} on ${day} (UTC): open ${open}, high ${high}, low ${low}, close ${close}, ${traded}.`
    .vi`${symbol} ngày ${day} (UTC): mở ${open}, cao ${high}, thấp ${low}, đóng ${close}, ${traded}.`;
}

const DAY_OF: Record<Source, Text> = {
  csv: { en: "a daily candle of your own files", vi: "một nến ngày trong tệp của bạn" },
  binance: {
    en: "a daily candle of the exchange's public archive",
    vi: "một nến ngày trong kho công khai của sàn",
  },
  simulated: en`a daily candle of the simulated market, which is made up`
    .vi`một nến ngày của thị trường mô phỏng, tức là bịa ra`,
};

function originSentence(facts: Facts): Text {
  const [origin, simulated] = [facts.served.origin, facts.source === "simulated"];
  // A filled day has no source, and the words for minutes of the simulated market say it already.
  const madeUp = simulated && origin !== "filled" && origin !== "batch";
  const [text, name] = [originText(facts), ORIGIN_TEXTS[origin]];
  return en`${text} (origin ${name}).${madeUp ? " It is made up: the market is simulated." : ""}`
    .vi`${text} (nguồn gốc ${name}).${madeUp ? " Nó được bịa ra: thị trường là mô phỏng." : ""}`;
}

function originText(facts: Facts): Text {
  const { served, source, carriedFrom, files } = facts;
  const there = served.minutes ?? 0;
  const minutes = en`${there} of ${MINUTES_PER_DAY} minutes`.vi`${there} trên ${MINUTES_PER_DAY} phút`;
  if (served.origin === "filled") {
    const day = String(carriedFrom);
    return en`No source has this day: the close of ${day} is carried forward, with no range and no volume`
      .vi`Không nguồn nào có ngày này: giá đóng của ${day} được mang sang, không có biên độ và khối lượng`;
  }
  if (served.origin === "batch" && served.minutes === null) {
    const own = DAY_OF[source];
    return en`It was made from ${own}`.vi`Được làm từ ${own}`;
  }
  if (served.origin === "batch") {
    const intervals = [...new Set(files.map(({ interval }) => interval))];
    const candles = candlesText(intervals.length === 0 ? ["1m"] : intervals);
    return en`It was made from ${candles} ${FILES_OF[source]}: ${minutes}`
      .vi`Được làm từ ${candles} ${FILES_OF[source]}: ${minutes}`;
  }
  if (served.origin === "backfill" && served.minutes === null) {
    return en`It is the exchange's own daily candle, fetched because no minutes of the day are here`
      .vi`Đây là nến ngày của chính sàn, tải về vì không có nến phút của ngày này`;
  }
  if (served.origin === "backfill") {
    return en`It was made from ${minutes}, of which some or all were fetched from the exchange to close a gap`
      .vi`Được làm từ ${minutes}, trong đó một phần hoặc tất cả được tải từ sàn để lấp khoảng trống`;
  }
  if (served.volume === null) {
    return en`Only its last price is known, from live tickers`
      .vi`Chỉ biết giá cuối của nó, từ các tin giá trực tiếp`;
  }
  const snapshot = servingLayer(facts)?.layer === "snapshot";
  return en`It came live, through the topic: ${minutes}${snapshot ? ", read so far by the demo reader" : ""}`
    .vi`Nó đến trực tiếp, qua topic: ${minutes}${snapshot ? ", do bộ đọc demo đọc ở trạng thái lúc đó" : ""}`;
}

/** Minutes that are missing without a gap in the list of gaps. */
function unlisted({ served, gaps }: Facts): Text[] {
  if (served.minutes === null || served.origin === "filled" || !served.complete) return [];
  const listed = gaps.reduce((sum, gap) => sum + gap.minutes, 0);
  const rest = MINUTES_PER_DAY - served.minutes - listed;
  if (rest <= 0) return [];
  return [unlistedSentence(rest, "1m")];
}

function streamSentences({ stream }: Facts): Text[] {
  if (stream === null) return [];
  const parts = joined(
    stream.shares.map(
      ({ partition, first, last, messages }) =>
        en`partition ${partition}, offsets ${first} to ${last} (${counted(messages, "message")} of this symbol and day)`
          .vi`phân vùng ${partition}, offset ${first} đến ${last} (${messages} tin nhắn của mã và ngày này)`,
    ),
    "; ",
  );
  const read = en`It was read from the topic ${stream.topic}: ${parts}.`
    .vi`Nó được đọc từ topic ${stream.topic}: ${parts}.`;
  const fetched = en`${counted(stream.fetched, "minute")} of it came over REST, where messages were missing.`
    .vi`${stream.fetched} phút của nó đến qua REST, nơi thiếu tin nhắn.`;
  return [...(parts.en === "" ? [] : [read]), ...(stream.fetched === 0 ? [] : [fetched])];
}

/** A fetched day without its answer is described as such: it must not look as if nothing had been requested. */
function requestSentences(facts: Facts): Text[] {
  const { requests, source } = facts;
  if (requests.length > 0) return requests.map(requestSentence);
  if (servingLayer(facts)?.layer !== "backfill") return [];
  return [
    source === "simulated"
      ? en`No file and no request is behind it: the simulated market drew it from its seed.`
          .vi`Không có tệp hay yêu cầu nào đằng sau: thị trường mô phỏng rút nó từ hạt giống.`
      : en`The file with the exchange's answer is not in data/raw any more.`
          .vi`Tệp chứa câu trả lời của sàn không còn trong data/raw.`,
  ];
}

function otherLayers(facts: Facts): Text[] {
  const serving = servingLayer(facts);
  return facts.layers
    .filter((known) => known !== serving)
    .map(({ layer }) => {
      if (layer === "snapshot") {
        return en`The demo reader's snapshot knows the day too; it never goes first.`
          .vi`Bản chụp của bộ đọc demo cũng biết ngày này; nó không bao giờ được ưu tiên.`;
      }
      const pair = [layer, serving?.layer];
      const mine = facts.differences.filter(({ layer_a, layer_b }) =>
        pair.every((one) => one === layer_a || one === layer_b),
      );
      const fields = joined(mine.map(differenceText), ", ");
      const found =
        mine.length === 0
          ? { en: "agrees in every field", vi: "khớp ở mọi trường" }
          : en`differs in ${fields}`.vi`khác ở ${fields}`;
      const name = ORIGIN_TEXTS[layer];
      return en`The ${name} layer knows the day too, and ${found}.`
        .vi`Lớp ${name} cũng biết ngày này, và ${found}.`;
    });
}

function differenceText({ field, relative, cause }: Difference): Text {
  if (relative === null) return sameText(`${field} (${cause})`);
  const percent = Number((Math.abs(relative) * 100).toPrecision(2));
  return en`${field} by ${percent} % (${cause})`.vi`${field}, lệch ${percent} % (${cause})`;
}

function lateSentence({ lateEvents }: Facts): Text[] {
  if (lateEvents === 0) return [];
  return [
    en`${counted(lateEvents, "live event")} came after its window had closed, kept in late_events.`
      .vi`${lateEvents} sự kiện trực tiếp đến sau khi cửa sổ đã đóng, được giữ trong late_events.`,
  ];
}
