import { z } from "zod";
import { type CandlebookError, outsideError } from "../core/errors.ts";
import { readJson, writeFileWhole } from "../core/files.ts";
import { type EpochMs, toIso } from "../time/epoch.ts";

const banForm = z.record(z.string(), z.number());

/** Bans by base address, kept in a file: a program that starts anew must not ask before they end either. */
export interface BanList {
  /** @throws CandlebookError `banned` (exit 3) while a ban lasts */
  check(base: string, now: number): Promise<void>;
  /** Keeps the ban and says what to throw. */
  add(base: string, until: number): Promise<CandlebookError>;
}

export function banList(path: string): BanList {
  const read = async () => {
    const parsed = banForm.safeParse(await readJson(path));
    return parsed.success ? parsed.data : {};
  };
  return {
    check: async (base, now) => {
      const until = (await read())[base] ?? 0;
      if (now < until) throw banned(base, until);
    },
    add: async (base, until) => {
      const bans = { ...(await read()), [base]: until };
      await writeFileWhole(path, `${JSON.stringify(bans, null, 2)}\n`);
      return banned(base, until);
    },
  };
}

function banned(base: string, until: number): CandlebookError {
  return outsideError(
    "banned",
    `${new URL(base).host} has banned this address until ${toIso(until as EpochMs)}, for too many requests. Nothing is asked before.`,
    "Run the same command after that: it goes on where it stopped.",
  );
}
