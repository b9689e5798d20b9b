import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Workspace } from "../src/core/workspace.ts";
import { runNotebooks } from "../src/pipeline/notebooks.ts";
import { readDays } from "../src/pipeline/readDays.ts";
import { textOf } from "../src/report/notebook.ts";
import { resultRows } from "../src/serving/results.ts";
import { consume } from "../src/speed/consume.ts";
import { openTopic } from "../src/topic/openTopic.ts";
import { noRecordedData, recorded } from "../testkit/data.ts";
import { noKernels } from "../testkit/kernels.ts";
import { workspaceFrom } from "../testkit/workspace.ts";

type Output = { output_type: string; data?: Record<string, unknown>; text?: unknown; name?: string };

/** What each code cell of an executed notebook put out, by the cell's id. */
async function outputsOf(workspace: Workspace, name: string): Promise<Record<string, string>> {
  const text = await readFile(join(workspace.root, "report", "notebooks", `${name}.ipynb`), "utf8");
  const { cells } = JSON.parse(text) as { cells: { id: string; cell_type: string; outputs: Output[] }[] };
  return Object.fromEntries(
    cells
      .filter((cell) => cell.cell_type === "code")
      .map((cell) => [
        cell.id,
        cell.outputs.map(({ data, text }) => textOf(data?.["text/html"] ?? text)).join("\n"),
      ]),
  );
}

/** The figures' data in a cell's output. */
function figuresIn(output: string): { data: Record<string, unknown>[] }[] {
  const found = [...output.matchAll(/data-figure="([^"]*)"/g)].map(([, json]) => json);
  return found.map((json) =>
    JSON.parse(
      json
        .replaceAll("&quot;", '"')
        .replaceAll("&#39;", "'")
        .replaceAll("&lt;", "<")
        .replaceAll("&gt;", ">")
        .replaceAll("&amp;", "&"),
    ),
  );
}

const skip = noKernels ?? noRecordedData;
if (skip !== null) console.log(`notebooks on real data: skipped, ${skip}`);

describe.skipIf(skip !== null)("the notebooks on 90 recorded days, tslab", () => {
  let workspace: Workspace;
  beforeAll(async () => {
    workspace = await workspaceFrom(recorded("minute", "2025-05-20_90d"), "2025-08-19T00:00:00Z");
  });
  afterAll(() => rm(workspace.root, { recursive: true, force: true }));

  it("run from top to bottom beside a consumer, show what the tables hold, and are not run again", async () => {
    const topic = await openTopic(workspace);
    const controller = new AbortController();
    let ended = false;
    const consumer = consume(workspace, topic, {}, { signal: controller.signal })
      .catch((error: { code?: string }) => error.code)
      .finally(() => {
        ended = true;
      });
    const runs = await runNotebooks(workspace);
    expect(ended).toBe(false);
    const second = consume(workspace, topic, { once: true });
    await expect(second).rejects.toMatchObject({ code: "table_locked" });
    controller.abort();
    expect(await consumer).toBe("interrupted");
    await topic.close();
    expect(runs.length).toBe(8);
    expect(runs.every(({ skipped, cells }) => !skipped && cells > 0)).toBe(true);

    const week1 = await outputsOf(workspace, "week1-ingestion");
    expect(week1.ingest).toContain("261,416 rows in = 261,416 kept + 0 duplicates + 0 rejected");
    expect(figuresIn(week1.picture)[0].data[0].y).toHaveLength(1108);

    const week3 = await outputsOf(workspace, "week3-daily-and-backfill");
    const { days } = await readDays(workspace, { symbol: "BTCUSDT", table: "daily_batch" });
    const [{ data }] = figuresIn(week3.picture);
    const candles = data.find((trace) => trace.type === "candlestick") as { close: number[]; x: string[] };
    expect(candles.x).toEqual(days.map(({ day }) => day));
    expect(candles.close).toEqual(days.map(({ close }) => close));

    const week5 = await outputsOf(workspace, "week5-merge");
    const [drawdown, volatility] = figuresIn(week5.risk);
    const falls = await resultRows(workspace, "drawdown");
    const ofSymbol = (symbol: string) => falls.filter((row) => row.symbol === symbol);
    expect(drawdown.data.map(({ y }) => y)).toEqual(
      ["BTCUSDT", "ETHUSDT"].map((symbol) => ofSymbol(symbol).map((row) => row.drawdown_percent)),
    );
    expect(volatility.data).toHaveLength(2);
    expect(week5["moving-together"]).toContain("needs two symbols and 90 returns");
    expect(week5["moving-together"]).toContain("Daily returns");

    const again = await runNotebooks(workspace);
    expect(again.every(({ skipped }) => skipped)).toBe(true);
    const other = await runNotebooks(workspace, { only: "week3", set: { symbol: "ETHUSDT" } });
    expect(other).toMatchObject([{ skipped: false }]);
    expect((await outputsOf(workspace, "week3-daily-and-backfill")).parameters).toContain("ETHUSDT");
  });

  it("hold no path of this machine", async () => {
    const folder = join(workspace.root, "report", "notebooks");
    for (const file of await readdir(folder)) {
      expect(await readFile(join(folder, file), "utf8")).not.toContain(workspace.root);
    }
  });

  it("refuse what they can't use", async () => {
    await expect(runNotebooks(workspace, { only: "week99" })).rejects.toMatchObject({
      code: "no_such_notebook",
      exit: 2,
    });
    await expect(runNotebooks(workspace, { set: { colour: "red" } })).rejects.toMatchObject({
      code: "no_such_parameter",
      exit: 2,
    });
    await expect(
      runNotebooks(workspace, { only: "week1", set: { symbol: "DOGEUSDT" } }),
    ).rejects.toMatchObject({
      code: "cell_failed",
      message: expect.stringContaining("There is no DOGEUSDT in this workspace."),
    });
  });
});
