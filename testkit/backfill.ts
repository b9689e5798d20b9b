import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { clean } from "../src/batch/clean.ts";
import { daily } from "../src/batch/daily.ts";
import { ingest } from "../src/batch/ingest.ts";
import type { Workspace } from "../src/core/workspace.ts";
import { readTable } from "../src/lake/read.ts";
import { withLake } from "../src/lake/session.ts";
import { minuteBook } from "../src/simulator/book.ts";
import { madeUpMarket } from "../src/simulator/madeUpMarket.ts";
import type { SimulatorOptions } from "../src/simulator/server.ts";
import { type BackfillOptions, backfill } from "../src/sources/backfill.ts";
import type { EpochMs } from "../src/time/epoch.ts";
import { type Exchange, startExchange } from "./simulator.ts";
import { scratchWorkspace } from "./tables.ts";

/** A UTC instant: `2025-06-01T10:00`. */
export const at = (text: string) => Date.parse(`${text}Z`) as EpochMs;

/** The market of the workspaces and the exchange, where nothing else is said. */
export const market = madeUpMarket({ seed: 9 });

/** A workspace with minutes of the made-up market in CSV, of these stretches. */
export async function workspaceWith(
  now: string,
  stretches: Record<string, [from: string, to: string][]>,
  source = market,
): Promise<Workspace> {
  const workspace = await scratchWorkspace(`${now}Z`);
  onTestFinished(() => rm(workspace.root, { recursive: true, force: true }));
  const folder = join(workspace.root, "mine");
  await mkdir(folder);
  for (const [symbol, list] of Object.entries(stretches)) {
    const lines = list.flatMap(([from, to]) =>
      [...source.minutes(symbol, at(from), at(to))].map(
        ({ openTime, open, high, low, close, volume }) =>
          `${openTime},${open},${high},${low},${close},${volume}`,
      ),
    );
    await writeFile(
      join(folder, `${symbol}.csv`),
      `timestamp,open,high,low,close,volume\n${lines.join("\n")}\n`,
    );
  }
  await ingest(workspace, { files: [{ path: folder }] });
  await takeIn(workspace);
  return workspace;
}

/** Reads the new files and makes the daily table. */
export async function takeIn(workspace: Workspace): Promise<void> {
  await ingest(workspace, { files: [] });
  await clean(workspace);
  await daily(workspace);
}

/** An exchange of the market, its clock at an instant; closed after the test. */
export async function exchangeAt(
  now: string,
  options: Omit<SimulatorOptions, "clock"> = {},
): Promise<Exchange> {
  const exchange = await startExchange(at(now), { book: minuteBook(market), ...options });
  onTestFinished(() => exchange.simulator.close());
  return exchange;
}

/** Runs `backfill` on an exchange. */
export function fill(
  workspace: Workspace,
  { simulator, network }: Exchange,
  options: Partial<BackfillOptions> = {},
) {
  return backfill(workspace, { restUrl: simulator.restUrl, network, ...options });
}

export async function rowsOf<Row>(workspace: Workspace, select: string, table: string): Promise<Row[]> {
  const version = await readTable(workspace, table);
  return withLake(workspace, {}, (lake) => lake.rows<Row>(`SELECT ${select} FROM ${version?.sql}`));
}
