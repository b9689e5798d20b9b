import { en, type Text } from "../core/text.ts";

/** The report's own words. */
export const WORDS = {
  title: { en: "candlebook: from minutes to a forecast", vi: "candlebook: từ nến phút đến dự báo" },
  simulatedMark: { en: "SIMULATED.", vi: "MÔ PHỎNG." },
  skip: { en: "Skip to the text", vi: "Đến phần nội dung" },
  contents: { en: "Contents", vi: "Mục lục" },
  glance: { en: "At a glance", vi: "Nhìn nhanh" },
  theData: { en: "The data", vi: "Dữ liệu" },
  claims: en`For the lecturer: each claim with its number`.vi`Dành cho giảng viên: mỗi khẳng định và con số`,
  claimsIntro: en`Each number was computed from the tables when this page was made. The link leads to the cell that shows it.`
    .vi`Mỗi con số được tính từ các bảng dữ liệu khi trang này được tạo. Đường dẫn đưa đến ô lệnh chứng minh.`,
  abstract: { en: "Abstract", vi: "Tóm lược" },
  architecture: { en: "Architecture", vi: "Kiến trúc" },
  architectureText: en`Every box reads published tables and publishes tables; the layers meet in one timeline only.`
    .vi`Mỗi ô đọc các bảng đã công bố và công bố các bảng mới; các lớp chỉ gặp nhau ở một dòng thời gian duy nhất.`,
  syllabus: { en: "What the syllabus required, what was done", vi: "Đề cương yêu cầu gì, đã làm được gì" },
  done: { en: "done", vi: "đã làm" },
  evidence: { en: "evidence", vi: "bằng chứng" },
  limits: { en: "Limits", vi: "Giới hạn" },
  references: { en: "References", vi: "Tài liệu tham khảo" },
  recompute: { en: "Compute it yourself", vi: "Tự tính lại" },
  recomputeIntro: en`This page carries the daily table and the forecasting code. Choose, and the forecast is computed here, offline.`
    .vi`Trang này mang theo bảng giá ngày và mã dự báo. Hãy chọn, và dự báo được tính ngay tại đây, không cần mạng.`,
  notEmbedded: en`Too long to be carried along, so not to choose here:`
    .vi`Quá dài để mang theo nên không chọn được ở đây:`,
  still: en`A still picture: with the data of the interactive one this page would be larger than five megabytes. The executed notebook has both.`
    .vi`Hình tĩnh: nếu kèm dữ liệu của hình tương tác, trang này sẽ lớn hơn năm megabyte. Sổ tay đã chạy có cả hai.`,
  leftOut: en`Left out: with it this page would be larger than five megabytes. The executed notebook has it.`
    .vi`Đã lược bỏ: nếu kèm phần này, trang sẽ lớn hơn năm megabyte. Sổ tay đã chạy có nó.`,
  stillListed: en`To keep this page within five megabytes, shown as still pictures only:`
    .vi`Để trang không quá năm megabyte, chỉ hiện dưới dạng hình tĩnh:`,
  leftOutListed: en`To keep this page within five megabytes, left out:`
    .vi`Để trang không quá năm megabyte, đã lược bỏ:`,
  symbol: { en: "symbol", vi: "mã" },
  model: { en: "model", vi: "mô hình" },
  models: { en: "The models", vi: "Các mô hình" },
  horizon: { en: "days ahead", vi: "số ngày phía trước" },
  level: { en: "band, %", vi: "dải, %" },
  rows: { en: "rows", vi: "số dòng" },
  day: { en: "day", vi: "ngày" },
  daysAhead: { en: "days ahead", vi: "số ngày phía trước" },
  forecast: { en: "forecast", vi: "dự báo" },
  lower: { en: "lower end", vi: "cận dưới" },
  upper: { en: "upper end", vi: "cận trên" },
  week: { en: "week", vi: "tuần" },
  asked: { en: "required", vi: "yêu cầu" },
  claim: { en: "claim", vi: "khẳng định" },
  value: { en: "value", vi: "giá trị" },
  verdict: { en: "verdict", vi: "kết quả" },
  proof: { en: "proof", vi: "chứng minh" },
  holds: { en: "✓ holds", vi: "✓ đúng" },
  fails: { en: "✗ does not hold", vi: "✗ không đúng" },
  open: { en: "– not decidable here", vi: "– chưa kết luận được" },
  cell: { en: "the cell", vi: "ô lệnh" },
  code: { en: "Code", vi: "Mã lệnh" },
  showCode: { en: "Show all code", vi: "Hiện mã lệnh" },
  author: { en: "Author", vi: "Tác giả" },
  studentId: { en: "Student ID", vi: "Mã số sinh viên" },
  class: { en: "Class", vi: "Lớp" },
  course: { en: "Course", vi: "Môn học" },
  lecturer: { en: "Lecturer", vi: "Giảng viên" },
  simulated: en`Made-up prices of a seeded market, not the exchange's.`
    .vi`Giá được tạo ngẫu nhiên từ một hạt giống, không phải giá của sàn.`,
  present: { en: "Counted as the present", vi: "Thời điểm được xem là hiện tại" },
  madeWith: { en: "Made with", vi: "Tạo bằng" },
  files: { en: "Files", vi: "Các tệp" },
  tables: { en: "Published tables", vi: "Các bảng đã công bố" },
} satisfies Record<string, Text>;
