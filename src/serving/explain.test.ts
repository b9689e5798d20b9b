import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dayRow, dayRows, putTable, scratchWorkspace } from "../../testkit/tables.ts";
import type { Workspace } from "../core/workspace.ts";
import { publishTable } from "../lake/publish.ts";
import { literal, withLake } from "../lake/session.ts";
import { explain } from "./explain.ts";
import { merge } from "./merge.ts";

const SHA = "ab".repeat(32);
let workspace: Workspace;

/** Publishes what a SELECT says: for columns that `putTable` has no type for. */
async function putSelect(table: string, stage: string, select: string): Promise<void> {
  const recipe = { table, stage, parameters: {}, inputs: [], source: "csv" as const };
  await publishTable(workspace, recipe, async (folder) => {
    await withLake(workspace, {}, (lake) =>
      lake.run(`COPY (${select}) TO ${literal(join(folder, "part-0.parquet"))} (FORMAT parquet)`),
    );
    return { rows: 1 };
  });
}

beforeAll(async () => {
  workspace = await scratchWorkspace();
  await putTable(workspace, "daily_batch", [
    dayRow("2021-09-28", 41_500),
    dayRow("2021-09-29", 41_524.28, { minutes: 1320, volume: 33_263.5 }),
    dayRow("2021-10-03", 48_000, { minutes: 1439 }),
    dayRow("2021-10-04", 48_500, { minutes: 700, complete: false }),
  ]);
  const answers = ["data/raw/BTCUSDT/daily/first.csv", "data/raw/BTCUSDT/daily/second.csv"];
  await putTable(
    workspace,
    "daily_backfill",
    [
      dayRow("2021-09-29", 41_524.28, { minutes: null, volume: 33_263.5, origin: "backfill" }),
      dayRow("2021-09-30", 43_820, { minutes: null, origin: "backfill" }),
      dayRow("2021-10-02", 47_600, { minutes: null, origin: "backfill" }),
    ],
    { inputs: answers.map((name, i) => ({ name, version: `${i}`.repeat(64) })) },
  );
  await mkdir(join(workspace.root, "data", "raw", "BTCUSDT", "daily"), { recursive: true });
  const line = (day: string) => `${Date.parse(day)},1,1,1,1,1,0,0,0,0,0,0\n`;
  await writeFile(join(workspace.root, answers[0]), line("2021-09-29") + line("2021-09-30"));
  await writeFile(join(workspace.root, answers[1]), line("2021-09-29"));
  const asked = (file: string | null, to: string) =>
    JSON.stringify({
      ...{ symbol: "BTCUSDT", interval: "1d", lacking: [], file, at: Date.parse("2021-10-07T10:00:00Z") },
      wanted: [[Date.parse("2021-09-29"), Date.parse(to)]],
    });
  await writeFile(
    join(workspace.root, "data", "raw", "backfill.jsonl"),
    `\n${asked(answers[0], "2021-10-01")}\n\n${asked(answers[1], "2021-09-30")}\n${asked(null, "2021-10-01")}\n{"cut`,
  );
  const streamed = {
    symbol: "BTCUSDT",
    day: "2021-10-05",
    partitions: [[2, 11, 3_000, 1_300]],
    fetched: 140,
  };
  // The last word about a day stands.
  const lines = (...days: object[]) => days.map((one) => `${JSON.stringify(one)}\n`).join("");
  await putTable(
    workspace,
    "streaming_output",
    [
      ...dayRows("2021-10-05", 1, { origin: "speed" }),
      dayRow("2021-10-03", 48_000, { minutes: 1438, volume: 5_940, origin: "speed" }),
      dayRow("2021-10-06", 9, { open: 9, high: 9, low: 9, volume: null, complete: false, origin: "speed" }),
    ],
    {
      facts: { topic: "embedded:crypto-prices", days: [{ ...streamed, day: "2021-10-06", fetched: 0 }] },
      files: {
        "_sources.jsonl": lines({ ...streamed, fetched: 9 }, streamed, { ...streamed, day: "2021-10-03" }),
      },
    },
  );
  await putTable(workspace, "late_events", [{ symbol: "BTCUSDT", window_day: "2021-10-03" }], {
    columns: { symbol: "VARCHAR", window_day: "DATE" },
  });
  const minutes = (from: string, to: string, file: number) =>
    `SELECT 'BTCUSDT' AS symbol, unnest(generate_series(TIMESTAMPTZ '${from}+00', TIMESTAMPTZ '${to}+00', INTERVAL 1 MINUTE)) AS open_time, ${file} AS file_id`;
  await putSelect(
    "btc_minutes",
    "ingest",
    [
      minutes("2021-09-28 00:00:00", "2021-09-29 06:59:00", 1),
      minutes("2021-09-29 09:00:00", "2021-09-30 00:00:00", 2),
    ].join(" UNION ALL "),
  );
  await putSelect(
    "gaps",
    "daily",
    `SELECT 'BTCUSDT' AS symbol, TIMESTAMPTZ '2021-09-29 07:00:00+00' AS start, TIMESTAMPTZ '2021-09-29 09:00:00+00' AS "end",
      120 AS minutes, 'exchange_outage' AS label, 'the known list' AS source
     UNION ALL SELECT 'BTCUSDT', TIMESTAMPTZ '2021-10-01 00:00:00+00', TIMESTAMPTZ '2021-10-03 00:00:00+00', 2880, 'unexplained', NULL`,
  );
  await mkdir(join(workspace.root, "data", "raw"), { recursive: true });
  const file = (id: number) => ({
    id,
    path: `data/raw/b-${id}.csv`,
    name: `b-${id}.csv`,
    bytes: 10,
    facts: { sha256: SHA },
  });
  await writeFile(
    join(workspace.root, "data", "raw", "manifest.json"),
    JSON.stringify({ schema: 1, source: "csv", files: [file(1), file(2)] }),
  );
  await merge(workspace);
});
afterAll(() => rm(workspace.root, { recursive: true }));

describe("explain", () => {
  it("tells of a day with an outage: minutes, hole, files, layers, versions", async () => {
    const told = await explain(workspace, "btcusdt", "2021-09-29");
    expect(told.text.en.split("\n")).toEqual([
      "BTCUSDT on 2021-09-29 (UTC): open 41,523.28, high 41,526.28, low 41,522.28, close 41,524.28, volume 33,263.5.",
      "It was made from minutes of your own files: 1,320 of 1,440 minutes (origin batch).",
      "120 minutes are missing, from 07:00 to 09:00: every symbol lacks them, or the exchange is known to have been down (exchange_outage, says the known list).",
      `Its minutes came from b-1.csv (420 minutes, SHA-256 ${SHA}); b-2.csv (900 minutes, SHA-256 ${SHA}).`,
      "The backfill layer knows the day too, and agrees in every field.",
      expect.stringMatching(
        /^Made by ingest \(btc_minutes of 2026-01-01T00:00:00\.000Z, candlebook .+\), daily \(daily_batch .+\), merge \(daily_filled .+\)\.$/,
      ),
    ]);
    expect(told.text.vi.split("\n").slice(0, 3)).toEqual([
      "BTCUSDT ngày 2021-09-29 (UTC): mở 41.523,28, cao 41.526,28, thấp 41.522,28, đóng 41.524,28, khối lượng 33.263,5.",
      "Được làm từ nến phút trong tệp của bạn: 1.320 trên 1.440 phút (nguồn gốc theo lô).",
      "Thiếu 120 phút, từ 07:00 đến 09:00: mọi mã đều thiếu, hoặc đã biết là sàn ngừng hoạt động (exchange_outage, theo the known list).",
    ]);
    expect(told.gaps).toEqual([
      {
        start: "2021-09-29T07:00:00Z",
        end: "2021-09-29T09:00:00Z",
        minutes: 120,
        label: "exchange_outage",
        source: "the known list",
      },
    ]);
    expect(JSON.stringify(told)).not.toContain(workspace.root);
  });

  it.each([
    ["2021-09-30", /the exchange's own daily candle.*origin backfill/],
    [
      "2021-09-30",
      /asked for the daily candles from 2021-09-29T00:00:00\.000Z to before 2021-10-01T.* and answered at 2021-10-07T10:00:00\.000Z: data\/raw\/BTCUSDT\/daily\/first\.csv \(SHA-256 0{64}\)/,
    ],
    [
      "2021-10-05",
      /read from the topic embedded:crypto-prices: partition 2, offsets 11 to 3,000 \(1,300 messages of this symbol and day\)/,
    ],
    ["2021-10-05", /140 minutes of it came over REST/],
    ["2021-10-05", /^Made by .*\(streaming_output of /m],
    ["2021-10-02", /The file with the exchange's answer is not in data\/raw any more/],
    ["2021-10-01", /No source has this day: the close of 2021-09-30 is carried forward/],
    ["2021-10-01", /1,440 minutes are missing, from 00:00 to 24:00: nobody has said why \(unexplained\)/],
    ["2021-10-03", /1 minute is missing that no list of gaps explains/],
    ["2021-10-03", /1 live event came after its window had closed/],
    [
      "2021-10-03",
      /speed layer knows the day too, and differs in volume by 1 % \(late_events\), minutes by 0.069 %/,
    ],
    [
      "2021-10-04",
      /^It was made from minutes of your own files: 700 of 1,440 minutes \(origin batch\)\.\n740 minutes/m,
    ],
    ["2021-10-05", /It came live, through the topic: 1,440 of 1,440 minutes \(origin speed\)/],
    ["2021-10-06", /More may come for this day/],
    ["2021-10-06", /Only its last price is known, from live tickers/],
    ["2021-10-06", /read from the topic embedded:crypto-prices: partition 2, offsets 11 to 3,000/],
  ])("%s: %s", async (day, words) => {
    expect((await explain(workspace, "BTCUSDT", day)).text.en).toMatch(words);
  });

  it("says what can't be explained", async () => {
    const fails = async (symbol: string, day: string, code: string, next: string) =>
      expect(explain(workspace, symbol, day)).rejects.toMatchObject({
        code,
        exit: 2,
        next: expect.stringContaining(next),
      });
    await fails("../x", "2021-09-29", "bad_symbol", "BTCUSDT");
    await fails("BTCUSDT", "2021-02-29", "bad_day", "2021-09-29");
    await fails("BTCUSDT' OR 1=1 --", "2021-09-29", "bad_symbol", "");
    await fails("DOGEUSDT", "2021-09-29", "unknown_symbol", "BTCUSDT");
    await fails("BTCUSDT", "2019-01-01", "day_not_served", "run");
    const empty = { ...workspace, root: join(workspace.root, "empty") };
    await expect(explain(empty, "BTCUSDT", "2021-09-29")).rejects.toMatchObject({ code: "nothing_served" });
  });
});

it("a day that is a daily candle of the own files has no minutes to count", async () => {
  const own = await scratchWorkspace();
  try {
    await putTable(own, "daily_batch", dayRows("2021-09-28", 3, { minutes: null }));
    await merge(own);
    const { text, versions } = await explain(own, "BTCUSDT", "2021-09-29");
    expect(text.en).toContain("It was made from a daily candle of your own files (origin batch).");
    expect(text.en).not.toContain("1440");
    expect(versions.map(({ table }) => table)).toEqual(["daily_batch", "daily_filled"]);
  } finally {
    await rm(own.root, { recursive: true });
  }
});
