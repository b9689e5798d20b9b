// What ships of Theta and ETS, chosen again. Usage: node bench/forecast/choose.ts FOLDER
// FOLDER has btc.csv and eth.csv, columns ds,y: daily closes.
import { onWorkers } from "../../src/forecast/workerPool.ts";
import { closesOf } from "../../testkit/realSeries.ts";
import {
  CANDIDATES,
  candidateWindows,
  choose,
  type PartScore,
  scoreHalves,
  splitOf,
} from "../../tools/choices.ts";

const [folder] = process.argv.slice(2);
const series = (["btc", "eth"] as const).map((asset) => closesOf(folder, asset));
const windows = await candidateWindows(series, onWorkers(2));
const split = splitOf(windows);
const chosen = Object.values(CANDIDATES).map((candidates) => choose(candidates, windows, split).name);
const cells = ({ cutoffs, crps, mape }: PartScore) => `${cutoffs} | ${crps.toFixed(3)} | ${mape.toFixed(2)}`;
console.log(`Chosen on cutoffs to ${split.chosenTo}, reported from ${split.reportedFrom} on.\n
| model | earlier cutoffs | CRPS, % | MAPE, % | later cutoffs | CRPS, % | MAPE, % |
|---|---:|---:|---:|---:|---:|---:|`);
for (const { model, earlier, later } of scoreHalves(windows, split)) {
  console.log(`| ${chosen.includes(model) ? `**${model}**` : model} | ${cells(earlier)} | ${cells(later)} |`);
}
for (const { symbol } of series) {
  const own = windows.filter(({ forecast }) => forecast.symbol === symbol);
  const mapes = scoreHalves(own, split).map(({ model, later }) => `${model} ${later.mape.toFixed(2)}`);
  console.log(`\n${symbol}, MAPE over its later cutoffs, %: ${mapes.join("; ")}.`);
}
