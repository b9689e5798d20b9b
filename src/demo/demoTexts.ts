/** The sentences of the tour, one for each step. */
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
  /** The error for an unreachable real exchange. */
  unreachable: { message: string; next: string };
}

const english: DemoTexts = {
  begin: (live, messages) =>
    live
      ? `1. Reading the real exchange's stream until ${messages} messages have arrived.`
      : `1. Starting a simulated exchange on this machine (simulated prices, no network) and reading until ${messages} messages have arrived.`,
  history: (days) => `2. Fetched ${days} daily candles from the exchange: the days before today.`,
  produced: (messages, reconnects) =>
    `3. ${messages} messages are in the topic; the stream reconnected ${reconnects} times.`,
  peeked: (count) => `4. The last ${count} messages in the topic:`,
  consumed: (open) =>
    `5. The production consumer has read them all: ${open} windows are open, none has closed.`,
  whyNothing:
    "   It publishes a day only when it can't change any more, one hour after the day's end by the exchange's own clock; today is still running, so it has nothing to publish.",
  snapshot: (messages, rows) =>
    `6. The demo reader does not wait: it aggregated all ${messages} messages into ${rows} rows, none of them complete.`,
  merged: (rows) => `7. Merged into one timeline: ${rows} days, each with its origin.`,
  forecast: (models, days) =>
    `8. ${models} models forecast the next ${days} days; each was tested on the past first.`,
  noForecast: (reason) => `8. No forecast: ${reason}`,
  figures: (files) => `9. ${files} figures were drawn.`,
  picture: (path) => `   The forecast as a picture, in your browser: ${path}`,
  end: (folder, seconds) =>
    `Done in ${seconds} s. Everything is in ${folder}; you can delete it at any time. Next: npm start makes all stages, the notebooks and the report; npm start -- --csv PATH does so from your own files.`,
  unreachable: {
    message: "The real exchange can't be reached: no network, or it does not serve this location.",
    next: "Run the tour without --live, which needs no network; or check the network, or name another address of the exchange: --stream-url wss://….",
  },
};

const vietnamese: DemoTexts = {
  begin: (live, messages) =>
    live
      ? `1. Đang đọc dòng dữ liệu của sàn giao dịch thật cho đến khi nhận đủ ${messages} tin nhắn.`
      : `1. Khởi động một sàn giao dịch mô phỏng trên máy này (giá mô phỏng, không cần mạng) và đọc cho đến khi nhận đủ ${messages} tin nhắn.`,
  history: (days) => `2. Đã tải ${days} nến ngày từ sàn: những ngày trước hôm nay.`,
  produced: (messages, reconnects) =>
    `3. ${messages} tin nhắn đã có trong topic; đã kết nối lại ${reconnects} lần.`,
  peeked: (count) => `4. ${count} tin nhắn cuối cùng trong topic:`,
  consumed: (open) => `5. Chương trình đọc chính thức đã đọc hết: ${open} cửa sổ đang mở, chưa cửa sổ nào đóng.`,
  whyNothing:
    "   Nó chỉ công bố một ngày khi ngày đó không thể thay đổi nữa, tức một giờ sau khi ngày kết thúc theo đồng hồ của sàn; hôm nay chưa hết nên nó chưa có gì để công bố.",
  snapshot: (messages, rows) =>
    `6. Chương trình đọc demo không chờ: nó gộp toàn bộ ${messages} tin nhắn thành ${rows} dòng, chưa dòng nào trọn ngày.`,
  merged: (rows) => `7. Đã hợp nhất thành một dòng thời gian: ${rows} ngày, mỗi ngày ghi rõ nguồn gốc.`,
  forecast: (models, days) =>
    `8. ${models} mô hình dự báo ${days} ngày tới; mỗi mô hình đã được kiểm định trên quá khứ trước.`,
  noForecast: (reason) => `8. Không có dự báo: ${reason}`,
  figures: (files) => `9. Đã vẽ ${files} tệp hình.`,
  picture: (path) => `   Hình vẽ của dự báo, mở bằng trình duyệt: ${path}`,
  end: (folder, seconds) =>
    `Xong sau ${seconds} giây. Mọi thứ nằm trong ${folder}; có thể xóa bất cứ lúc nào. Tiếp theo: npm start chạy mọi bước, các notebook và báo cáo; npm start -- --csv PATH làm việc đó với tệp của bạn.`,
  unreachable: {
    message: "Không kết nối được với sàn giao dịch thật: không có mạng, hoặc sàn không phục vụ từ nơi này.",
    next: "Hãy chạy tour không có --live, không cần mạng; hoặc kiểm tra mạng, hoặc chỉ ra một địa chỉ khác của sàn: --stream-url wss://….",
  },
};

export const DEMO_TEXTS = { en: english, vi: vietnamese };

export type DemoLanguage = keyof typeof DEMO_TEXTS;
