import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { MODEL_NAMES } from "../../src/forecast/registry.ts";
import { PROJECT } from "../../testkit/candlebook.ts";

const run = promisify(execFile);
const script = join(PROJECT, "testkit/forecastBits.ts");

async function forecastsOf(words: string[]): Promise<{ model: string; values: number[][] }[]> {
  const [command, ...rest] = words;
  const { stdout } = await run(command, [...rest, script], { cwd: PROJECT, maxBuffer: 1 << 26 });
  return JSON.parse(stdout);
}

it("another V8 forecasts the same to 1e-12; the same one to the bit", async () => {
  const deno = join(PROJECT, "node_modules/deno/bin.cjs");
  const here = await forecastsOf([process.execPath]);
  expect(here.map(({ model }) => model)).toEqual(MODEL_NAMES);
  expect(await forecastsOf([process.execPath])).toEqual(here);
  const there = await forecastsOf([process.execPath, deno, "run", "--allow-all"]);
  let worst = 0;
  there.forEach(({ model, values }, m) => {
    expect(model).toBe(here[m].model);
    values.flat().forEach((value, i) => {
      worst = Math.max(worst, Math.abs(value / here[m].values.flat()[i] - 1));
    });
  });
  expect(worst).toBeLessThanOrEqual(1e-12);
});
