import { z } from "zod";
import { type CandlebookError, outsideError } from "../core/errors.ts";
import { readJson, writeFileWhole } from "../core/files.ts";
import { DAY_MS, type EpochMs, MINUTE_MS, toIso } from "../time/epoch.ts";

/** The exchange bans for two minutes up to three days. */
const SHORTEST_MS = 2 * MINUTE_MS;
const LONGEST_MS = 3 * DAY_MS;

const banForm = z.record(z.string(), z.number());

/** Bans by base address, kept in a file, so that a program started later respects them too. */
export interface BanList {
  /** @throws CandlebookError `banned` (exit 3) while a ban lasts */
  check(base: string, now: number): Promise<void>;
  /** Stores the ban, of two minutes to three days, and returns the error to throw. */
  add(base: string, until: number, now: number): Promise<CandlebookError>;
}

export function banList(path: string): BanList {
  const read = async () => {
    const parsed = banForm.safeParse(await readJson(path));
    return parsed.success ? parsed.data : {};
  };
  const add = async (base: string, stated: number, now: number) => {
    const until = Math.min(Math.max(stated, now + SHORTEST_MS), now + LONGEST_MS);
    const bans = { ...(await read()), [base]: until };
    await writeFileWhole(path, `${JSON.stringify(bans, null, 2)}\n`);
    return banned(base, until);
  };
  return {
    check: async (base, now) => {
      const bans = await read();
      const until = bans[base] ?? 0;
      if (now >= until) return;
      // No ban is longer: the clock was ahead when it was written, or the file was edited.
      if (until > now + LONGEST_MS) throw await add(base, until, now);
      throw banned(base, until);
    },
    add,
  };
}

function banned(base: string, until: number): CandlebookError {
  return outsideError(
    "banned",
    `${new URL(base).host} has banned this address until ${toIso(until as EpochMs)}, for too many requests. No request is sent before.`,
    "Run the same command after that: it continues where it stopped. A ban that is known to be over: delete data/bans.json.",
  );
}
