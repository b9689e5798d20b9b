import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { RowBalance } from "../candle/balance.ts";
import { AMOUNT_COLUMNS, type AmountColumn } from "../candle/candle.ts";
import { sha256OfFile, sha256OfValue } from "../core/files.ts";
import { unknownAmounts } from "../lake/formerColumns.ts";
import { linkPart } from "../lake/links.ts";
import type { Manifest, Part } from "../lake/manifest.ts";
import type { TableVersion } from "../lake/read.ts";
import { type Lake, literal, parquetSql } from "../lake/session.ts";
import { countSql, lateSql, orderedSql, repeatedSql, twiceSql, uniqueSql } from "./cleanSql.ts";
import { type Disagreement, disagreementsAmong } from "./disagreements.ts";
import { MINUTES_FORMAT } from "./layout.ts";

/** What became of the valid rows of a year: `in = kept + duplicates`; conflicts are among the duplicates. */
export type YearCounts = Omit<RowBalance, "rejected">;

/** What a manifest keeps of a year. Those of earlier versions have no list of disagreements. */
export type YearFacts = YearCounts & { key: string; disagreements?: Disagreement[] };

/** One year's parts of a symbol's minutes. */
export interface MinutesYear {
  year: number;
  /** Equal where the same parts went in. */
  key: string;
  /** In their order of time where each is sorted and they don't overlap, else in that of their names. */
  paths: string[];
  /** Whether the parts, read one after the other, are sorted and unique as they are. */
  ordered: boolean;
}

/** The first and last open time (milliseconds) of each part whose rows are strictly ascending, by path. */
export type PartSpans = Record<string, [number, number]>;

/** A symbol's minutes by year, from their manifest. */
export function yearsOf({ parts, facts }: Manifest): MinutesYear[] {
  const spans = (facts.spans ?? {}) as PartSpans;
  const byYear = new Map<number, Manifest["parts"]>();
  for (const part of parts) {
    const year = Number(/^year=(\d{4})\//.exec(part.path)?.[1]);
    byYear.set(year, [...(byYear.get(year) ?? []), part]);
  }
  return [...byYear]
    .sort(([a], [b]) => a - b)
    .map(([year, own]) => {
      const key = sha256OfValue(own.map(({ sha256 }) => sha256).sort());
      const paths = own.map(({ path }) => path);
      const inTime = paths.every((path) => path in spans)
        ? paths.toSorted((a, b) => spans[a][0] - spans[b][0])
        : null;
      const ordered = inTime?.every((path, i) => i === 0 || spans[inTime[i - 1]][1] < spans[path][0]);
      return { year, key, paths: ordered && inTime ? inTime : paths, ordered: ordered ?? false };
    });
}

/** A year's one part, relative to its version's folder. */
export const partOf = (year: number) => `year=${year}/part-0.parquet`;

/** Links a year from the version before, where the same minutes made it and its bytes are as they were. */
export async function linkYear(
  before: TableVersion,
  { year, key }: MinutesYear,
  path: string,
): Promise<{ found: YearFacts; part: Part } | null> {
  const known = (before.manifest.facts.years as Record<string, YearFacts>)[year];
  const part = before.manifest.parts.find((one) => one.path === partOf(year));
  if (known?.key !== key || known.disagreements === undefined || part === undefined) return null;
  const from = join(before.folder, part.path);
  if ((await sha256OfFile(from)) !== part.sha256) return null;
  await linkPart(from, path);
  return { found: known, part };
}

/** The amounts that a table of minutes has anywhere. */
export function amountsIn({ facts }: Manifest): readonly AmountColumn[] {
  return (facts.amounts as AmountColumn[] | undefined) ?? AMOUNT_COLUMNS;
}

/** More open times that are out of order than this, and duplicates are searched among all. */
const MOST_LATE = 20_000;

/** Writes one year's clean minutes as one part. */
export async function cleanYear(
  lake: Lake,
  { folder, manifest }: TableVersion,
  { paths, ordered }: MinutesYear,
  path: string,
): Promise<YearCounts & { disagreements: Disagreement[] }> {
  const symbol = manifest.facts.symbol as string;
  const parts = parquetSql(paths.map((one) => join(folder, one)));
  // Columns that no file has are not read and not sorted.
  const lacking = AMOUNT_COLUMNS.filter((column) => !amountsIn(manifest).includes(column));
  const rows = lacking.length === 0 ? parts : `(SELECT * REPLACE (${unknownAmounts(lacking)}) FROM ${parts})`;
  await mkdir(dirname(path), { recursive: true });
  const copy = (sql: string) => lake.run(`COPY (${sql}) TO ${literal(path)} (${MINUTES_FORMAT})`);
  const countKept = async () => {
    const from = `read_parquet(${literal(path)})`;
    return (await lake.rows<{ kept: number }>(`SELECT count(*)::DOUBLE AS kept FROM ${from}`))[0].kept;
  };
  if (ordered) {
    await copy(orderedSql(rows, symbol));
    const kept = await countKept();
    return { in: kept, kept, duplicates: 0, conflicts: 0, disagreements: [] };
  }
  await lake.run(lateSql(rows));
  const [{ late }] = await lake.rows<{ late: number }>("SELECT count(*)::DOUBLE AS late FROM again");
  // Of files in no order most rows are late, and few of them are duplicates.
  if (late > MOST_LATE) await lake.run(twiceSql(rows));
  await lake.run(repeatedSql(rows));
  const [counts] = await lake.rows<Omit<YearCounts, "kept">>(countSql(rows));
  const disagreements =
    counts.conflicts === 0 ? [] : await disagreementsAmong(lake, "SELECT * FROM repeated");
  await copy(uniqueSql(rows, symbol));
  await lake.run("DROP TABLE again; DROP TABLE repeated");
  return { ...counts, kept: await countKept(), disagreements };
}
