import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Cleaner, StagedMinutes } from "../batch/clean.ts";
import { CLEAN_COLUMNS, placedSql } from "../batch/cleanSql.ts";
import { failure } from "../core/errors.ts";
import { filesOf } from "../lake/read.ts";
import { partsIn, stagingFolder } from "./partFiles.ts";
import { sparkDialect } from "./sparkDialect.ts";
import { folderSql, viewOf } from "./sparkEngine.ts";
import type { SparkSession } from "./sparkSession.ts";

interface FateCount {
  part_symbol: string;
  part_year: string;
  fate: "kept" | "duplicate" | "conflict";
  rows: number;
}

/**
 * All symbols in one job: one shuffle collects each symbol's year, sorted; every row is written, dropped rows to
 * separate folders, so that the disposition of the rows is counted from the files.
 */
export function sparkCleaner(session: SparkSession): Cleaner {
  return async (workspace, minutes, effects) => {
    const staging = await stagingFolder(workspace);
    const discard = () => rm(staging, { recursive: true, force: true });
    try {
      effects.progress?.({ stage: "clean", note: `${minutes.length} symbols on Spark` });
      const rows = await viewOf(session, minutes.flatMap(filesOf));
      await session.write(fatesSql(rows), {
        path: staging,
        format: "parquet",
        compression: "zstd",
        partitionBy: ["part_symbol", "part_year", "fate"],
      });
      const counts = await session.rows<FateCount>(`
        SELECT part_symbol, part_year, fate, count(*) AS rows FROM ${folderSql(staging)}
        GROUP BY part_symbol, part_year, fate ORDER BY part_symbol, part_year`);
      return { years: await yearsOf(staging, counts), discard };
    } catch (error) {
      await discard();
      throw error;
    }
  };
}

/** @param rows a table expression (FROM clause): minutes of any symbols and years */
function fatesSql(rows: string): string {
  const together = `(SELECT *, symbol AS part_symbol, year(open_time) AS part_year FROM ${rows}
    DISTRIBUTE BY part_symbol, part_year)`;
  const placed = placedSql(together, "part_symbol, part_year, open_time", sparkDialect);
  return `SELECT ${CLEAN_COLUMNS}, part_symbol, part_year,
      CASE WHEN place = 1 THEN 'kept' WHEN conflict THEN 'conflict' ELSE 'duplicate' END AS fate
    FROM (${placed}) SORT BY part_symbol, part_year, fate, open_time`;
}

async function yearsOf(staging: string, counts: readonly FateCount[]): Promise<StagedMinutes["years"]> {
  const kept = counts.filter(({ fate }) => fate === "kept");
  return Promise.all(
    kept.map(async ({ part_symbol, part_year, rows }) => {
      const of = (fate: FateCount["fate"]) =>
        counts.find(
          (one) => one.part_symbol === part_symbol && one.part_year === part_year && one.fate === fate,
        )?.rows ?? 0;
      const conflicts = of("conflict");
      const duplicates = of("duplicate") + conflicts;
      const folder = join(staging, `part_symbol=${part_symbol}`, `part_year=${part_year}`, "fate=kept");
      const files = await partsIn(folder);
      if (files.length !== 1) throw splitYear(part_symbol, part_year, files.length);
      return {
        symbol: part_symbol,
        year: Number(part_year),
        file: files[0],
        counts: { in: rows + duplicates, kept: rows, duplicates, conflicts },
      };
    }),
  );
}

function splitYear(symbol: string, year: string, files: number): Error {
  return failure(
    "unbalanced_rows",
    `Spark wrote ${year} of ${symbol} as ${files} files where one, sorted, was expected.`,
    "Nothing was published. Please report this as a bug, with Spark's version.",
  );
}
