import { en, type Text } from "../core/text.ts";
import {
  BAND,
  bandHolds,
  bandsAreOrdered,
  daysAreSame,
  everyDayOnce,
  minutesAreClean,
  notWorseThanNaive,
  type Proof,
  rowBalanceHolds,
  streamEqualsBatch,
} from "./proofs.ts";
import type { RunNumbers } from "./runNumbers.ts";

/** A sentence about the data that a number can refute. */
export interface Claim {
  claim: Text;
  /** Default: what the week requires. */
  asked?: Text;
  /** The id of the notebook's cell that shows it. */
  cell: string;
  prove: Proof;
}

/** A week of the course. A new one is a row of `WEEKS` and a notebook. */
export interface Week {
  week: number;
  /** The file in `notebooks/`, without its ending. */
  notebook: string;
  /** What the notebook shows, for lists of the notebooks. */
  shows: Text;
  /** The tables that are of the week: those that the notebook publishes, or shows first; null where it only reads. */
  makes: RegExp | null;
  /** What the syllabus requires, and what was done. */
  asked: Text;
  done: Text;
  /** The run's numbers for it. */
  evidence(numbers: RunNumbers): Text;
  /** The ids of the notebook's cells: the one that shows the evidence, and the one with the exercises. */
  cell: string;
  exercises: string;
  claims: readonly Claim[];
}

export const WEEKS: readonly Week[] = [
  {
    week: 1,
    notebook: "week1-ingestion",
    shows: {
      en: "the files that were read, and the disposition of each row",
      vi: "các tệp đã đọc, và kết cục của mỗi dòng",
    },
    makes: /_minutes$|^rejects$/,
    asked: { en: "Read raw minute files of several forms", vi: "Đọc tệp nến phút thô ở nhiều dạng" },
    done: en`One reader for every form; bad rows kept aside with their reason`
      .vi`Một bộ đọc cho mọi dạng; dòng hỏng được để riêng kèm lý do`,
    evidence: ({ files, balance }) =>
      en`${files} files, ${balance.in} rows`.vi`${files} tệp, ${balance.in} dòng`,
    cell: "ingest",
    exercises: "questions",
    claims: [
      {
        claim: en`Every row read is kept, dropped as a duplicate or rejected with its reason.`
          .vi`Mỗi dòng đã đọc đều được giữ, bị bỏ vì trùng, hoặc bị loại kèm lý do.`,
        cell: "ingest",
        prove: rowBalanceHolds,
      },
    ],
  },
  {
    week: 2,
    notebook: "week2-cleaning",
    shows: { en: "duplicates, conflicts, gaps", vi: "dòng trùng, mâu thuẫn, khoảng trống" },
    makes: /_clean$/,
    asked: { en: "Clean the data", vi: "Làm sạch dữ liệu" },
    done: en`One candle per minute by a rule that no order of files changes`
      .vi`Mỗi phút một nến, theo quy tắc không phụ thuộc thứ tự tệp`,
    evidence: ({ balance: { duplicates, conflicts, rejected } }) =>
      en`${duplicates} duplicates dropped, ${conflicts} of them conflicting; ${rejected} rejected`
        .vi`bỏ ${duplicates} dòng trùng, trong đó ${conflicts} mâu thuẫn; loại ${rejected}`,
    cell: "clean",
    exercises: "questions",
    claims: [
      {
        claim: en`No minute occurs twice, and no candle has its high below or its low above its prices.`
          .vi`Không phút nào có hai lần, và không nến nào có giá cao dưới hay giá thấp trên các giá của nó.`,
        cell: "clean",
        prove: minutesAreClean,
      },
    ],
  },
  {
    week: 3,
    notebook: "week3-daily-and-backfill",
    shows: en`minutes to UTC days, how complete each is, and gaps closed over REST`
      .vi`từ nến phút đến ngày UTC, mỗi ngày đủ đến đâu, và khoảng trống được lấp qua REST`,
    makes: /^(daily_batch|daily_backfill|gaps|gap_labels|per_day)$/,
    asked: { en: "Make daily candles, close the gaps", vi: "Tạo nến ngày, lấp các khoảng trống" },
    done: en`UTC days from minutes; each gap requested elsewhere and labelled`
      .vi`Ngày UTC từ nến phút; mỗi khoảng trống được tìm ở nguồn khác và gắn nhãn`,
    evidence: ({ rows }) =>
      en`${rows.daily_batch} days from files, ${rows.daily_backfill} fetched, ${rows.gaps} gaps labelled`
        .vi`${rows.daily_batch} ngày từ tệp, ${rows.daily_backfill} ngày tải bù, ${rows.gaps} khoảng trống được gọi tên`,
    cell: "check",
    exercises: "questions",
    claims: [
      {
        asked: { en: "Make daily candles", vi: "Tạo nến ngày" },
        claim: en`Computed again by other means from the clean minutes, every day is the same.`
          .vi`Tính lại bằng cách khác từ các phút sạch, mọi ngày đều như cũ.`,
        cell: "check",
        prove: daysAreSame,
      },
    ],
  },
  {
    week: 4,
    notebook: "week4-streaming",
    shows: en`event time, watermark, late events; the stream beside the batch`
      .vi`thời gian sự kiện, watermark, sự kiện muộn; dòng trực tiếp bên cạnh lô`,
    makes: /^(streaming_\w+|late_events|poison_messages)$/,
    asked: { en: "Process the live stream by event time", vi: "Xử lý dòng trực tiếp theo thời gian sự kiện" },
    done: en`Topic, watermark, day windows; late events kept aside`
      .vi`Topic, watermark, cửa sổ ngày; sự kiện muộn được để riêng`,
    evidence: ({ rows, claimValue }) =>
      en`${rows.streaming_output} days from the live stream; replayed: ${claimValue(4).en}`
        .vi`${rows.streaming_output} ngày từ dòng trực tiếp; phát lại: ${claimValue(4).vi}`,
    cell: "proof",
    exercises: "questions",
    claims: [
      {
        claim: en`Out of order and partly twice, the stream's days equal the batch's, bit for bit.`
          .vi`Dù sai thứ tự và một phần lặp lại, các ngày của dòng vẫn bằng các ngày theo lô, đến từng bit.`,
        cell: "proof",
        prove: streamEqualsBatch,
      },
    ],
  },
  {
    week: 5,
    notebook: "week5-merge",
    shows: en`one timeline from all layers, and the source of each row`
      .vi`một dòng thời gian từ mọi lớp, và mỗi dòng đến từ đâu`,
    makes: /^(daily_filled|reconciliation|prophet_input|results|candles_\w+)$/,
    asked: { en: "Merge the layers into one timeline", vi: "Hợp nhất các lớp thành một dòng thời gian" },
    done: en`Every day once, with its origin; moving averages after the merge`
      .vi`Mỗi ngày một lần, kèm nguồn gốc; trung bình động tính sau khi hợp nhất`,
    evidence: ({ served }) =>
      en`${served.days} days: ${served.origins}`.vi`${served.days} ngày: ${served.origins}`,
    cell: "calendar",
    exercises: "questions",
    claims: [
      {
        claim: en`From a symbol's first day to its last, each day occurs exactly once.`
          .vi`Từ ngày đầu đến ngày cuối của một mã, mỗi ngày có đúng một lần.`,
        cell: "calendar",
        prove: everyDayOnce,
      },
    ],
  },
  {
    week: 6,
    notebook: "week6-forecasting",
    shows: en`all models, 30 days, and whether they beat the last price`
      .vi`mọi mô hình, 30 ngày, và chúng có hơn giá cuối cùng không`,
    makes: /^(forecast_(quantiles|diary)|prophet_(forecasts|results|metrics))$/,
    asked: en`Forecast the next days with their uncertainty`.vi`Dự báo những ngày tới kèm độ bất định`,
    done: en`Several models, each day as a distribution`.vi`Nhiều mô hình, mỗi ngày là một phân phối`,
    evidence: ({ models, symbols, horizon }) =>
      en`${models} models, ${symbols} symbols, ${horizon} days ahead`
        .vi`${models} mô hình, ${symbols} mã, ${horizon} ngày phía trước`,
    cell: "fan",
    exercises: "questions",
    claims: [
      {
        claim: en`Each published band widens around its forecast in order, above zero, for days after the cutoff only.`
          .vi`Mỗi dải được công bố rộng dần quanh dự báo theo đúng thứ tự, trên số không, và chỉ cho những ngày sau mốc dự báo.`,
        cell: "fan",
        prove: bandsAreOrdered,
      },
    ],
  },
  {
    week: 7,
    notebook: "week7-evaluation",
    shows: en`error by days ahead, coverage, and how a leak makes 3.36 %`
      .vi`sai số theo số ngày phía trước, độ phủ, và rò rỉ tạo ra 3,36 % thế nào`,
    makes: null,
    asked: { en: "Evaluate honestly", vi: "Đánh giá trung thực" },
    done: en`Rolling origins beside the naive forecast; the famous leak shown as a leak`
      .vi`Mốc dự báo trượt, bên cạnh dự báo naive; rò rỉ nổi tiếng được cho thấy là rò rỉ`,
    evidence: ({ windows }) =>
      windows === 0
        ? en`unscored: the history is too short for a backtest`
            .vi`không chấm điểm: lịch sử quá ngắn để kiểm định lùi`
        : en`${windows} windows for each model`.vi`${windows} cửa sổ cho mỗi mô hình`,
    cell: "scores",
    exercises: "questions",
    claims: [
      {
        claim: en`The 80 % band of the shown model held between ${BAND.low} and ${BAND.high} % of the days it had not seen.`
          .vi`Dải 80 % của mô hình được trình bày giữ được từ ${BAND.low} đến ${BAND.high} % số ngày mà nó chưa thấy.`,
        cell: "coverage",
        prove: bandHolds,
      },
      {
        asked: { en: "Compare with the simplest forecast", vi: "So với dự báo đơn giản nhất" },
        claim: en`The shown model's distribution is not worse than the naive one's by more than chance explains (t below 2).`
          .vi`Phân phối của mô hình được trình bày không kém phân phối naive quá mức ngẫu nhiên giải thích được (t dưới 2).`,
        cell: "scores",
        prove: notWorseThanNaive,
      },
    ],
  },
  {
    week: 8,
    notebook: "week8-report",
    shows: en`each claim bound to the number that proves or refutes it`
      .vi`mỗi khẳng định gắn với con số chứng minh hoặc bác bỏ nó`,
    makes: null,
    asked: { en: "Report with evidence", vi: "Báo cáo kèm bằng chứng" },
    done: en`Each claim bound to a computed number, red where it fails`
      .vi`Mỗi khẳng định gắn với một con số được tính, màu đỏ khi không đúng`,
    evidence: ({ notebooks, verdicts: { all, hold, fail, open } }) =>
      en`${notebooks} notebooks; ${all} claims: ${hold} hold, ${fail} do not, ${open} undecided`
        .vi`${notebooks} sổ tay; ${all} khẳng định: ${hold} đúng, ${fail} không đúng, ${open} chưa kết luận`,
    cell: "claims",
    exercises: "questions",
    claims: [],
  },
];

/** The week whose notebook this is; undefined for a notebook that is not of the course. */
export function weekOf(notebook: string): Week | undefined {
  return WEEKS.find((week) => week.notebook === notebook);
}
