import { numberIn } from "../core/numbers.ts";

/** The sentences of the tour, one for each step; a term is explained where it occurs first. */
export interface DemoTexts {
  begin(live: boolean, messages: number): string;
  history(days: number): string;
  produced(messages: number, reconnects: number): string;
  peeked(count: number): string;
  consumed(open: number): string;
  whyNothing: string;
  snapshot(messages: number, rows: number): string;
  merged(rows: number): string;
  forecast(models: number, days: number): string;
  noForecast(reason: string): string;
  figures(files: number): string;
  picture(path: string): string;
  end(folder: string, seconds: number): string;
  /** A stage of the work, by its command's name, as the progress shows it. */
  stages: Readonly<Record<string, string>>;
  /** The error for an unreachable real exchange. */
  unreachable: { message: string; next: string };
  /** The error for a folder with other content. */
  notEmpty: { message: string; next: string };
}

const e = (value: number) => numberIn("en", value);

const english: DemoTexts = {
  begin: (live, messages) =>
    live
      ? `1. Reading the real exchange's stream of one-minute candles (open, high, low and close of a minute) until ${e(messages)} messages have arrived.`
      : `1. Starting a simulated exchange on this machine (made-up prices, no network) and reading its stream of one-minute candles (open, high, low and close of a minute) until ${e(messages)} messages have arrived.`,
  history: (days) =>
    `2. Fetched ${e(days)} daily candles from the exchange, for the days before today: the history of the forecast.`,
  produced: (messages, reconnects) =>
    `3. ${e(messages)} messages are in the topic, a log on disk that readers read at their own pace; the stream was reconnected ${e(reconnects)} times.`,
  peeked: (count) => `4. The last ${e(count)} messages in the topic, each with its part and its number there:`,
  consumed: (open) =>
    `5. The production reader has read them all. A window is a day whose minutes are collected: ${e(open)} windows are open, none has closed.`,
  whyNothing:
    "   It publishes a day only when it can't change any more, one hour after the day's end by the exchange's own clock; today is still running, so it has nothing to publish.",
  snapshot: (messages, rows) =>
    `6. The demo reader does not wait: it aggregated all ${e(messages)} messages into ${e(rows)} rows, none of them a complete day:`,
  merged: (rows) => `7. Merged into one timeline: ${e(rows)} days, each with its origin.`,
  forecast: (models, days) =>
    `8. ${e(models)} models forecast the next ${e(days)} days; each was first tested on days of the past that it had not seen (a backtest). Half of the outcomes are expected below the median, 80 of 100 within the 80 % band:`,
  noForecast: (reason) => `8. No forecast: ${reason}`,
  figures: (files) => `9. ${e(files)} files of figures were drawn.`,
  picture: (path) => `   The forecast as a picture, in your browser: ${path}`,
  end: (folder, seconds) =>
    `Done in ${e(seconds)} s. Everything is in ${folder}; you can delete it at any time. Next: npm start makes all stages, the notebooks and the report; npm start -- --csv PATH does so from your own files.`,
  stages: {},
  unreachable: {
    message: "The real exchange can't be reached: no network, or it does not serve this location.",
    next: "Run the tour without --live, which needs no network; or check the network, or name another address of the exchange: --stream-url wss://….",
  },
  notEmpty: {
    message: "The folder for the tour is not empty, and was not created by an earlier tour.",
    next: "Name another folder: --workspace DIR.",
  },
};

const v = (value: number) => numberIn("vi", value);

const vietnamese: DemoTexts = {
  begin: (live, messages) =>
    live
      ? `1. Đang đọc dòng nến phút (giá mở, cao, thấp, đóng của một phút) của sàn giao dịch thật cho đến khi nhận đủ ${v(messages)} tin nhắn.`
      : `1. Khởi động một sàn giao dịch mô phỏng trên máy này (giá bịa ra, không cần mạng) và đọc dòng nến phút (giá mở, cao, thấp, đóng của một phút) cho đến khi nhận đủ ${v(messages)} tin nhắn.`,
  history: (days) => `2. Đã tải ${v(days)} nến ngày từ sàn, của những ngày trước hôm nay: lịch sử để dự báo.`,
  produced: (messages, reconnects) =>
    `3. ${v(messages)} tin nhắn đã có trong topic, một sổ ghi trên đĩa mà mỗi chương trình đọc theo nhịp riêng; đã kết nối lại ${v(reconnects)} lần.`,
  peeked: (count) => `4. ${v(count)} tin nhắn cuối cùng trong topic, mỗi tin kèm phần và số thứ tự ở đó:`,
  consumed: (open) =>
    `5. Chương trình đọc chính thức đã đọc hết. Một cửa sổ là một ngày đang được gom các phút: ${v(open)} cửa sổ đang mở, chưa cửa sổ nào đóng.`,
  whyNothing:
    "   Nó chỉ công bố một ngày khi ngày đó không thể thay đổi nữa, tức một giờ sau khi ngày kết thúc theo đồng hồ của sàn; hôm nay chưa hết nên nó chưa có gì để công bố.",
  snapshot: (messages, rows) =>
    `6. Chương trình đọc thử không chờ: nó gộp toàn bộ ${v(messages)} tin nhắn thành ${v(rows)} dòng, chưa dòng nào trọn ngày:`,
  merged: (rows) => `7. Đã hợp nhất thành một dòng thời gian: ${v(rows)} ngày, mỗi ngày ghi rõ nguồn gốc.`,
  forecast: (models, days) =>
    `8. ${v(models)} mô hình dự báo ${v(days)} ngày tới; trước đó mỗi mô hình được thử trên những ngày đã qua mà nó chưa thấy (kiểm định lùi). Một nửa kết quả được kỳ vọng nằm dưới trung vị, 80 trên 100 nằm trong dải 80 %:`,
  noForecast: () =>
    "8. Không có dự báo: không có lịch sử giá, hoặc lịch sử quá ngắn cho các mô hình và phép thử của chúng.",
  figures: (files) => `9. Đã vẽ ${v(files)} tệp hình.`,
  picture: (path) => `   Hình vẽ của dự báo, mở bằng trình duyệt: ${path}`,
  end: (folder, seconds) =>
    `Xong sau ${v(seconds)} giây. Mọi thứ nằm trong ${folder}; có thể xóa bất cứ lúc nào. Tiếp theo: npm start chạy mọi bước, các sổ tay và báo cáo; npm start -- --csv PATH làm việc đó với tệp của bạn.`,
  stages: {
    demo: "tải nến ngày",
    produce: "nhận tin nhắn",
    consume: "đọc topic",
    snapshot: "đọc thử",
    merge: "hợp nhất",
    evaluate: "kiểm định lùi",
    forecast: "dự báo",
    figures: "vẽ hình",
  },
  unreachable: {
    message: "Không kết nối được với sàn giao dịch thật: không có mạng, hoặc sàn không phục vụ từ nơi này.",
    next: "Hãy chạy tour không có --live, không cần mạng; hoặc kiểm tra mạng, hoặc chỉ ra một địa chỉ khác của sàn: --stream-url wss://….",
  },
  notEmpty: {
    message: "Thư mục của tour không trống, và không phải do một tour trước tạo ra.",
    next: "Hãy chọn thư mục khác: --workspace DIR.",
  },
};

export const DEMO_TEXTS = { en: english, vi: vietnamese };

export type DemoLanguage = keyof typeof DEMO_TEXTS;
