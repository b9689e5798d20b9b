import { escapeMarkup } from "../charts/escape.ts";
import { LANGUAGES, type Text } from "../core/text.ts";
import { both } from "./bilingual.ts";
import { WORDS } from "./words.ts";

interface Box {
  x: number;
  y: number;
  /** What it is, for people. */
  name: Text;
  /** Command or table. */
  code: string;
}

const [WIDTH, HEIGHT] = [142, 50];
const COLUMNS = [10, 186, 362, 538, 714];
const ROWS = [34, 124, 214, 330];

const at = (column: number, row: number, code: string, name: Text): Box => ({
  x: COLUMNS[column],
  y: ROWS[row],
  code,
  name,
});

const BOXES = {
  files: at(0, 0, "csv, zip", { en: "files, archive", vi: "tệp, kho lưu trữ" }),
  minutes: at(1, 0, "ingest", { en: "minutes as read", vi: "nến phút như đã đọc" }),
  clean: at(2, 0, "clean", { en: "clean minutes", vi: "nến phút sạch" }),
  batch: at(3, 0, "daily_batch", { en: "days from files", vi: "ngày từ tệp" }),
  rest: at(0, 1, "REST", { en: "exchange, on request", vi: "sàn, theo yêu cầu" }),
  backfill: at(3, 1, "daily_backfill", { en: "days fetched", vi: "ngày tải bù" }),
  socket: at(0, 2, "produce", { en: "exchange, live", vi: "sàn, trực tiếp" }),
  topic: at(1, 2, "crypto-prices", { en: "topic, in order", vi: "topic, theo thứ tự" }),
  windows: at(2, 2, "consume", { en: "windows, watermark", vi: "cửa sổ, watermark" }),
  speed: at(3, 2, "streaming_output", { en: "days from the stream", vi: "ngày từ dòng" }),
  served: at(4, 1, "daily_filled", { en: "every day once", vi: "mỗi ngày một lần" }),
  forecast: at(4, 3, "forecast", { en: "models, fans", vi: "mô hình, hình quạt" }),
  evaluate: at(3, 3, "evaluate", { en: "scores, coverage", vi: "điểm, độ phủ" }),
  notebooks: at(2, 3, "notebooks", { en: "eight weeks", vi: "tám tuần" }),
  report: at(1, 3, "report", { en: "this page", vi: "trang này" }),
} satisfies Record<string, Box>;

const ARROWS: readonly (readonly [keyof typeof BOXES, keyof typeof BOXES])[] = [
  ["files", "minutes"],
  ["minutes", "clean"],
  ["clean", "batch"],
  ["rest", "backfill"],
  ["socket", "topic"],
  ["topic", "windows"],
  ["windows", "speed"],
  ["batch", "served"],
  ["backfill", "served"],
  ["speed", "served"],
  ["served", "forecast"],
  ["forecast", "evaluate"],
  ["evaluate", "notebooks"],
  ["notebooks", "report"],
];

const BANDS: readonly { row: number; name: Text; colour: string }[] = [
  { row: 0, name: { en: "batch layer", vi: "lớp theo lô" }, colour: "#8C8C8C" },
  { row: 1, name: { en: "backfill", vi: "tải bù" }, colour: "#56B4E9" },
  { row: 2, name: { en: "speed layer", vi: "lớp tốc độ" }, colour: "#009E73" },
  { row: 3, name: { en: "serving", vi: "lớp phục vụ" }, colour: "#E69F00" },
];

/** The section "Architecture": the way of the data from sources to this page, as a picture. */
export function architectureHtml(): string {
  return [
    `<section id="architecture" aria-labelledby="architecture-title"><h2 id="architecture-title">${both(WORDS.architecture)}</h2>`,
    `<p>${both(WORDS.architectureText)}</p><div class="wide" tabindex="0" role="group" aria-labelledby="architecture-title">${pictureSvg()}</div></section>`,
  ].join("");
}

function pictureSvg(): string {
  return [
    `<svg class="architecture" viewBox="0 0 866 400" role="img" aria-labelledby="architecture-title">`,
    `<defs><marker id="arrow-head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">`,
    `<path d="M0,0 8,4 0,8z" fill="currentColor"/></marker></defs>`,
    ...BANDS.map(
      ({ row, name, colour }) =>
        `<rect x="2" y="${ROWS[row] - 20}" width="${row === 3 ? 862 : 688}" height="${HEIGHT + 28}" rx="8" fill="${colour}" fill-opacity="0.16"/>` +
        texts(name, "band", 10, ROWS[row] - 6),
    ),
    ...ARROWS.map(
      ([from, to]) =>
        `<path d="${arrow(BOXES[from], BOXES[to])}" fill="none" stroke="currentColor" stroke-width="1.4" marker-end="url(#arrow-head)"/>`,
    ),
    ...Object.values(BOXES).map(boxSvg),
    "</svg>",
  ].join("");
}

function boxSvg({ x, y, name, code }: Box): string {
  const middle = x + WIDTH / 2;
  return [
    `<rect class="box" x="${x}" y="${y}" width="${WIDTH}" height="${HEIGHT}" rx="6"/>`,
    texts(name, "name", middle, y + 20),
    `<text class="code" translate="no" x="${middle}" y="${y + 38}" text-anchor="middle">${escapeMarkup(code)}</text>`,
  ].join("");
}

function texts(text: Text, kind: "band" | "name", x: number, y: number): string {
  const anchor = kind === "band" ? "start" : "middle";
  return LANGUAGES.map(
    (language) =>
      `<text class="${kind}" lang="${language}" x="${x}" y="${y}" text-anchor="${anchor}">${escapeMarkup(text[language])}</text>`,
  ).join("");
}

/** Along a row; down from above, or into the side. */
function arrow(from: Box, to: Box): string {
  const middle = (box: Box) => box.y + HEIGHT / 2;
  if (from.x === to.x) return `M${from.x + WIDTH / 2},${from.y + HEIGHT}V${to.y - 2}`;
  const [start, end] = from.x < to.x ? [from.x + WIDTH, to.x - 2] : [from.x, to.x + WIDTH + 2];
  if (from.y === to.y) return `M${start},${middle(from)}H${end}`;
  const bend = start + 16;
  return `M${start},${middle(from)}H${bend}V${middle(to)}H${end}`;
}
