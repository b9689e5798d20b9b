import { readAsset } from "../charts/assets.ts";
import { languageButtons } from "../charts/page.ts";
import { FALLING, FONT, RISING } from "../charts/theme.ts";

export interface PageFile {
  type: string;
  text: string;
}

/** The page's files by path; it loads no others. @throws CandlebookError `no_bundle` */
export function pageFiles(): ReadonlyMap<string, PageFile> {
  return new Map([
    ["/", { type: "text/html", text: PAGE }],
    ["/live.css", { type: "text/css", text: STYLE }],
    ["/live.js", { type: "text/javascript", text: readAsset("live.min.js") }],
  ]);
}

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title data-vi="candlebook trực tiếp">candlebook live</title>
<link rel="stylesheet" href="/live.css">
</head>
<body>
<p id="simulated" data-vi="Thị trường MÔ PHỎNG: đây không phải giá của sàn." hidden>SIMULATED market: these are not the exchange's prices.</p>
<header>
<h1 data-vi="candlebook trực tiếp">candlebook live</h1>
<p id="connection" role="status" data-vi="Đang kết nối …">Connecting …</p>
<p class="switches">${languageButtons("en")}</p>
</header>
<main>
<p id="problem" role="alert" hidden></p>
<dl id="facts"></dl>
<section id="symbols" aria-label="The open day's candles" data-label-vi="Nến của ngày đang mở"></section>
<section id="tables"></section>
</main>
<footer data-vi="Mọi thời điểm theo UTC. Nến lấy từ topic, cửa sổ và watermark từ điểm kiểm tra (checkpoint) của bên tiêu thụ.">All times are UTC. Candles come from the topic, windows and watermarks from the consumer's checkpoint.</footer>
<script src="/live.js"></script>
</body>
</html>
`;

const STYLE = `:root { --ink: #1f2328; --faint: #59636e; --paper: #fff; --panel: #f5f7f9; --line: #d9dee3; --rising: ${RISING}; --falling: ${FALLING}; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #d6dbe0; --faint: #98a2ad; --paper: #14181c; --panel: #1c2228; --line: #353d45; --rising: #56B4E9; --falling: #FF8C4A; }
}
* { box-sizing: border-box; }
[hidden] { display: none !important; }
body { margin: 0; color: var(--ink); background: var(--paper); font: 1rem/1.5 ${FONT}; }
#simulated { margin: 0; padding: 0.5rem 1.5rem; background: #A84A00; color: #fff; text-align: center; font-weight: bold; }
header, main, footer { max-width: 76rem; margin: 0 auto; padding: 0 1.5rem; }
header { display: flex; flex-wrap: wrap; gap: 0 1.5rem; align-items: baseline; justify-content: space-between; padding-top: 1.2rem; }
h1 { margin: 0; font-size: 1.5rem; }
#connection { margin: 0; color: var(--faint); }
.switches { margin: 0; }
button { font: inherit; font-size: 0.86rem; color: var(--ink); background: var(--panel); border: 1px solid var(--line); border-radius: 6px; padding: 0.15rem 0.6rem; cursor: pointer; }
button[aria-pressed="true"] { border-color: var(--rising); }
#problem { padding: 0.6rem 1rem; border-left: 4px solid var(--falling); background: var(--panel); }
#facts { display: flex; flex-wrap: wrap; gap: 0.6rem; margin: 1rem 0; }
#facts div { padding: 0.5rem 0.9rem; background: var(--panel); border: 1px solid var(--line); border-radius: 6px; }
#facts dt { font-size: 0.78rem; color: var(--faint); }
#facts dd { margin: 0; font-size: 1.15rem; font-weight: bold; font-variant-numeric: tabular-nums; }
#symbols { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 32rem), 1fr)); gap: 1rem; }
figure { margin: 0; padding: 0.8rem 1rem; background: var(--panel); border: 1px solid var(--line); border-radius: 6px; }
figure h2 { margin: 0; font-size: 1.1rem; display: flex; justify-content: space-between; gap: 1rem; }
figcaption { font-size: 0.82rem; color: var(--faint); font-variant-numeric: tabular-nums; }
svg { display: block; width: 100%; height: auto; }
svg text { fill: var(--faint); font-size: 12px; }
.grid { stroke: var(--line); }
.rising { stroke: var(--rising); fill: var(--paper); }
.falling { stroke: var(--falling); fill: var(--falling); }
.volume { fill: var(--faint); opacity: 0.45; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: 0.86rem; font-variant-numeric: tabular-nums; margin: 1.4rem 0 0; min-width: 100%; }
caption { text-align: left; font-weight: bold; padding: 0.3rem 0; }
th, td { padding: 0.25rem 0.7rem; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap; }
th:first-child, td:first-child { text-align: left; }
footer { padding-top: 1.5rem; padding-bottom: 2rem; color: var(--faint); font-size: 0.82rem; }
`;
