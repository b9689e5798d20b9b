import { clean } from "../batch/clean.ts";
import { readRawManifest } from "../batch/rawManifest.ts";
import type { Origin } from "../candle/candle.ts";
import { formatNumber } from "../charts/theme.ts";
import type { Effects } from "../core/effects.ts";
import { CandlebookError } from "../core/errors.ts";
import type { Workspace } from "../core/workspace.ts";
import { readManifest } from "../lake/manifest.ts";
import { readTable } from "../lake/read.ts";
import { withLake } from "../lake/session.ts";
import type { SyllabusRow } from "../report/syllabus.ts";
import { vietnamese } from "../report/translate.ts";
import type { Text } from "../report/words.ts";
import type { Finding } from "./findings.ts";
import { readForecasts } from "./forecastRead.ts";

/** The run in numbers: what the abstract and the table of the syllabus say. */
export interface Evidence {
  abstract: Text[];
  syllabus: SyllabusRow[];
}

const ORIGIN_WORDS: Record<Origin, string> = {
  batch: "theo lô",
  backfill: "tải bù",
  speed: "trực tiếp",
  filled: "lấp đầy",
};

const n = (value: number) => formatNumber(value);

/**
 * What each week asked for, what was done, and the numbers for it, read from the workspace's tables now.
 * @param findings the report's claims, decided
 * @param notebooks how many executed notebooks the report holds
 */
export async function evidence(
  workspace: Workspace,
  findings: readonly Finding[],
  notebooks: number,
  effects: Effects = {},
): Promise<Evidence> {
  const files = (await readRawManifest(workspace))?.files ?? [];
  const balance = await clean(workspace, {}, effects).then((result) => result.balance, noneYet);
  const served = await servedDays(workspace, effects);
  const { symbols } = await readForecasts(workspace, effects);
  const [batch, backfill, gaps, stream] = await Promise.all(
    ["daily_batch", "daily_backfill", "gaps", "streaming_output"].map((table) => rowsOf(workspace, table)),
  );
  const models = new Set(symbols.flatMap(({ forecasts }) => forecasts.map(({ model }) => model))).size;
  const horizon = symbols[0]?.forecasts[0]?.steps.length ?? 0;
  const judged = judgementOf(symbols.reduce((sum, { cutoffs }) => sum + cutoffs.length, 0));
  const count = (holds: boolean | null) => findings.filter((one) => one.holds === holds).length;
  const played = findings.find(({ week }) => week === 4)?.value ?? "";
  const playedVi = vietnamese(played);
  const names = served.symbols.join(", ");
  const origins = served.origins.map(([origin, days]) => ({
    en: `${origin} ${n(days)}`,
    vi: `${ORIGIN_WORDS[origin]} ${n(days)}`,
  }));
  const read = balance?.in ?? 0;
  const syllabus: SyllabusRow[] = [
    {
      week: 1,
      asked: { en: "Read raw minute files of several forms", vi: "Đọc tệp nến phút thô ở nhiều dạng" },
      done: {
        en: "One reader for every form; bad rows kept aside with their reason",
        vi: "Một bộ đọc cho mọi dạng; dòng hỏng được để riêng kèm lý do",
      },
      evidence: {
        en: `${n(files.length)} files, ${n(read)} rows`,
        vi: `${n(files.length)} tệp, ${n(read)} dòng`,
      },
      proof: { notebook: "week1-ingestion", cell: "ingest" },
    },
    {
      week: 2,
      asked: { en: "Clean the data", vi: "Làm sạch dữ liệu" },
      done: {
        en: "One candle per minute by a rule that no order of files changes",
        vi: "Mỗi phút một nến, theo quy tắc không phụ thuộc thứ tự tệp",
      },
      evidence: {
        en: `${n(balance?.duplicates ?? 0)} duplicates dropped, ${n(balance?.conflicts ?? 0)} of them conflicting; ${n(balance?.rejected ?? 0)} rejected`,
        vi: `bỏ ${n(balance?.duplicates ?? 0)} dòng trùng, trong đó ${n(balance?.conflicts ?? 0)} mâu thuẫn; loại ${n(balance?.rejected ?? 0)}`,
      },
      proof: { notebook: "week2-cleaning", cell: "clean" },
    },
    {
      week: 3,
      asked: { en: "Make daily candles, close the holes", vi: "Tạo nến ngày, lấp các khoảng trống" },
      done: {
        en: "UTC days from minutes; each hole sought elsewhere and labelled",
        vi: "Ngày UTC từ nến phút; mỗi khoảng trống được tìm ở nguồn khác và gắn nhãn",
      },
      evidence: {
        en: `${n(batch)} days from files, ${n(backfill)} fetched, ${n(gaps)} holes named`,
        vi: `${n(batch)} ngày từ tệp, ${n(backfill)} ngày tải bù, ${n(gaps)} khoảng trống được gọi tên`,
      },
      proof: { notebook: "week3-daily-and-backfill", cell: "check" },
    },
    {
      week: 4,
      asked: {
        en: "Process the live stream by event time",
        vi: "Xử lý dòng trực tiếp theo thời gian sự kiện",
      },
      done: {
        en: "Topic, watermark, day windows; late events kept aside",
        vi: "Topic, watermark, cửa sổ ngày; sự kiện muộn được để riêng",
      },
      evidence: {
        en: `${n(stream)} days from the live stream; replayed: ${played}`,
        vi: `${n(stream)} ngày từ dòng trực tiếp; phát lại: ${playedVi === played ? "–" : playedVi}`,
      },
      proof: { notebook: "week4-streaming", cell: "proof" },
    },
    {
      week: 5,
      asked: { en: "Merge the layers into one timeline", vi: "Hợp nhất các lớp thành một dòng thời gian" },
      done: {
        en: "Every day once, with its origin; moving averages after the merge",
        vi: "Mỗi ngày một lần, kèm nguồn gốc; trung bình động tính sau khi hợp nhất",
      },
      evidence: {
        en: `${n(served.days)} days: ${origins.map(({ en }) => en).join(", ")}`,
        vi: `${n(served.days)} ngày: ${origins.map(({ vi }) => vi).join(", ")}`,
      },
      proof: { notebook: "week5-merge", cell: "calendar" },
    },
    {
      week: 6,
      asked: {
        en: "Forecast the next days with their uncertainty",
        vi: "Dự báo những ngày tới kèm độ bất định",
      },
      done: {
        en: "Several models, each day as a distribution",
        vi: "Nhiều mô hình, mỗi ngày là một phân phối",
      },
      evidence: {
        en: `${n(models)} models, ${n(symbols.length)} symbols, ${n(horizon)} days ahead`,
        vi: `${n(models)} mô hình, ${n(symbols.length)} mã, ${n(horizon)} ngày phía trước`,
      },
      proof: { notebook: "week6-forecasting", cell: "fan" },
    },
    {
      week: 7,
      asked: { en: "Evaluate honestly", vi: "Đánh giá trung thực" },
      done: {
        en: "Rolling origins beside the naive forecast; the famous leak shown as a leak",
        vi: "Gốc cuốn, bên cạnh dự báo naive; rò rỉ nổi tiếng được cho thấy là rò rỉ",
      },
      evidence: judged.evidence,
      proof: { notebook: "week7-evaluation", cell: "scores" },
    },
    {
      week: 8,
      asked: { en: "Report with evidence", vi: "Báo cáo kèm bằng chứng" },
      done: {
        en: "Each claim bound to a computed number, red where it fails",
        vi: "Mỗi khẳng định gắn với một con số được tính, màu đỏ khi không đúng",
      },
      evidence: {
        en: `${n(notebooks)} notebooks; ${n(findings.length)} claims: ${n(count(true))} hold, ${n(count(false))} do not, ${n(count(null))} undecided`,
        vi: `${n(notebooks)} sổ tay; ${n(findings.length)} khẳng định: ${n(count(true))} đúng, ${n(count(false))} không đúng, ${n(count(null))} chưa kết luận`,
      },
      proof: { notebook: "week8-report", cell: "findings" },
    },
  ];
  const span = served.days > 0 ? [served.first, served.last] : ["–", "–"];
  return {
    syllabus,
    abstract: [
      {
        en: `This report follows ${names || "no symbol yet"} from ${n(read)} raw rows to ${n(served.days)} days of one timeline (${span[0]} to ${span[1]}, UTC), and on to a forecast of ${n(horizon)} days by ${n(models)} models, ${judged.clause.en}.`,
        vi: `Báo cáo này theo dõi ${names || "chưa có mã nào"} từ ${n(read)} dòng thô đến ${n(served.days)} ngày trên một dòng thời gian (${span[0]} đến ${span[1]}, UTC), rồi đến dự báo ${n(horizon)} ngày của ${n(models)} mô hình, ${judged.clause.vi}.`,
      },
      {
        en: `It makes ${n(findings.length)} claims. Each is bound to a number that was computed when the page was made: ${n(count(true))} hold, ${n(count(false))} do not hold, ${n(count(null))} can't be decided on this data.`,
        vi: `Báo cáo nêu ${n(findings.length)} khẳng định. Mỗi khẳng định gắn với một con số được tính khi tạo trang: ${n(count(true))} đúng, ${n(count(false))} không đúng, ${n(count(null))} chưa kết luận được với dữ liệu này.`,
      },
    ],
  };
}

/** How the forecasts were judged: the syllabus' evidence, and the end of the abstract's sentence. */
function judgementOf(windows: number) {
  if (windows === 0) {
    return {
      evidence: {
        en: "unscored: the history is too short for a backtest",
        vi: "không chấm điểm: lịch sử quá ngắn để kiểm định lùi",
      },
      clause: { en: "which the history is too short to judge", vi: "mà lịch sử còn quá ngắn để chấm" },
    };
  }
  return {
    evidence: { en: `${n(windows)} windows for each model`, vi: `${n(windows)} cửa sổ cho mỗi mô hình` },
    clause: {
      en: `each judged on ${n(windows)} windows of days that it had not seen`,
      vi: `mỗi mô hình được chấm trên ${n(windows)} cửa sổ gồm những ngày nó chưa từng thấy`,
    },
  };
}

async function rowsOf(workspace: Workspace, table: string): Promise<number> {
  return (await readManifest(workspace, table))?.rows ?? 0;
}

interface Served {
  days: number;
  first: string;
  last: string;
  symbols: string[];
  origins: [Origin, number][];
}

async function servedDays(workspace: Workspace, effects: Effects): Promise<Served> {
  const table = await readTable(workspace, "daily_filled");
  const none: Served = { days: 0, first: "", last: "", symbols: [], origins: [] };
  if (table === null) return none;
  const rows = await withLake(workspace, effects, (lake) =>
    lake.rows<{ symbol: string; origin: Origin; days: number; first: string; last: string }>(
      `SELECT symbol, origin, count(*)::DOUBLE AS days, min(day)::VARCHAR AS first, max(day)::VARCHAR AS last
       FROM ${table.sql} GROUP BY ALL ORDER BY ALL`,
    ),
  );
  const sum = (origin: Origin) =>
    rows.filter((row) => row.origin === origin).reduce((all, row) => all + row.days, 0);
  return {
    days: rows.reduce((all, row) => all + row.days, 0),
    first: rows.map((row) => row.first).sort()[0] ?? "",
    last:
      rows
        .map((row) => row.last)
        .sort()
        .at(-1) ?? "",
    symbols: [...new Set(rows.map((row) => row.symbol))],
    origins: (Object.keys(ORIGIN_WORDS) as Origin[])
      .map((origin): [Origin, number] => [origin, sum(origin)])
      .filter(([, days]) => days > 0),
  };
}

function noneYet(error: unknown): null {
  if (error instanceof CandlebookError && error.exit === 2) return null;
  throw error;
}
