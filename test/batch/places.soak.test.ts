import { execFile } from "node:child_process";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { seededRandom } from "../../src/core/random.ts";
import { generate } from "../../src/simulator/generate.ts";
import type { Day } from "../../src/time/day.ts";
import { writeFiles } from "../../testkit/batch.ts";
import { PROJECT } from "../../testkit/candlebook.ts";
import { SOAK_TIMEOUT_MS, tries } from "../../testkit/soak.ts";
import { scratchWorkspace } from "../../testkit/tables.ts";

const ZONES = [
  "UTC",
  "Asia/Ho_Chi_Minh",
  "America/St_Johns",
  "Pacific/Kiritimati",
  "Europe/Berlin",
  "Asia/Kathmandu",
];
const LOCALES = ["C", "de_DE.UTF-8", "vi_VN.UTF-8", "tr_TR.UTF-8"];
const SHUFFLES = 10;
const ALL = ZONES.length * LOCALES.length * SHUFFLES;
const RUNS = tries(4, ALL);

it(`the batch layer gives the same rows everywhere (${RUNS} of ${ALL} places and orders)`, {
  timeout: SOAK_TIMEOUT_MS,
}, async () => {
  const scratch = await scratchWorkspace();
  const made = await generate(join(scratch.root, "market"), {
    seed: 3,
    from: "2024-12-31" as Day,
    to: "2025-01-01" as Day,
    symbols: ["BTCUSDT"],
  });
  const text = await readFile(join(scratch.root, "market", made.files[0].name), "utf8");
  const [header, ...lines] = text.trim().split("\n");
  const seen = new Set<string>();
  for (let run = 0; run < RUNS; run += 1) {
    // A sample takes every zone and locale in turn; all of them stand in the soak.
    const [zone, locale, shuffle] = [
      run % ZONES.length,
      Math.floor(run / ZONES.length) + run,
      run % SHUFFLES,
    ];
    const random = seededRandom(shuffle);
    const mixed = lines.map((line) => ({ line, key: random() })).sort((a, b) => a.key - b.key);
    const cut = Math.floor(random() * lines.length);
    const parts = [mixed.slice(0, cut), mixed.slice(cut)].map((some, i) => ({
      name: `BTCUSDT_${random() < 0.5 ? i : 9 - i}.csv`,
      text: [header, ...some.map(({ line }) => line)].join("\n"),
    }));
    const workspace = await scratchWorkspace();
    const paths = await writeFiles(workspace, parts);
    const language = LOCALES[locale % LOCALES.length];
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [join(PROJECT, "testkit/batchProcess.ts"), workspace.root, ...paths],
      { env: { ...process.env, TZ: ZONES[zone], LANG: language, LC_ALL: language } },
    );
    const { rejects: _, ...tables } = JSON.parse(stdout.trim().split("\n").at(-1) as string);
    seen.add(JSON.stringify(tables));
    await rm(workspace.root, { recursive: true });
  }
  await rm(scratch.root, { recursive: true });
  expect(seen.size).toBe(1);
});
