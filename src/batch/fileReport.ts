import type { RejectReason } from "../candle/validity.ts";
import type { Evidence } from "../recognition/evidence.ts";
import { type EpochMs, toIso } from "../time/epoch.ts";
import type { Interval } from "../time/interval.ts";
import { fewOf } from "./passedOver.ts";
import type { RawEntry } from "./rawManifest.ts";

/** What one raw file holds. */
export interface FileReport {
  name: string;
  /** Relative to the workspace. */
  path: string;
  id: number;
  bytes: number;
  sha256: string | null;
  container: "plain" | "gzip" | "zip" | null;
  /** Entries of a zip that are no texts of candles, `name: reason` each. */
  passedOver: string[];
  header: string | null;
  /** How times were written: `s`, `ms`, `us`, `iso`. */
  units: string[];
  symbols: string[];
  /** The length of its candles; null where it was never read. */
  interval: Interval | null;
  /** By what the form is known. */
  evidence: Evidence[];
  rows: { in: number; valid: number; rejected: number };
  reasons: Partial<Record<RejectReason, number>>;
  /** ISO 8601, of the valid rows. */
  firstOpenTime: string | null;
  lastOpenTime: string | null;
  /** Why the file could not be read now; where rows are counted all the same, they are those read earlier. */
  problem: { code: string; message: string; next: string } | null;
}

/** What the manifest keeps of a file, as a report. */
export function reportOf({ facts, ...entry }: RawEntry): FileReport {
  const spans = Object.values(facts?.symbols ?? {});
  const iso = (times: number[], pick: (...values: number[]) => number) =>
    times.length === 0 ? null : toIso(pick(...times) as EpochMs);
  return {
    name: entry.name,
    path: entry.path,
    id: entry.id,
    bytes: Math.max(0, entry.bytes),
    sha256: facts?.sha256 ?? null,
    container: facts?.container ?? null,
    passedOver: facts?.passedOver ?? [],
    header: facts?.header ?? null,
    units: facts?.units ?? [],
    symbols: Object.keys(facts?.symbols ?? {}).sort(),
    interval: facts?.interval ?? null,
    evidence: facts?.evidence ?? [],
    rows: facts?.rows ?? { in: 0, valid: 0, rejected: 0 },
    reasons: facts?.reasons ?? {},
    firstOpenTime: iso(
      spans.map(({ first }) => first),
      Math.min,
    ),
    lastOpenTime: iso(
      spans.map(({ last }) => last),
      Math.max,
    ),
    problem: entry.problem,
  };
}

/** What nothing states and nothing proves of files, each in a sentence with the files that it is of. */
export function assumedOf(files: readonly FileReport[]): string[] {
  const assumed = files.flatMap(({ name, evidence }) =>
    evidence
      .filter(({ grade }) => grade === "assumed")
      .map(({ question, answer, by }) => ({ name, text: `${question} ${answer} (${by})` })),
  );
  const byText = Map.groupBy(assumed, ({ text }) => text);
  return [...byText].map(([text, of]) => `Assumed of ${fewOf(of.map(({ name }) => name))}: ${text}`);
}
