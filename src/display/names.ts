import { ORIGIN_TEXTS } from "../core/originTexts.ts";
import type { Text } from "../core/text.ts";

/** Names of columns and fields in Vietnamese, as people write them; what is the same in both is not here. */
const VIETNAMESE_NAMES = `
balance: cân bằng dòng | bytes: số byte | cause: nguyên nhân | change percent: thay đổi, %
claim: khẳng định | close: đóng | closes: số giá đóng | complete: đủ | container: vỏ tệp
correlation: tương quan | cutoffs: số mốc dự báo | day: ngày | days: số ngày
days ahead: số ngày phía trước | difference: chênh lệch | doubled: lặp lại | end: kết thúc | field: trường
file: tệp | file id: số tệp | files: các tệp | first: đầu | first day: ngày đầu
first open time: thời điểm mở đầu tiên | forecast: dự báo | from: từ | high: cao | highest: cao nhất
holds: đúng | klines: số nến | label: nhãn | lag: độ trễ | last: cuối
last day: ngày cuối | last minute: phút cuối | last open time: thời điểm mở cuối cùng | late: muộn
layer: lớp | layer a: lớp a | layer b: lớp b | leaked: rò rỉ | line: dòng | low: thấp | lowest: thấp nhất
median: trung vị
messages: tin nhắn | minutes: số phút | missing: thiếu | model: mô hình | month: tháng | name: tên
next minute: phút kế tiếp | open: mở | open time: thời điểm mở | origin: nguồn gốc | origins: nguồn gốc
out of order: sai thứ tự | poison: hỏng | rank: hạng
quote volume: khối lượng theo tiền định giá | taker base: khối lượng mua chủ động
taker quote: tiền mua chủ động | vwap: giá trung bình theo khối lượng
raw: nguyên văn | read: đã đọc | reader: cách đọc | reason: lý do | rejected: loại | relative: tương đối
requests: số yêu cầu | rise: khả năng tăng | rows: số dòng | scored: được chấm
seconds: giây | sees: thấy được | source: nguồn | stage: chặng | start: bắt đầu | symbol: mã
symbol a: mã a | symbol b: mã b | symbols: các mã | table: bảng | tickers: số giá | to: đến
trades: số giao dịch | units: đơn vị | unknown: không rõ | valid: hợp lệ | value: giá trị
value a: giá trị a | value b: giá trị b | volume: khối lượng | week: tuần | weight: trọng số | year: năm
level: mức, % | side: phía | windows: số cửa sổ | exceeded: số lần vượt | steps ahead: số ngày phía trước
forecasts: số dự báo | since: từ | days observed: ngày đã có | days pending: ngày còn chờ
first cutoff: mốc dự báo đầu tiên | training days: số ngày huấn luyện | scored windows: số cửa sổ được chấm
`;

const VIETNAMESE = new Map([
  ...Object.entries(ORIGIN_TEXTS).map(([origin, { vi }]) => [origin, vi] as const),
  ...[...VIETNAMESE_NAMES.matchAll(/([^:|\n]+): ([^|\n]+)/g)].map(
    ([, name, vi]) => [name.trim(), vi.trim()] as const,
  ),
]);

/** `open_time` and `openTime` as people write them in each language; a name of the reader's own is shown as it is. */
export function nameText(name: string): Text {
  const en = name
    .replaceAll("_", " ")
    .replace(/(?<=[a-z])[A-Z](?![A-Z])/g, (letter) => ` ${letter.toLowerCase()}`);
  return { en, vi: VIETNAMESE.get(en) ?? en };
}
