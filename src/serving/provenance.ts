import { assetOf } from "../candle/symbol.ts";
import type { Workspace } from "../core/workspace.ts";
import { publishedSeries } from "../lake/catalog.ts";
import { isoSql } from "../lake/columns.ts";
import { readManifest } from "../lake/manifest.ts";
import { readTable } from "../lake/read.ts";
import type { SeriesTable } from "../lake/seriesTables.ts";
import { type Lake, literal } from "../lake/session.ts";
import { type EpochMs, type TimeSpan, toIso } from "../time/epoch.ts";
import { INTERVALS } from "../time/interval.ts";
import type { FileShare, Gap, StageVersion } from "./explanation.ts";
import { rawFiles } from "./rawFiles.ts";

/** The part of a symbol's series whose origin is explained, `to` excluded. */
export interface Stretch extends TimeSpan {
  symbol: string;
}

const instant = (ms: EpochMs) => `TIMESTAMPTZ ${literal(toIso(ms))}`;

/** The part of each gap that lies in a stretch. @param sql the table `gaps`, for a FROM clause */
export function gapsIn(lake: Lake, sql: string | undefined, { symbol, from, to }: Stretch): Promise<Gap[]> {
  if (sql === undefined) return Promise.resolve([]);
  return lake.rows<Gap>(
    `SELECT ${isoSql("a")} AS start, ${isoSql("b")} AS end, (epoch_ms(b) - epoch_ms(a))::DOUBLE / 60000 AS minutes, label, source
      FROM (SELECT greatest("start", ${instant(from)}) AS a, least("end", ${instant(to)}) AS b, label, source
        FROM ${sql} WHERE symbol = $symbol)
      WHERE a < b ORDER BY a`,
    { symbol },
  );
}

/** A symbol's published tables of candles, as read and clean, each the finest first. */
export async function tablesOf(
  workspace: Workspace,
  symbol: string,
): Promise<{ read: SeriesTable[]; clean: SeriesTable[] }> {
  const asset = assetOf(symbol);
  const place = ({ interval }: SeriesTable) => INTERVALS.indexOf(interval);
  const own = (await publishedSeries(workspace))
    .filter((series) => series.asset === asset)
    .sort((a, b) => place(a) - place(b));
  return { read: own.filter(({ isClean }) => !isClean), clean: own.filter(({ isClean }) => isClean) };
}

/** The condition of a stretch's candles; `$symbol` is a parameter. */
export function inStretch({ from, to }: Stretch): string {
  return `symbol = $symbol AND open_time >= ${instant(from)} AND open_time < ${instant(to)}`;
}

/** The raw files that candles of a stretch were read from, by the interval of their candles. @param read tables as read */
export async function fileShares(
  workspace: Workspace,
  lake: Lake,
  stretch: Stretch,
  read: readonly SeriesTable[],
): Promise<FileShare[]> {
  const { symbol } = stretch;
  const files = await rawFiles(workspace);
  const shares: FileShare[] = [];
  for (const { table, interval } of read) {
    const version = await readTable(workspace, table);
    if (version === null || version.manifest.rows === 0) continue;
    const found = await lake.rows<{ id: number; candles: number }>(
      `SELECT file_id AS id, count(DISTINCT open_time)::INTEGER AS candles FROM ${version.sql}
        WHERE ${inStretch(stretch)}
        GROUP BY file_id ORDER BY file_id`,
      { symbol },
    );
    for (const { id, candles } of found) {
      const file = files.find((one) => one.id === id);
      if (file === undefined) continue;
      const { path, name, bytes, sha256 } = file;
      shares.push({ id, path, name, bytes, sha256, interval, candles });
    }
  }
  return shares;
}

/** The SHA-256 of each file, where it is known, by path. */
export function hashesOf(files: readonly FileShare[]): Map<string, string> {
  return new Map(files.flatMap(({ path, sha256 }) => (sha256 === null ? [] : [[path, sha256]])));
}

/** The published versions of tables, in their order; those that are not published are left out. */
export async function stageVersions(
  workspace: Workspace,
  tables: readonly string[],
): Promise<StageVersion[]> {
  const manifests = await Promise.all(tables.map((table) => readManifest(workspace, table)));
  return manifests.flatMap((manifest) => {
    if (manifest === null) return [];
    const { table, stage, id, codeVersion, createdAt } = manifest;
    return [{ table, stage, id, codeVersion, createdAt }];
  });
}
