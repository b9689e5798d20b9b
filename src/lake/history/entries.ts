import { stat } from "node:fs/promises";
import { z } from "zod";
import { CandlebookError, failure } from "../../core/errors.ts";
import type { Workspace } from "../../core/workspace.ts";
import type { Manifest } from "../manifest.ts";
import { type Lake, literal } from "../session.ts";
import { historyPath } from "./keptTables.ts";

const identityForm = z.object({ id: z.string(), at: z.string() });

const changeForm = z.object({
  added: z.number().int(),
  changed: z.number().int(),
  removed: z.number().int(),
  /** The first and the last day of these rows; null without a row. */
  from: z.string().nullable(),
  to: z.string().nullable(),
});

/** The form of a history. A reader refuses a newer one than its own. */
const HISTORY_SCHEMA = 1;

const entryForm = identityForm.extend({
  schema: z.literal(HISTORY_SCHEMA),
  rows: z.number().int(),
  stage: z.string(),
  codeVersion: z.string(),
  inputs: z.array(z.object({ name: z.string(), version: z.string() })),
  columns: z.record(z.string(), z.string()),
  /** The version that replaced it. */
  next: identityForm,
  /** What that changed; null where it has other columns: then this one is kept as it was published. */
  change: changeForm.nullable(),
});

/** A version is published at an instant; one that is restored is published again, at another. */
export type Identity = z.infer<typeof identityForm>;

/** The rows that one version changed in the version before it. */
export type VersionChange = z.infer<typeof changeForm>;

/** An earlier version in the history of a table, and its place in it. */
export type Entry = Omit<z.infer<typeof entryForm>, "schema"> & { step: number };

export const identityOf = ({ id, createdAt }: Manifest): Identity => ({ id, at: createdAt });

const isSame = (one: Identity, other: Identity) => one.id === other.id && one.at === other.at;

/**
 * The versions before the given one, oldest first. A crash between the history's update and the publication can leave
 * entries that don't lead to it: they don't count.
 * @throws CandlebookError `damaged_history`, `newer_table` (exit 1)
 */
export async function readEntries(
  lake: Lake,
  workspace: Workspace,
  table: string,
  current: Identity,
): Promise<Entry[]> {
  const all = await allEntries(lake, workspace, table);
  return all.slice(0, all.findLastIndex(({ next }) => isSame(next, current)) + 1);
}

/** All entries of the file, whether they lead to the published version or not. @throws as `readEntries` */
export async function allEntries(lake: Lake, workspace: Workspace, table: string): Promise<Entry[]> {
  const file = historyPath(workspace, table);
  if ((await stat(file).catch(() => null)) === null) return [];
  try {
    const rows = await lake.rows<{ step: number; version: string }>(
      `SELECT _step::DOUBLE AS step, _version AS version FROM read_parquet(${literal(file)})
       WHERE _version IS NOT NULL ORDER BY _step`,
    );
    return rows.map(({ step, version }) => ({ ...parseEntry(table, JSON.parse(version)), step }));
  } catch (cause) {
    if (cause instanceof CandlebookError) throw cause;
    throw failure(
      "damaged_history",
      `The earlier versions of the table ${table} can't be read: its history is damaged.`,
      `The published table is intact. To go on without its earlier versions, delete data_analysis/.versions/${table}/history.parquet.`,
      cause,
    );
  }
}

function parseEntry(table: string, value: { schema?: unknown }): Omit<Entry, "step"> {
  if (typeof value.schema === "number" && value.schema > HISTORY_SCHEMA) {
    throw failure(
      "newer_table",
      `The earlier versions of the table ${table} have form ${value.schema}; this candlebook reads forms up to ${HISTORY_SCHEMA}.`,
      "Update candlebook, or use another workspace.",
    );
  }
  const { schema: _, ...entry } = entryForm.parse(value);
  return entry;
}

/** An entry as the history's file has it. */
export function entryText({ step: _, ...entry }: Entry): string {
  return JSON.stringify({ schema: HISTORY_SCHEMA, ...entry });
}
