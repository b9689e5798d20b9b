import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { z } from "zod";
import { failure } from "../core/errors.ts";

// nbformat 4: texts are one string or a list of pieces.
const text = z.union([z.string(), z.array(z.string())]).transform((value) => [value].flat().join(""));
const bundle = z.record(z.string(), z.unknown());
const output = z.discriminatedUnion("output_type", [
  z.object({ output_type: z.enum(["display_data", "execute_result", "update_display_data"]), data: bundle }),
  z.object({ output_type: z.literal("stream"), name: z.string(), text }),
  z.object({ output_type: z.literal("error"), ename: z.string(), evalue: z.string() }),
]);
const id = z.string().optional();
const cell = z.discriminatedUnion("cell_type", [
  z.object({
    cell_type: z.enum(["markdown", "raw"]),
    id,
    source: text,
    /** `vi`: the same text in Vietnamese. */
    metadata: z.object({ vi: text.optional() }).optional(),
  }),
  z.object({ cell_type: z.literal("code"), id, source: text, outputs: z.array(output) }),
]);
const form = z.object({ nbformat: z.literal(4), cells: z.array(cell) });

export type Cell = z.infer<typeof cell>;
export type Output = z.infer<typeof output>;

export interface Notebook {
  /** The file's name without its ending. */
  name: string;
  cells: Cell[];
}

/** The file names of a folder's notebooks, sorted; none if the folder does not exist. */
export async function executedNotebooks(folder: string): Promise<string[]> {
  const files = await readdir(folder).catch(() => []);
  return files.filter((file) => file.endsWith(".ipynb")).sort();
}

/** Executed notebooks of a folder, by name. */
export async function readNotebooks(folder: string): Promise<Notebook[]> {
  const names = await executedNotebooks(folder);
  return Promise.all(names.map((name) => readNotebook(join(folder, name))));
}

/** @throws CandlebookError `damaged_notebook` */
async function readNotebook(path: string): Promise<Notebook> {
  const name = basename(path, ".ipynb");
  try {
    return { name, cells: form.parse(JSON.parse(await readFile(path, "utf8"))).cells };
  } catch (cause) {
    throw failure(
      "damaged_notebook",
      `The executed notebook ${name} can't be read: it is not a notebook of format 4.`,
      `Run it again: candlebook notebooks --only ${name}.`,
      cause,
    );
  }
}

/** A mime type's content as text. */
export function textOf(content: unknown): string {
  return text.safeParse(content).data ?? "";
}
