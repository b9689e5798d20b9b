import { existsSync } from "node:fs";
import { basename, resolve } from "node:path";
import { parseSymbol } from "../candle/symbol.ts";
import { inputError } from "../core/errors.ts";
import type { Distribution } from "../evaluation/judge/distribution.ts";
import type { ForecastDay } from "../evaluation/judge/windows.ts";
import { type Lake, literal } from "../lake/session.ts";
import type { Day } from "../time/day.ts";
import type { EpochMs } from "../time/epoch.ts";

/** A file as a table: what is behind FROM, and its columns by their names in lower case. */
interface FileTable {
  path: string;
  sql: string;
  columns: ReadonlyMap<string, string>;
}

/** A row of a forecast file as it is read. */
type Row = Record<string, number | null> & {
  line: number;
  symbol: string | null;
  model: string | null;
  cutoff: Day | null;
  ds: Day | null;
};

const KEY = ["symbol", "model", "cutoff", "ds"];
const FORMS = "quantile and value, sample and value, lo80 and hi80 (any levels), or yhat";

/** @throws CandlebookError `no_forecast_file`, `unknown_columns` (exit 2) */
export async function openFile(lake: Lake, file: string, required: readonly string[]): Promise<FileTable> {
  const path = resolve(file);
  if (!existsSync(path))
    throw inputError("no_forecast_file", `There is no file ${file}.`, "Name CSV or Parquet files.");
  const parquet = /\.(parquet|pq)$/i.test(path);
  const sql = parquet
    ? `read_parquet(${literal(path)})`
    : `read_csv(${literal(path)}, header = true, all_varchar = true)`;
  const found = await lake
    .rows<{ column_name: string }>(`DESCRIBE SELECT * FROM ${sql}`)
    .catch((error: Error) => {
      const words = error.message.split("\n")[0];
      throw inputError(
        "unreadable_file",
        `${basename(path)} can't be read: ${words}`,
        "Name CSV or Parquet.",
      );
    });
  const columns = new Map(
    found.map(({ column_name: name }) => [name.toLowerCase(), `"${name.replaceAll('"', '""')}"`]),
  );
  const missing = required.find((name) => !columns.has(name));
  if (missing === undefined) return { path, sql, columns };
  throw inputError(
    "unknown_columns",
    `${basename(path)} has no column ${missing}; its columns are ${[...columns.keys()].join(", ")}.`,
    `Name the columns ${required.join(", ")}.`,
  );
}

/**
 * Reads anyone's forecasts: rows of quantiles, of draws, of bands or of points, as the columns say.
 * @throws CandlebookError `no_forecast_file`, `unreadable_file`, `unknown_columns`, `bad_forecast_row`,
 *   `forecast_twice` (exit 2), each with file and line
 */
export async function readForecastFile(lake: Lake, file: string): Promise<ForecastDay[]> {
  const table = await openFile(lake, file, KEY);
  const has = (name: string) => table.columns.has(name);
  const bands = bandsOf(table);
  const values =
    has("value") && has("quantile")
      ? ["quantile", "value"]
      : has("value") && has("sample")
        ? ["value"]
        : bands.flatMap(({ low, high }) => [low, high]);
  const numbers = [...values, ...(has("yhat") ? ["yhat"] : [])];
  if (numbers.length === 0) {
    const names = [...table.columns.keys()].join(", ");
    throw inputError(
      "unknown_columns",
      `${basename(table.path)} has no forecast that can be read; its columns are ${names}.`,
      `A forecast is in the columns ${FORMS}.`,
    );
  }
  const rows = await readRows(lake, table, numbers);
  const groups = Map.groupBy(rows, ({ symbol, model, cutoff, ds }) => [symbol, model, cutoff, ds].join("\n"));
  return [...groups.values()].map((own) => {
    const { symbol, model, cutoff, ds, yhat, made } = own[0];
    const distribution = distributionOf(table, own, bands);
    return {
      ...{
        symbol: parseSymbol(symbol as string),
        model: model as string,
        cutoff: cutoff as Day,
        ds: ds as Day,
      },
      ...{ point: yhat ?? null, distribution, made: (made ?? null) as EpochMs | null },
    };
  });
}

/** The pairs `lo80`, `hi80`, widest first. */
function bandsOf({ columns }: FileTable): { level: number; low: string; high: string }[] {
  return [...columns.keys()]
    .flatMap((low) => {
      const level = Number(/^lo[-_]?(\d+(?:\.\d+)?)$/.exec(low)?.[1] ?? Number.NaN);
      const high = low.replace("lo", "hi");
      return level > 0 && level < 100 && columns.has(high) ? [{ level, low, high }] : [];
    })
    .sort((a, b) => b.level - a.level);
}

/** The rows with their numbers; one that is missing or can't be read is refused with its line. */
async function readRows(lake: Lake, table: FileTable, numbers: readonly string[]): Promise<Row[]> {
  const { columns, sql } = table;
  const text = (name: string) => `trim(${columns.get(name)}::VARCHAR)`;
  const day = (name: string) => `TRY_CAST(${text(name)} AS TIMESTAMP)::DATE::VARCHAR AS ${name}`;
  const made = ["made", "published"].find((name) => columns.has(name));
  const rows = await lake.rows<Row>(`
    SELECT row_number() OVER ()::DOUBLE AS line, ${text("symbol")} AS symbol, ${text("model")} AS model,
      ${day("cutoff")}, ${day("ds")}, ${made === undefined ? "NULL" : `epoch_ms(TRY_CAST(${text(made)} AS TIMESTAMP))::DOUBLE`} AS made,
      ${numbers.map((name) => `TRY_CAST(${text(name)} AS DOUBLE) AS "${name}"`).join(", ")}
    FROM ${sql}`);
  for (const row of rows) {
    const bad = [...KEY, ...numbers].find((name) => isBad(row[name], name === "quantile"));
    if (bad === undefined) continue;
    const expected =
      bad === "quantile" ? "a level between 0 and 1" : KEY.includes(bad) ? "a value" : "a number";
    throw refusal("bad_forecast_row", table, row, `${bad} is not ${expected}`);
  }
  return rows;
}

function isBad(value: unknown, isLevel: boolean): boolean {
  if (value === null || value === "") return true;
  if (typeof value !== "number") return false;
  return !Number.isFinite(value) || (isLevel && !(value > 0 && value < 1));
}

function distributionOf(
  table: FileTable,
  rows: readonly Row[],
  bands: ReturnType<typeof bandsOf>,
): Distribution {
  const [first, second] = rows;
  if (table.columns.has("value")) {
    if (!table.columns.has("quantile"))
      return { kind: "samples", values: Float64Array.from(rows, ({ value }) => value as number).sort() };
    return quantilesOf(
      table,
      rows.map((row) => ({ row, level: row.quantile as number, value: row.value as number })),
    );
  }
  if (second !== undefined)
    throw refusal("forecast_twice", table, second, "it is the second row of the same forecast day");
  if (bands.length === 0) return { kind: "point" };
  const ends = bands.flatMap(({ level, low, high }) => [
    { row: first, level: (100 - level) / 200, value: first[low] as number },
    { row: first, level: (100 + level) / 200, value: first[high] as number },
  ]);
  return quantilesOf(table, ends);
}

function quantilesOf(table: FileTable, found: { row: Row; level: number; value: number }[]): Distribution {
  const sorted = found.toSorted((a, b) => a.level - b.level);
  sorted.forEach(({ row, level, value }, i) => {
    if (i === 0) return;
    if (sorted[i - 1].level === level)
      throw refusal(
        "forecast_twice",
        table,
        row,
        `the quantile ${level} of the same forecast day is there twice`,
      );
    if (value < sorted[i - 1].value)
      throw refusal(
        "bad_forecast_row",
        table,
        row,
        `the quantile ${level} is below the one of ${sorted[i - 1].level}`,
      );
  });
  return {
    kind: "quantiles",
    levels: Float64Array.from(sorted, ({ level }) => level),
    values: Float64Array.from(sorted, ({ value }) => value),
  };
}

function refusal(code: string, { path }: FileTable, { line, model, cutoff, ds }: Row, found: string) {
  return inputError(
    code,
    `${basename(path)}, row ${line} (${model}, ${ds} from ${cutoff}): ${found}.`,
    "Correct the file and run again; the header is not counted.",
  );
}
