// The tables of bench/README.md, "risk". Usage: node bench/risk/bench.ts FOLDER
// FOLDER has daily/BTCUSDT_1d.csv and daily/ETHUSDT_1d.csv: klines of 12 columns with a header.
import { SELECTED } from "../../src/forecast/smoothing/selectedModel.ts";
import { harVariances } from "../../src/risk/harVariances.ts";
import { qlike } from "../../src/risk/loss.ts";
import { riskDays } from "../../src/risk/riskDays.ts";
import type { RiskRow } from "../../src/risk/riskRows.ts";
import { riskRows } from "../../src/risk/riskRows.ts";
import { scoreRisk } from "../../src/risk/scoreRisk.ts";
import { DEFAULT_RISK_MODEL, RISK_HORIZONS, RISK_MODELS } from "../../src/risk/variances.ts";
import { binanceDaily } from "../../testkit/realSeries.ts";

const [folder] = process.argv.slice(2);
const { reportedFrom } = SELECTED;
const PARTS = {
  // A window that ends later is no part of the choice.
  [`before ${reportedFrom}`]: ({ ds }: RiskRow) => ds < reportedFrom,
  [`from ${reportedFrom} on`]: ({ cutoff }: RiskRow) => cutoff >= reportedFrom,
};
const fixed = (value: number | null | undefined, digits: number) => value?.toFixed(digits) ?? "–";

const start = process.cpuUsage();
const symbols = (["BTCUSDT", "ETHUSDT"] as const).map((symbol) => riskRows(binanceDaily(folder, symbol)));
const { user, system } = process.cpuUsage(start);
console.log(`${((user + system) / 1e6).toFixed(2)} s of processor time for both symbols, reading included.`);

for (const [part, isIn] of Object.entries(PARTS)) {
  console.log(`\n${part}: QLIKE and MSE beside EWMA(0.94)'s, % lower\n`);
  console.log(`| symbol, days ahead | cutoffs | QLIKE of EWMA | ${RISK_MODELS.slice(1).join(" | ")} |`);
  console.log(
    `|---|---:|---:|${RISK_MODELS.slice(1)
      .map(() => "---:|")
      .join("")}`,
  );
  for (const rows of symbols) {
    const { variances } = scoreRisk(rows.filter(isIn));
    for (const days of RISK_HORIZONS) {
      const [ewma, ...others] = variances.filter(({ stepsAhead }) => stepsAhead === days);
      const cells = others.map(
        ({ qlikeSkill, mseSkill }) => `${fixed(100 * qlikeSkill, 1)}, ${fixed(100 * mseSkill, 1)}`,
      );
      const head = `${rows[0].symbol}, ${days} | ${ewma.cutoffs} | ${fixed(ewma.qlike, 4)}`;
      console.log(`| ${head} | ${cells.join(" | ")} |`);
    }
  }
}

console.log(`\nfrom ${reportedFrom} on: value at risk of ${DEFAULT_RISK_MODEL}\n`);
console.log(
  "| symbol, days ahead, bound | windows | exceeded, % | Kupiec p | independence p | Christoffersen p |",
);
console.log("|---|---:|---:|---:|---:|---:|");
for (const rows of symbols) {
  const { tails } = scoreRisk(rows.filter(PARTS[`from ${reportedFrom} on`]));
  for (const tail of tails.filter(({ model }) => model === DEFAULT_RISK_MODEL)) {
    const { stepsAhead, level, side, windows, exceeded, kupiecP, independenceP, christoffersenP } = tail;
    const share = fixed((100 * exceeded) / windows, 2);
    const tests = [kupiecP, independenceP, christoffersenP].map((p) => fixed(p, 3)).join(" | ");
    console.log(
      `| ${rows[0].symbol}, ${stepsAhead}, ${level} % ${side} | ${windows} | ${share} | ${tests} |`,
    );
  }
}

console.log(
  "\nhar with one memory for all cutoffs: QLIKE beside EWMA(0.94)'s at 1, 7 and 30 days, % lower\n",
);
console.log(`| symbol, memory | ${Object.keys(PARTS).join(" | ")} |\n|---|---|---|`);
for (const rows of symbols) {
  const days = riskDays(binanceDaily(folder, rows[0].symbol as "BTCUSDT" | "ETHUSDT"));
  const ewma = rows.filter(({ model, realized_variance }) => model === "ewma" && realized_variance !== null);
  const first = rows.find(({ model }) => model === "garch")?.cutoff ?? "";
  const cutoffs = rows.filter(({ model, steps_ahead }) => model === "ewma" && steps_ahead === 1);
  for (const memory of [365, 730, Number.POSITIVE_INFINITY]) {
    const cells = Object.values(PARTS).map((isIn) =>
      RISK_HORIZONS.map((ahead) => {
        // The rows of `ewma` begin later than the returns, and none is left out after.
        const own = harVariances(days.ranges, ahead, memory).slice(-cutoffs.length);
        const sum = { own: 0, ewma: 0 };
        ewma
          .filter((row) => row.steps_ahead === ahead)
          .forEach((row, i) => {
            if (row.cutoff < first || !isIn(row)) return;
            sum.own += qlike(own[i], row.realized_variance as number, ahead);
            sum.ewma += qlike(row.variance, row.realized_variance as number, ahead);
          });
        return fixed(100 * (1 - sum.own / sum.ewma), 1);
      }).join(", "),
    );
    console.log(`| ${rows[0].symbol}, ${memory} | ${cells.join(" | ")} |`);
  }
}
