import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, it, vi } from "vitest";
import { clean } from "../src/batch/clean.ts";
import { daily } from "../src/batch/daily.ts";
import { ingest } from "../src/batch/ingest.ts";
import { CandlebookError } from "../src/core/errors.ts";
import { seededRandom } from "../src/core/random.ts";
import type { Workspace } from "../src/core/workspace.ts";
import { readTable } from "../src/lake/read.ts";
import { withLake } from "../src/lake/session.ts";
import { minuteBook } from "../src/simulator/book.ts";
import type { FaultRule, HttpFault } from "../src/simulator/faults.ts";
import { madeUpMarket } from "../src/simulator/madeUpMarket.ts";
import { backfill } from "../src/sources/backfill.ts";
import { download } from "../src/sources/download.ts";
import { startOverRest } from "../src/sources/startOverRest.ts";
import type { Day } from "../src/time/day.ts";
import { DAY_MS, type EpochMs } from "../src/time/epoch.ts";
import { PROJECT } from "../testkit/candlebook.ts";
import { type Exchange, startExchange } from "../testkit/simulator.ts";
import { measured, SOAK_TIMEOUT_MS, tries } from "../testkit/soak.ts";
import { scratchWorkspace } from "../testkit/tables.ts";

vi.setConfig({ testTimeout: SOAK_TIMEOUT_MS });

let cleanups: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.reverse()) await cleanup();
  cleanups = [];
});

const market = madeUpMarket({ seed: 11 });
const book = minuteBook(market);
const NOW = Date.UTC(2025, 4, 7, 12);

async function scratch(): Promise<Workspace> {
  const workspace = await scratchWorkspace();
  cleanups.push(() => rm(workspace.root, { recursive: true, force: true }));
  return { ...workspace, clock: () => NOW };
}

async function exchangeWith(faults: FaultRule[], seed = 1, timeoutMs = 5_000): Promise<Exchange> {
  const exchange = await startExchange(NOW, { book, faults, seed }, timeoutMs);
  cleanups.push(() => exchange.simulator.close());
  return exchange;
}

async function dailyRows(workspace: Workspace): Promise<object[]> {
  const version = await readTable(workspace, "daily_batch");
  return withLake(workspace, {}, (lake) =>
    lake.rows(
      `SELECT symbol, day::VARCHAR AS day, open, high, low, close, volume, minutes, complete
       FROM ${version?.sql} ORDER BY symbol, day`,
    ),
  );
}

/** Archive, then REST for what it lacks, as a run does it; the minutes that lack in the end. */
async function bringIn(workspace: Workspace, { simulator, network }: Exchange): Promise<void> {
  const from = "2025-05-05" as Day;
  const { restUrl, archiveUrl } = simulator;
  const symbols = ["BTCUSDT"];
  const { paths } = await download(workspace, { archiveUrl, network, symbols, from });
  if (paths.length === 0) {
    await startOverRest(workspace, { restUrl, network, symbols, from, to: "2025-05-06" as Day });
  }
  await ingest(workspace, {
    files: paths.map((path) => ({ path: join(workspace.root, path) })),
    source: "binance",
  });
  await clean(workspace);
  await daily(workspace);
  const { files } = await backfill(workspace, { restUrl, network, from, minutes: true });
  if (files.length === 0) return;
  await ingest(workspace, { files: [] });
  await clean(workspace);
  await daily(workspace);
}

/** After a failure every minute is there or in the plan of what to ask for. */
async function checkMissing(workspace: Workspace, { simulator, network }: Exchange): Promise<void> {
  if ((await readTable(workspace, "gaps")) === null) {
    // It failed before the first minute was taken in: everything is still to be requested.
    expect(await readTable(workspace, "btc_clean")).toBeNull();
    return;
  }
  const options = { restUrl: simulator.restUrl, network, from: "2025-05-05" as Day, minutes: true };
  await ingest(workspace, { files: [] });
  await clean(workspace);
  const { symbols } = await daily(workspace);
  const { plan } = await backfill(workspace, { ...options, dryRun: true });
  expect(symbols[0].minutes + plan.minutes).toBe(2 * 1440);
}

/** What may happen to a request; what REST says of klines may be a lie once, not twice over. */
function anyFault(random: () => number): FaultRule {
  const pick = <Item>(items: readonly Item[]) => items[Math.floor(random() * items.length)];
  const skip = Math.floor(random() * 3);
  const times = random() < 0.03 ? undefined : 1 + Math.floor(random() * 3);
  const broken: HttpFault[] = [
    { kind: "status", status: pick([429, 500, 502, 503]) },
    { kind: "status", status: 429, retryAfter: 20 },
    { kind: "truncate", share: random() },
    { kind: "corrupt", share: random() },
    { kind: "html" },
    { kind: "reset" },
    { kind: "silence" },
  ];
  const odd: HttpFault[] = [{ kind: "overlap" }, { kind: "unsorted" }, { kind: "doubled" }];
  const lies: HttpFault[] = [
    { kind: "short" },
    { kind: "doubled" },
    { kind: "offGrid" },
    { kind: "otherName" },
    { kind: "outside" },
    { kind: "nothing" },
    { kind: "wrongChecksum" },
  ];
  const kind = random();
  if (kind < 0.25) return { on: "archive", path: "2025-05-05", fault: pick(lies) };
  if (kind < 0.5) return { on: "archive", skip, times, fault: pick(broken) };
  if (kind < 0.6) return { on: "rest", skip, times: 1, fault: { kind: "empty" } };
  if (kind < 0.65)
    return { on: "rest", skip, times: 1, fault: { kind: "status", status: 418, retryAfter: 60 } };
  // A flipped byte in an answer without a checksum can make another number: the exchange signs nothing.
  const rest = broken.filter((fault) => fault.kind !== "corrupt");
  return { on: "rest", skip, times, fault: pick([...rest, ...odd]) };
}

it("a storm of faults over archive and REST ends with the rows of an undisturbed run, or with exit 3 and what is missing", async () => {
  const calm = await scratch();
  await bringIn(calm, await exchangeWith([]));
  const expected = await dailyRows(calm);
  expect(expected).toHaveLength(2);
  const count = tries(8, 500);
  const outcome = { same: 0, exit3: 0, again: 0, requests: 0 };
  for (let seed = 1; seed <= count; seed += 1) {
    const random = seededRandom(seed);
    const faults = Array.from({ length: 2 + Math.floor(random() * 7) }, () => anyFault(random));
    const exchange = await exchangeWith(faults, seed, 300);
    const workspace = await scratch();
    let error: unknown = null;
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      error = await bringIn(workspace, exchange).then(
        () => null,
        (thrown: unknown) => thrown,
      );
      if (error === null) break;
      if (!(error instanceof CandlebookError) || error.exit !== 3)
        throw new Error(`seed ${seed}`, { cause: error });
      outcome.again += 1;
      exchange.clock.advance(120_000);
    }
    if (error === null) {
      expect({ seed, rows: await dailyRows(workspace) }).toEqual({ seed, rows: expected });
      outcome.same += 1;
    } else {
      await checkMissing(workspace, exchange);
      outcome.exit3 += 1;
    }
    outcome.requests += exchange.simulator.requests.length;
    await cleanups.pop()?.();
    await cleanups.pop()?.();
  }
  measured(`storm, ${count} schedules: ${JSON.stringify(outcome)}`);
  expect(outcome.same + outcome.exit3).toBe(count);
  expect(outcome.requests).toBeLessThan(100 * count);
});

/** Starts the child and kills it a little after the exchange has seen so many requests. */
async function killAfter(
  kind: string,
  workspace: Workspace,
  exchange: Exchange,
  { requests, ms }: { requests: number; ms: number },
) {
  const url = exchange.simulator.restUrl;
  const child = spawn(process.execPath, ["testkit/sourcesChild.ts", kind, workspace.root, url, String(NOW)], {
    cwd: PROJECT,
    stdio: "ignore",
  });
  const closed = once(child, "close");
  const before = exchange.simulator.requests.length;
  while (exchange.simulator.requests.length < before + requests && child.exitCode === null) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await new Promise((resolve) => setTimeout(resolve, ms));
  child.kill("SIGKILL");
  await closed;
}

async function zips(workspace: Workspace): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const symbol of ["BTCUSDT", "ETHUSDT"]) {
    const folder = join(workspace.root, "data", "raw", symbol);
    for (const name of await readdir(folder).catch(() => [] as string[])) {
      if (name.endsWith(".zip")) found[name] = (await readFile(join(folder, name))).toString("base64");
    }
  }
  return found;
}

it("a download killed at any moment takes no cut file for a whole one, and fetches no whole one again", async () => {
  const exchange = await exchangeWith([]);
  const options = {
    archiveUrl: exchange.simulator.archiveUrl,
    network: exchange.network,
    symbols: ["BTCUSDT", "ETHUSDT"],
    from: "2025-05-01" as Day,
    to: "2025-05-06" as Day,
    interval: "1h" as const,
  };
  const calm = await scratch();
  await download(calm, options);
  const expected = await zips(calm);
  expect(Object.keys(expected)).toHaveLength(12);
  const random = seededRandom(5);
  const kills = tries(2, 200);
  let fetchedAgain = 0;
  for (let kill = 1; kill <= kills; kill += 1) {
    const workspace = await scratch();
    await killAfter("download", workspace, exchange, {
      requests: Math.floor(random() * 24),
      ms: random() * 8,
    });
    const left = await zips(workspace);
    for (const [name, content] of Object.entries(left)) expect(content).toBe(expected[name]);
    const before = exchange.simulator.requests.length;
    await download(workspace, options);
    const asked = exchange.simulator.requests.slice(before).filter(({ path }) => path.endsWith(".zip"));
    const missing = 12 - Object.keys(left).length;
    fetchedAgain += asked.length - missing;
    expect(asked.length).toBeLessThanOrEqual(missing);
    expect(await zips(workspace)).toEqual(expected);
    await cleanups.pop()?.();
  }
  measured(`download: ${kills} kills, 0 cut files taken, ${fetchedAgain} whole files fetched again`);
});

it("a backfill killed at any moment loses nothing and asks at most one request again", async () => {
  const exchange = await exchangeWith([]);
  const holed = async () => {
    const workspace = await scratch();
    const folder = join(workspace.root, "mine");
    await mkdir(folder);
    const start = Date.UTC(2025, 4, 1);
    const minutes = [...market.minutes("BTCUSDT", start as EpochMs, (start + 6 * DAY_MS) as EpochMs)];
    const kept = minutes.filter((_, i) => i % 2000 < 300 || i > 8000);
    const lines = kept.map(({ openTime, open, high, low, close, volume }) =>
      [openTime, open, high, low, close, volume].join(),
    );
    await writeFile(
      join(folder, "BTCUSDT.csv"),
      `timestamp,open,high,low,close,volume\n${lines.join("\n")}\n`,
    );
    await ingest(workspace, { files: [{ path: folder }] });
    await clean(workspace);
    await daily(workspace);
    return workspace;
  };
  const finish = async (workspace: Workspace) => {
    await backfill(workspace, {
      restUrl: exchange.simulator.restUrl,
      network: exchange.network,
      minutes: true,
    });
    await ingest(workspace, { files: [] });
    await clean(workspace);
    await daily(workspace);
    return dailyRows(workspace);
  };
  const asked = (before: number) =>
    exchange.simulator.requests.slice(before).filter(({ path }) => path.includes("klines")).length;
  const calm = await holed();
  const begin = exchange.simulator.requests.length;
  const expected = await finish(calm);
  const needed = asked(begin);
  expect(needed).toBeGreaterThan(4);
  const random = seededRandom(6);
  const kills = tries(2, 200);
  let extra = 0;
  for (let kill = 1; kill <= kills; kill += 1) {
    const workspace = await holed();
    const before = exchange.simulator.requests.length;
    await killAfter("backfill", workspace, exchange, {
      requests: 1 + Math.floor(random() * (needed + 2)),
      ms: random() * 10,
    });
    expect(await finish(workspace)).toEqual(expected);
    const again = asked(before) - needed;
    extra += again;
    expect(again).toBeLessThanOrEqual(1);
    await cleanups.pop()?.();
  }
  measured(
    `backfill: ${kills} kills, same days each time, ${extra} of ${kills * needed} requests sent twice`,
  );
});
