import { FIGURE_STYLE } from "../charts/page.ts";

/** The report's look on a screen, light and dark, and on paper. */
export const REPORT_STYLE = `${FIGURE_STYLE}
:root { --ink: #1f2328; --faint: #59636e; --paper: #fff; --panel: #f5f7f9; --line: #d9dee3; --link: #0a5ea8; --shade: #0003; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #d6dbe0; --faint: #98a2ad; --paper: #14181c; --panel: #1c2228; --line: #353d45; --link: #7cc0ff; --shade: #fff4; }
}
* { box-sizing: border-box; }
html { scroll-behavior: smooth; scroll-padding-top: 4rem; }
body { margin: 0; color: var(--ink); background: var(--paper); font-size: 1rem; line-height: 1.6; }
a { color: var(--link); }
:focus-visible { outline: 3px solid #E69F00; outline-offset: 2px; }
.skip { position: absolute; left: -999rem; }
.skip:focus { left: 1rem; top: 1rem; background: var(--paper); padding: 0.5rem; z-index: 2; }
.simulated { margin: 0; padding: 0.3rem 1.5rem; background: #A84A00; color: #fff; text-align: center; position: sticky; top: 0; z-index: 1; }
header { padding: 0.8rem 1.5rem 0.6rem; max-width: 86rem; margin: 0 auto; display: flex; flex-wrap: wrap; gap: 1rem; align-items: baseline; justify-content: space-between; }
header h1 { margin: 0; font-size: 1.5rem; line-height: 1.2; }
button { font: inherit; padding: 0.3rem 0.8rem; border: 1px solid var(--line); border-radius: 6px; background: var(--panel); color: var(--ink); cursor: pointer; }
button[aria-pressed="true"] { border-color: var(--link); }
.page { max-width: 86rem; margin: 0 auto; padding: 0 1.5rem 4rem; display: grid; grid-template-columns: minmax(0, 1fr); gap: 0 2rem; align-items: start; grid-template-rows: auto 1fr; }
.page > * { min-width: 0; }
main p, main ul, main ol, main blockquote { max-width: 46rem; }
nav { font-size: 0.9rem; }
nav summary { cursor: pointer; padding: 0.3rem 0; }
nav h2 { display: inline; font-size: 0.9rem; margin: 0; color: var(--faint); }
nav ol { list-style: none; margin: 0; padding: 0; }
nav ol ol { padding-left: 1rem; border-left: 1px solid var(--line); margin: 0.2rem 0 0.6rem; }
nav li { margin: 0.25rem 0; line-height: 1.35; }
nav a { text-decoration: none; }
nav a:hover { text-decoration: underline; }
@media (min-width: 70rem) {
  .page { grid-template-columns: 16rem minmax(0, 1fr); }
  .page > :not(nav) { grid-column: 2; }
  nav { grid-column: 1; grid-row: 1 / span 2; position: sticky; top: 3.5rem; align-self: start; max-height: calc(100vh - 4rem); overflow: auto; }
}
section.notebook { border-top: 1px solid var(--line); margin-top: 3rem; padding-top: 1rem; }
h2, h3, h4 { line-height: 1.25; margin: 1.8em 0 0.5em; }
section.notebook > h2 { font-size: 1.6rem; margin-top: 0.6em; }
h3 { font-size: 1.2rem; }
code, pre { font-family: "DejaVu Sans Mono", Menlo, Consolas, monospace; font-size: 0.86em; }
p code, li code, td code { background: var(--panel); padding: 0.1em 0.3em; border-radius: 4px; }
pre { background: var(--panel); border: 1px solid var(--line); border-radius: 6px; padding: 0.7rem 1rem; overflow: auto; line-height: 1.45; }
pre code { background: none; padding: 0; }
pre.stderr { border-left: 4px solid #D55E00; }
blockquote { margin-left: 0; padding-left: 1rem; border-left: 4px solid var(--line); color: var(--faint); }
details.code { margin: 0.6rem 0; }
details.code > summary, details.facts > summary { cursor: pointer; color: var(--faint); font-size: 0.85rem; width: fit-content; }
/* Where a part is wider than the page, a shadow at its edge shows that it scrolls. */
.output, .wide { overflow-x: auto; margin: 0.6rem 0; scrollbar-width: thin; background: linear-gradient(to right, var(--paper) 30%, transparent) left / 2.5rem 100%, linear-gradient(to left, var(--paper) 30%, transparent) right / 2.5rem 100%, linear-gradient(to right, var(--shade), transparent) left / 0.8rem 100%, linear-gradient(to left, var(--shade), transparent) right / 0.8rem 100%; background-repeat: no-repeat; background-attachment: local, local, scroll, scroll; }
.scrolls { box-shadow: -1px 0 var(--line), 1px 0 var(--line); }
.scrolls::before { content: "⟷"; position: sticky; left: 0; display: block; width: fit-content; color: var(--faint); font-size: 0.8rem; line-height: 1; }
.candlebook-figure { min-width: 40rem; }
table { border-collapse: collapse; font-size: 0.86rem; font-variant-numeric: tabular-nums; margin: 0.5rem 0; }
caption { font-weight: bold; padding: 0.3rem 0; text-align: left; white-space: nowrap; }
th, td { padding: 0.25rem 0.6rem; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
th { border-bottom: 2px solid var(--line); vertical-align: bottom; }
td { white-space: nowrap; }
td.long, div > .wide:not([role]) td, section.notebook > .wide td, table.claims td, details.facts td:last-child { white-space: normal; }
td.long { min-width: 7rem; overflow-wrap: anywhere; }
table:has(th:nth-child(9)) { font-size: 0.8rem; }
table:has(th:nth-child(9)) :is(th, td) { padding-inline: 0.45rem; }
table:has(th:nth-child(10)) { font-size: 0.72rem; }
table:has(th:nth-child(10)) :is(th, td) { padding-inline: 0.28rem; }
table:has(th:nth-child(13)) { font-size: 0.68rem; }
table:has(th:nth-child(13)) :is(th, td) { padding-inline: 0.2rem; }
#at-a-glance h2 { position: absolute; clip-path: inset(50%); }
#at-a-glance h3 { margin: 0 0 0.2rem; }
#at-a-glance h3 ~ h3 { margin-top: 2rem; }
#at-a-glance .conclusion { margin: 0; max-width: none; }
#at-a-glance .output { margin: 0.3rem 0; }
#recompute :is(th, td):not(:first-child) { text-align: right; }
#the-data :is(th, td):not(:first-child, :last-child) { text-align: right; }
tbody tr:hover { background: var(--panel); }
details.facts td:last-child { overflow-wrap: anywhere; font-family: "DejaVu Sans Mono", Menlo, Consolas, monospace; font-size: 0.8em; }
img { max-width: 100%; }
.shortened { color: var(--faint); font-size: 0.86rem; }
html[lang="en"] [lang="vi"], html[lang="vi"] [lang="en"] { display: none; }
@media (max-width: 40rem) {
  .simulated { position: static; }
  header { padding-inline: 1rem; }
  header h1 { font-size: 1.3rem; }
  .page { padding-inline: 1rem; }
  html { scroll-padding-top: 1rem; }
  caption { white-space: normal !important; }
}
.switches { display: flex; gap: 0.5rem; flex-wrap: wrap; }
dl.cover { margin: 0.8rem 0 0; display: flex; flex-wrap: wrap; gap: 0.3rem 2rem; }
dl.cover dt { font-size: 0.8rem; color: var(--faint); }
dl.cover dd { margin: 0; font-weight: bold; }
table.claims td:nth-child(4) { font-weight: bold; }
table.claims td.verdict { white-space: nowrap; font-weight: bold; }
.verdict.holds { color: #00694d; }
.verdict.fails { color: #b33c00; }
@media (prefers-color-scheme: dark) {
  .verdict.holds { color: #3ecf9f; }
  .verdict.fails { color: #ff8c4a; }
}
.cell:target { outline: 2px solid var(--link); outline-offset: 6px; }
th button { border: 0; background: none; padding: 0; font-weight: bold; text-align: inherit; }
th[aria-sort="ascending"] button::after { content: " ▲"; }
th[aria-sort="descending"] button::after { content: " ▼"; }
.architecture { width: 100%; max-width: 54rem; min-width: 40rem; font-size: 12px; }
.architecture text { fill: var(--ink); }
.architecture .box { fill: var(--paper); stroke: var(--ink); }
.architecture .band { font-weight: bold; }
.architecture .code { font-family: "DejaVu Sans Mono", Menlo, Consolas, monospace; font-size: 11px; fill: var(--faint); }
.controls { display: flex; flex-wrap: wrap; gap: 0.6rem 1.2rem; align-items: center; }
select, input { font: inherit; padding: 0.25rem 0.5rem; border: 1px solid var(--faint); border-radius: 6px; background: var(--paper); color: var(--ink); }
#recompute [aria-busy="true"] { opacity: 0.5; }
#recompute .wide { max-height: 24rem; overflow: auto; width: fit-content; max-width: 100%; }
.table-tools { font-size: 0.8rem; margin: 0.2rem 0; }
@page { size: A4; margin: 15mm 14mm 16mm; }
@media print {
  :root { --ink: #000; --faint: #444; --paper: #fff; --panel: #fff; --line: #bbb; --link: #000; color-scheme: light; }
  body { font-size: 9.5pt; line-height: 1.45; }
  #recompute, .skip, .switches, .table-tools, details.code:not([open]), nav a[href="#recompute"] { display: none; }
  details.facts::details-content { content-visibility: visible; height: auto; }
  .simulated { position: static; color: #000; background: none; border: 2px solid #D55E00; }
  header, .page { display: block; padding: 0; max-width: none; }
  header { padding-bottom: 1rem; }
  nav { position: static; max-height: none; overflow: visible; break-before: page; break-after: page; }
  nav details::details-content { content-visibility: visible; height: auto; columns: 2; }
  nav ol > li { break-inside: avoid; }
  nav ol ol { border: 0; }
  main p, main ul, main ol, main blockquote { max-width: none; }
  section.notebook { break-before: page; border: 0; margin-top: 0; padding-top: 0; }
  h2, h3, h4, caption { break-after: avoid; }
  p, li { orphans: 3; widows: 3; }
  tr, pre, .architecture, .candlebook-figure { break-inside: avoid; }
  thead { display: table-header-group; }
  .output, .wide { overflow: visible; background: none; }
  .candlebook-figure { min-width: 0; }
  .scrolls { box-shadow: none; }
  .scrolls::before { content: none; }
  table { font-size: 7.5pt; max-width: 100%; }
  table:not(:has(tbody tr:nth-child(16))) { break-inside: avoid; }
  th, td { padding: 0.15rem 0.4rem; }
  caption { white-space: normal; }
  td.long { min-width: 0; }
  table:has(th:nth-child(11)) { font-size: 6pt; }
  table:has(th:nth-child(11)) :is(th, td) { padding: 0.1rem 0.2rem; }
  table:has(th:nth-child(8)) { font-size: 6.8pt; }
  .candlebook-static svg { max-height: 245mm; }
  #claims > p { break-after: avoid; }
  table:has(th:nth-child(9)) { font-size: 6.2pt; }
  table:has(th:nth-child(13)) { font-size: 5.6pt; }
  table:has(th:nth-child(13)) :is(th, td) { padding: 0.1rem 0.12rem; }
  details.facts td:last-child { font-size: 5.5pt; }
  pre { white-space: pre-wrap; overflow-wrap: anywhere; font-size: 7.5pt; }
  .verdict.holds { color: #00694d; }
  .verdict.fails { color: #b33c00; }
  .architecture { min-width: 0; max-width: 100%; font-size: 11px; }
  .candlebook-figure { max-width: 100% !important; }
  a { text-decoration: none; }
  * { print-color-adjust: exact; }
}
`;
