import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Workspace } from "../src/core/workspace.ts";
import { demo } from "../src/demo/demo.ts";
import { DEMO_TEXTS } from "../src/demo/demoTexts.ts";
import { commandLine } from "../testkit/commandLine.ts";
import { IMPATIENT } from "../testkit/live.ts";
import { publishedDays } from "../testkit/stream.ts";

let folder: string;
const workspaceAt = (name: string): Workspace => ({
  root: join(folder, name),
  clock: () => Date.UTC(2026, 6, 1),
  resources: { threads: 2, memory: "512MB" },
});
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "candlebook-demo-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const STEPS = [1, 2, 3, 4, 5, 6, 7, 8, 9];
const numbersOf = (sentences: readonly string[]) =>
  sentences.flatMap((sentence) => /^(\d)\. /.exec(sentence)?.[1] ?? []).map(Number);

describe("demo", () => {
  it("goes from 1,008 messages to pictures, telling each step, in a folder where another tour was broken off", async () => {
    const broken = new AbortController();
    const begun: string[] = [];
    const half = demo(
      workspaceAt("tour"),
      {
        tell: (sentence) => {
          begun.push(sentence);
          if (sentence.startsWith("7. ")) broken.abort();
        },
      },
      { signal: broken.signal },
    );
    await expect(half).rejects.toMatchObject({ code: "interrupted" });
    const { forecast, figures, whyNothing } = DEMO_TEXTS.en;
    expect(begun).toContain(whyNothing);
    expect(numbersOf([...begun, forecast(4, 30), figures(72)])).toEqual(STEPS);

    const told: string[] = [];
    const stages = new Set<string>();
    const result = await demo(
      workspaceAt("tour"),
      { language: "vi", tell: (sentence) => told.push(sentence) },
      { progress: ({ stage, note }) => stages.add(`${stage} ${note}`) },
    );
    expect(result.messages).toBe(1_008);
    expect(result.days.map(({ symbol, complete }) => [symbol, complete])).toEqual([
      ["BTCUSDT", false],
      ["ETHUSDT", false],
    ]);
    expect(result.merged).toBe(2 * 1_001);
    expect(result.forecasts).toBe(8);
    expect(result.figures).toBeGreaterThan(6);
    expect(told).toContain(DEMO_TEXTS.vi.whyNothing);
    expect(numbersOf(told)).toEqual(STEPS);
    // The forecasts in numbers, the picture that is there, and where to go on; no English but the messages.
    const bands = told.filter((line) => /(BTC|ETH)USDT.*USDT, dải 80 % từ [\d.]+ đến [\d.]+$/.test(line));
    expect(bands).toHaveLength(6);
    const said = [...told.filter((line) => !line.includes("{")), ...stages];
    expect(said.filter((line) => /\b(the|and|of|is|days|read|forecast|evaluate)\b/.test(line))).toEqual([]);
    const picture = told.find((sentence) => sentence.endsWith("btc_forecast.html"))?.split(": ")[1] ?? "";
    expect((await stat(join(folder, picture))).size).toBeGreaterThan(1_000);
    expect(told.at(-1)).toContain("npm start");
    const days = await publishedDays(workspaceAt("tour"), "streaming_output_batch");
    expect(days).toHaveLength(2);
    expect(await publishedDays(workspaceAt("tour"))).toEqual([]);
  });

  it.each([
    ["en", "ws://127.0.0.1:9", /real exchange can't be reached/, /without --live/],
    ["vi", "wss://exchange.invalid", /Không kết nối được với sàn/, /không có --live/],
  ] as const)(
    "says in %s what to do where the real exchange is not there (%s)",
    async (language, streamUrl, message, next) => {
      const told: string[] = [];
      const attempt = demo(workspaceAt(`offline-${language}`), {
        live: true,
        streamUrl,
        restUrl: "http://127.0.0.1:9",
        patience: IMPATIENT,
        language,
        tell: (sentence) => told.push(sentence),
      });
      await expect(attempt).rejects.toMatchObject({
        code: "stream_unreachable",
        exit: 3,
        message: expect.stringMatching(message),
        next: expect.stringMatching(next),
      });
      expect(told).toEqual([DEMO_TEXTS[language].begin(true, 1_008)]);
    },
  );

  it("takes an exchange's address with --live alone", async () => {
    const words = ["demo", "--workspace", join(folder, "other"), "--stream-url", "ws://127.0.0.1:9"];
    expect(await commandLine(...words)).toMatchObject({
      exit: 2,
      err: expect.stringContaining("Add --live"),
    });
  });

  it("touches no folder that holds something else", async () => {
    const workspace = workspaceAt("precious");
    await mkdir(workspace.root);
    await writeFile(join(workspace.root, "mine.txt"), "mine");
    await expect(demo(workspace)).rejects.toMatchObject({ code: "not_empty", exit: 2 });
    expect(await readdir(workspace.root)).toContain("mine.txt");
  });
});
