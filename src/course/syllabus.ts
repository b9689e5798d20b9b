import { formatNumber } from "../charts/theme.ts";
import { en, type Text } from "../core/text.ts";
import type { CellPlace } from "./claims.ts";
import type { RunNumbers } from "./runNumbers.ts";
import { WEEKS } from "./weeks.ts";

/** What a week of the course requires, what was done, and the numbers that show it. */
export interface SyllabusRow {
  week: number;
  asked: Text;
  done: Text;
  evidence: Text;
  proof: CellPlace;
}

const n = (value: number) => formatNumber(value);

/** One row for each week, with this run's numbers. */
export function syllabusOf(numbers: RunNumbers): SyllabusRow[] {
  return WEEKS.map(({ week, notebook, asked, done, evidence, cell }) => {
    return { week, asked, done, evidence: evidence(numbers), proof: { notebook, cell } };
  });
}

/** The run in two sentences. */
export function abstractOf({ balance, served, horizon, models, windows, verdicts }: RunNumbers): Text[] {
  const { all, hold, fail, open } = verdicts;
  const names = served.symbols.join(", ");
  const judged = judgedText(windows);
  return [
    en`This report follows ${names || "no symbol yet"} from ${n(balance.in)} raw rows to ${n(served.days)} days of one timeline (${served.first} to ${served.last}, UTC), and on to a forecast of ${n(horizon)} days by ${n(models)} models, ${judged}.`
      .vi`Báo cáo này theo dõi ${names || "chưa có mã nào"} từ ${n(balance.in)} dòng thô đến ${n(served.days)} ngày trên một dòng thời gian (${served.first} đến ${served.last}, UTC), rồi đến dự báo ${n(horizon)} ngày của ${n(models)} mô hình, ${judged}.`,
    en`It makes ${n(all)} claims. Each is bound to a number that was computed when the page was made: ${n(hold)} hold, ${n(fail)} do not hold, ${n(open)} can't be decided on this data.`
      .vi`Báo cáo nêu ${n(all)} khẳng định. Mỗi khẳng định gắn với một con số được tính khi tạo trang: ${n(hold)} đúng, ${n(fail)} không đúng, ${n(open)} chưa kết luận được với dữ liệu này.`,
  ];
}

function judgedText(windows: number): Text {
  if (windows === 0) {
    return { en: "which the history is too short to judge", vi: "mà lịch sử còn quá ngắn để chấm" };
  }
  return en`each judged on ${n(windows)} windows of days that it had not seen`
    .vi`mỗi mô hình được chấm trên ${n(windows)} cửa sổ gồm những ngày nó chưa từng thấy`;
}
