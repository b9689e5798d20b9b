import { readFile } from "node:fs/promises";
import { dirname, join, matchesGlob } from "node:path";
import { z } from "zod";
import { normalizeSymbol, parseSymbol } from "../candle/symbol.ts";
import { inputError } from "../core/errors.ts";
import { issueText, type Statement, statementForm } from "../recognition/statement.ts";

/** The file beside the data that states how the files of its folder are read. */
export const FOLDER_FILE = "candles.json";

const own = statementForm.extend({
  symbol: z
    .string()
    .refine((text) => normalizeSymbol(text) !== null, "expected a pair such as BTCUSDT")
    .optional(),
});

const folderForm = own.extend({
  /** By a pattern of file names, such as `kraken-*.csv`: what holds for those alone. The last that fits counts most. */
  files: z.record(z.string(), own).optional(),
});

type FolderStatement = z.infer<typeof folderForm>;

/** What `candles.json` states of one file of its folder; `symbol` null where it states none. */
export interface StatedInFolder {
  symbol: string | null;
  stated: Statement;
}

/** Reads each folder's statement once. */
export class FolderStatements {
  readonly #read = new Map<string, Promise<FolderStatement | null>>();

  /**
   * What is stated of a file by the file beside it.
   * @param absolute the data file's path
   * @throws CandlebookError `bad_folder_file`
   */
  async of(absolute: string): Promise<StatedInFolder> {
    const folder = dirname(absolute);
    const reading = this.#read.get(folder) ?? readFolderFile(folder);
    this.#read.set(folder, reading);
    const statement = await reading;
    if (statement === null) return { symbol: null, stated: {} };
    const { files = {}, ...all } = statement;
    const name = absolute.slice(folder.length + 1);
    const fitting = Object.entries(files).flatMap(([pattern, stated]) =>
      matchesGlob(name, pattern) ? [stated] : [],
    );
    const { symbol, ...stated } = Object.assign({}, all, ...fitting) as z.infer<typeof own>;
    return { symbol: symbol === undefined ? null : parseSymbol(symbol), stated };
  }
}

async function readFolderFile(folder: string): Promise<FolderStatement | null> {
  const text = await readFile(join(folder, FOLDER_FILE), "utf8").catch((error) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return null;
    throw error;
  });
  if (text === null) return null;
  const where = join(folder, FOLDER_FILE);
  const value = parseJson(where, text);
  const parsed = folderForm.safeParse(value);
  if (parsed.success) return parsed.data;
  throw badFolderFile(where, issueText(parsed.error, value));
}

function parseJson(where: string, text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\ufeff/, ""));
  } catch (error) {
    throw badFolderFile(where, (error as Error).message);
  }
}

function badFolderFile(where: string, found: string) {
  return inputError(
    "bad_folder_file",
    `${where}: ${found}.`,
    'Write for example { "zone": "UTC", "files": { "kraken-*.csv": { "symbol": "BTCUSD" } } }.',
  );
}
