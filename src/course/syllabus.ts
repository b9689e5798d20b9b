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
    en`This report follows ${names || "no symbol yet"} from ${balance.in} raw rows to ${served.days} days of one timeline (${served.first} to ${served.last}, UTC), and on to a forecast of ${horizon} days by ${models} models, ${judged}.`
      .vi`Báo cáo này theo dõi ${names || "chưa có mã nào"} từ ${balance.in} dòng thô đến ${served.days} ngày trên một dòng thời gian (${served.first} đến ${served.last}, UTC), rồi đến dự báo ${horizon} ngày của ${models} mô hình, ${judged}.`,
    en`It makes ${all} claims. Each is bound to a number that was computed when the page was made: ${hold} hold, ${fail} do not hold, ${open} can't be decided on this data.`
      .vi`Báo cáo nêu ${all} khẳng định. Mỗi khẳng định gắn với một con số được tính khi tạo trang: ${hold} đúng, ${fail} không đúng, ${open} chưa kết luận được với dữ liệu này.`,
  ];
}

function judgedText(windows: number): Text {
  if (windows === 0) {
    return { en: "which the history is too short to judge", vi: "mà lịch sử còn quá ngắn để chấm" };
  }
  return en`each judged on ${windows} windows of days that it had not seen`
    .vi`mỗi mô hình được chấm trên ${windows} cửa sổ gồm những ngày nó chưa từng thấy`;
}
