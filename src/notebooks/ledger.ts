import { z } from "zod";
import { readJson, writeFileWhole } from "../core/files.ts";

const ledgerForm = z.object({ schema: z.literal(1), notebooks: z.record(z.string(), z.string()) });

/** The inputs of each executed notebook. */
export interface Ledger {
  of(path: string): string | undefined;
  enter(path: string, fingerprint: string): Promise<void>;
}

/** @param file its JSON file; one that is missing or damaged counts as empty */
export async function openLedger(file: string): Promise<Ledger> {
  const notebooks = ledgerForm.safeParse(await readJson(file)).data?.notebooks ?? {};
  // One after the other: with two concurrent writes the older content could be the last.
  let written = Promise.resolve();
  return {
    of: (path) => notebooks[path],
    enter(path, fingerprint) {
      notebooks[path] = fingerprint;
      written = written.then(() =>
        writeFileWhole(file, `${JSON.stringify({ schema: 1, notebooks }, null, 2)}\n`),
      );
      return written;
    },
  };
}
