import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Workspace } from "../../src/core/workspace.ts";
import { defineForecaster, eachDay, logNormal } from "../../src/forecast/define.ts";
import { readDiary } from "../../src/forecasting/diaryScores.ts";
import { forecast } from "../../src/forecasting/forecast.ts";
import { pictureBacktest } from "../../src/forecasting/pictureBacktest.ts";
import { readForecasts } from "../../src/forecasting/readForecasts.ts";
import { readTable } from "../../src/lake/read.ts";
import { PROJECT } from "../../testkit/candlebook.ts";
import { publishInput } from "../../testkit/forecastInput.ts";
import { randomWalk } from "../../testkit/series.ts";

let workspace: Workspace;

beforeAll(async () => {
  // Outside of the project: no package of it is found from there.
  const root = await mkdtemp(join(tmpdir(), "candlebook-own-"));
  workspace = { root, clock: () => Date.UTC(2026, 7, 22), resources: { threads: 2, memory: "512MB" } };
  await publishInput(workspace, [randomWalk(1, 400)]);
});
afterAll(() => rm(workspace.root, { recursive: true }));

/** A model of one's own: the last close, wider on days that its feature marks. */
const model = (fit: string, values = "history.days.length > 0 ? days.map(weekend) : []") => `
import { defineForecaster, eachDay, knownFuture, logNormal, type Series } from "candlebook";

const weekend = (day: string) => Number(new Date(day).getUTCDay() % 6 === 0);

export default defineForecaster({
  name: "mine",
  title: { en: "Mine", vi: "Của tôi" },
  method: { en: "the last close", vi: "giá đóng cửa cuối" },
  needs: { days: 60, columns: ["close"] },
  features: { weekend: { availability: knownFuture, values: (history, days) => ${values} } },
  fit({ close }: Series) {
    ${fit}
    const last = close[close.length - 1];
    return {
      predict: (horizon, { weekend }) => eachDay((h) => logNormal(last, 0.03 * Math.sqrt(h) + 0.01 * weekend[h - 1]))(horizon),
    };
  },
});
`;

async function candlebook(command: string, code: string) {
  const file = join(workspace.root, "mine.ts");
  if (code !== "") await writeFile(file, code);
  // With the project's own loader of types: vitest's would find "candlebook" by itself.
  const start = `import(${JSON.stringify(join(PROJECT, "src/cli/main.ts"))}).then(({ start }) => start())`;
  const words = [command, "--models", "naive", "--model", file, "--workspace", workspace.root, "--json"];
  const child = spawn(process.execPath, ["-e", start, "--", "candlebook", ...words], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [out, [exit]] = await Promise.all([text(child.stdout), once(child, "close")]);
  return { exit, reply: JSON.parse(out) };
}

describe("a model of one's own, from a file anywhere", () => {
  it("is published, scored, kept in the diary and drawn like the shipped ones", async () => {
    const { exit, reply } = await candlebook("forecast", model(""));
    expect(exit).toBe(0);
    expect(reply.symbols[0].models).toEqual(["naive", "mine"]);
    expect(reply.symbols[0].scores[1]).toMatchObject({
      model: "mine",
      cutoffs: 8,
      skill: expect.any(Number),
    });
    const [found] = (await readForecasts(workspace)).symbols;
    expect(found.forecasts[1].steps).toHaveLength(30);
    expect((await readDiary(workspace)).map((score) => score.model)).toEqual(["mine", "naive"]);
    const past = await pictureBacktest(workspace, { symbol: "TESTUSDT" });
    expect(past?.scores.map((score) => [score.model, score.days])).toEqual([
      ["naive", 34 * 30],
      ["mine", 8 * 30],
    ]);
    expect(past?.rows.filter((row) => row.model === "mine")).toHaveLength(8 * 30);
    const { evaluations } = (await candlebook("evaluate", "")).reply;
    expect(evaluations[0].models[1].crps).toBe(reply.symbols[0].scores[1].crps);
  });

  it.each([
    [
      "own_model_failed",
      "mine.ts, line 13: Cannot read properties of undefined",
      model("close.nothing.here();"),
    ],
    ["own_model_failed", "mine.ts, line 3: ", "\n\nexport const enum Mine { A }"],
    ["own_model_failed", "mine.ts, line 2: ", "\nexport default const = 1;"],
    ["bad_model", 'mine.ts, line 6: A model is called "Mine"', model("").replace('"mine"', '"Mine"')],
    ["no_model", "mine.ts exports no model", "export const mine = 1;"],
    [
      "feature_leaks",
      "The feature weekend knows the future",
      model("", "days.map((day) => history.close[history.days.indexOf(day as never)] ?? NaN)"),
    ],
    [
      "regressor_availability",
      "lagged by 7 days",
      model("").replace(": knownFuture,", ': { kind: "lagged", days: 7 },'),
    ],
  ])("is refused with %s: %s", async (code, message, text) => {
    const before = (await readTable(workspace, "prophet_metrics"))?.manifest.id;
    const { exit, reply } = await candlebook("forecast", text);
    expect({ exit, code: reply.error?.code }).toEqual({ exit: 2, code });
    expect(reply.error.message).toContain(message);
    expect((await readTable(workspace, "prophet_metrics"))?.manifest.id).toBe(before);
  });
});

it("a model of a notebook is made again each time: its cell may have changed", async () => {
  const own = (sigma: number) =>
    defineForecaster({
      name: "cell",
      title: { en: "Cell", vi: "Ô" },
      method: { en: "the last close", vi: "giá đóng cửa cuối" },
      needs: { days: 60, columns: ["close"] },
      fit: ({ close }) => ({ predict: eachDay((h) => logNormal(close[close.length - 1], sigma * h)) }),
    });
  const widths = [];
  for (const sigma of [0.01, 0.02]) {
    const { symbols, skipped } = await forecast(workspace, { models: ["naive", own(sigma)] });
    expect(skipped).toBe(false);
    widths.push(symbols[0].scores[1].width80);
  }
  expect(widths[1]).toBeGreaterThan(1.5 * widths[0]!);
});
