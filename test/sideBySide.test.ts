import { appendFile, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { delay } from "../src/core/delay.ts";
import type { Workspace } from "../src/core/workspace.ts";
import { readTable } from "../src/lake/read.ts";
import { merge } from "../src/serving/merge.ts";
import { consume } from "../src/speed/consume/consume.ts";
import { MINUTE_MS } from "../src/time/epoch.ts";
import { openTopic } from "../src/topic/openTopic.ts";
import { candlebook, startCandlebook } from "../testkit/candlebook.ts";
import { klineMessage, madeUpMinutes, outgoing } from "../testkit/stream.ts";
import { dayRows, putTable, scratchWorkspace } from "../testkit/tables.ts";

const START = Date.UTC(2025, 5, 2);

let workspace: Workspace;
beforeEach(async () => {
  workspace = await scratchWorkspace("2025-06-10T00:00:00Z");
});
afterEach(() => rm(workspace.root, { recursive: true, maxRetries: 3 }));

describe("a consumer that never ends", () => {
  it("shares the workspace with merges; a second consumer is refused with the first one's process", async () => {
    await putTable(workspace, "daily_batch", dayRows("2025-05-30", 4), { source: "binance" });
    const topic = await openTopic(workspace);
    const controller = new AbortController();
    const running = consume(
      workspace,
      topic,
      { batch: { messages: 500, ms: 50 } },
      { signal: controller.signal },
    );
    const outcome = running.catch((error: { code?: string }) => error.code);
    const minutes = madeUpMinutes(3, "BTCUSDT", START, 4 * 1440 + 90);
    const rows: number[] = [];
    for (let day = 0; day < 4; day += 1) {
      const until = day === 3 ? minutes.length : (day + 1) * 1440;
      const part = minutes.slice(day * 1440, until);
      await topic.append(
        outgoing(part.map((candle) => klineMessage(candle, true, candle.openTime + MINUTE_MS))),
      );
      rows.push((await merge(workspace)).served.manifest.rows);
    }
    const second = await candlebook([
      "consume",
      "--once",
      "--workspace",
      workspace.root,
      "--now",
      "2025-06-10T00:00:00Z",
      "--json",
    ]);
    expect({ exit: second.exit, said: JSON.parse(second.out).error }).toMatchObject({
      exit: 1,
      said: { code: "table_locked", message: expect.stringContaining(String(process.pid)) },
    });
    await expect.poll(async () => (await readTable(workspace, "streaming_output"))?.manifest.rows).toBe(4);
    rows.push((await merge(workspace)).served.manifest.rows);
    controller.abort();
    await outcome;
    await topic.close();
    // 2025-05-30 … 06-02 from the batch layer, 06-02 … 06-05 from the stream.
    expect(rows.at(-1)).toBe(7);
    expect(rows).toEqual([...rows].sort((a, b) => a - b));
  });
});

describe("the command line", () => {
  it("watches, answers, explains and goes back", async () => {
    const where = ["--workspace", workspace.root, "--now", "2025-06-10T12:00:00Z"];
    const ask = async (...words: string[]) => {
      const { out, err, exit } = await candlebook([...words, ...where]);
      return { out, err, exit };
    };
    expect(await ask("status", "--check")).toMatchObject({
      exit: 1,
      out: "STALE: no day is published yet.\n",
    });
    await putTable(workspace, "daily_batch", dayRows("2025-05-31", 10));
    expect((await ask("merge")).exit).toBe(0);
    expect((await ask("status", "--check")).exit).toBe(0);
    const stale = await ask("status", "--check", "--max-age", "11h", "--json");
    expect({ exit: stale.exit, check: JSON.parse(stale.out).check }).toEqual({
      exit: 1,
      check: {
        maxAge: "11h",
        fresh: false,
        stale: [{ symbol: "BTCUSDT", lastComplete: "2025-06-09", hours: 12 }],
      },
    });
    const verified = await ask("status", "--verify");
    expect(verified).toMatchObject({ exit: 0, out: expect.stringContaining("Verified: 4 files") });
    const csv = await ask(
      "query",
      "SELECT symbol, count(*) AS n FROM daily_filled GROUP BY symbol",
      "--format",
      "csv",
    );
    expect(csv.out).toBe("symbol,n\nBTCUSDT,10\n");
    expect((await ask("explain", "BTCUSDT", "2025-06-01")).out).toContain("minutes of your own files");
    expect(await ask("restore", "daily_filled")).toMatchObject({ exit: 2 });
    await putTable(workspace, "daily_batch", dayRows("2025-05-31", 11));
    await ask("merge");
    expect((await ask("restore", "daily_filled")).exit).toBe(0);
    expect((await readTable(workspace, "daily_filled"))?.manifest.rows).toBe(10);
  });
});

describe("a run that is killed", () => {
  it("is at work for status while it lives, and cut short afterwards; its log has what it had said", async () => {
    const { root } = workspace;
    const files = `${root}-files`;
    const market = ["--seed", "5", "--from", "2025-01-01", "--to", "2025-02-09", "--symbols", "BTCUSDT"];
    expect(await candlebook(["generate", files, ...market, "--quiet"])).toMatchObject({ exit: 0 });
    const where = ["--workspace", root, "--now", "2025-02-10"];
    const words = ["run", "--csv", files, "--until", "merge", ...where];
    const { child, finished } = startCandlebook(words);
    const runs = join(root, "data", "runs.jsonl");
    while (!(await readFile(runs, "utf8").catch(() => "")).endsWith("\n")) await delay(10);
    child.kill("SIGSTOP");
    const last = async () => JSON.parse((await candlebook(["status", "--json", ...where])).out).lastRun;
    expect(await last()).toMatchObject({ state: "running", command: "run", exit: null });
    child.kill("SIGKILL");
    await finished;
    const cut = await last();
    expect(cut).toMatchObject({
      state: "cut",
      exit: null,
      log: expect.stringMatching(/^data\/logs\/.+\.log$/),
    });
    await appendFile(runs, '{"schema":1,"run":"torn');
    expect(await candlebook(words)).toMatchObject({ exit: 0 });
    expect(await last()).toMatchObject({ state: "ended", exit: 0, rows: 40 });
    expect((await candlebook(["status", ...where])).out).toMatch(/Last run: run at .+ s, done/);
    expect((await readdir(join(root, "data", ".locks"))).filter((name) => name.startsWith("run-"))).toEqual(
      [],
    );
    expect(await readFile(join(root, (await last()).log), "utf8")).toMatch(
      /ingest: .+\n(.*\n)*.+ s {2}done\n$/,
    );
    await rm(files, { recursive: true });
  });
});
