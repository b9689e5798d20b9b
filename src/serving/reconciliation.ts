import { z } from "zod";
import type { Effects } from "../core/effects.ts";
import { en, joined, sameText, type Text } from "../core/text.ts";
import type { Workspace } from "../core/workspace.ts";
import type { Manifest } from "../lake/manifest.ts";
import { readRows } from "../lake/session.ts";
import type { Day } from "../time/day.ts";
import { requireTable } from "./served.ts";

/** Why two layers differ in a field, the first that holds. */
export const CAUSES = ["open_day", "late_events", "minutes_missing", "other_source", "unexplained"] as const;

export type Cause = (typeof CAUSES)[number];

/** What a reconciliation counts; a fact of its manifest. */
export interface OverlapCounts {
  /** Days (of a symbol) that at least two layers know. */
  days: number;
  /** Those of them on which all layers agree in every field. */
  equal: number;
  /** The others by cause; a day whose fields have several counts for the first in the order of `CAUSES`. */
  causes: Partial<Record<Cause, number>>;
  /** Pairs of layers that have a day in common. */
  pairs: number;
}

const overlapForm: z.ZodType<OverlapCounts> = z.object({
  days: z.number().int(),
  equal: z.number().int(),
  causes: z.partialRecord(z.enum(CAUSES), z.number().int()),
  pairs: z.number().int(),
});

/** What a reconciliation found. */
export interface Overlap extends OverlapCounts {
  /** For people: "18 days in both layers, 18 equal". */
  sentence: Text;
}

/** What the published reconciliation found, from its manifest. */
export function overlapOf(manifest: Manifest): Overlap {
  const overlap = overlapForm.parse(manifest.facts.overlap);
  return { ...overlap, sentence: sentenceOf(overlap) };
}

const CAUSE_TEXTS: Record<Cause, Text> = {
  open_day: { en: "not over yet", vi: "chưa kết thúc" },
  late_events: { en: "with late events", vi: "có sự kiện muộn" },
  minutes_missing: { en: "with minutes missing in one of them", vi: "thiếu phút ở một lớp" },
  other_source: { en: "from another source", vi: "từ nguồn khác" },
  unexplained: { en: "unexplained", vi: "chưa giải thích được" },
};

function sentenceOf({ days, equal, causes, pairs }: OverlapCounts): Text {
  if (days === 0) return { en: "No day is in two layers.", vi: "Không ngày nào có ở hai lớp." };
  const where =
    pairs === 1 ? { en: "both layers", vi: "cả hai lớp" } : { en: "more than one layer", vi: "hơn một lớp" };
  const found = CAUSES.filter((cause) => causes[cause] !== undefined);
  const rest = joined(
    found.map((cause) => joined([sameText(String(causes[cause])), CAUSE_TEXTS[cause]], " ")),
    ", ",
  );
  const others = found.length === 0 ? "" : en`; different: ${rest}`.vi`; khác nhau: ${rest}`;
  return en`${days} ${days === 1 ? "day" : "days"} in ${where}, ${equal} equal${others}.`
    .vi`${days} ngày có ở ${where}, ${equal} ngày bằng nhau${others}.`;
}

/** A row of the table `reconciliation`. */
export interface ReconciliationRow {
  symbol: string;
  day: Day;
  field: string;
  layer_a: string;
  value_a: number;
  layer_b: string;
  value_b: number;
  /** `value_b − value_a`. */
  difference: number;
  /** Difference over |`value_a`|; null where that is 0. */
  relative: number | null;
  /** Null where the values are equal. */
  cause: Cause | null;
}

/**
 * The published reconciliation: its rows, and what it found in a sentence.
 * @param symbol default: all
 * @throws CandlebookError `no_such_table` (exit 2) where nothing was merged yet
 */
export async function reconciliation(
  workspace: Workspace,
  { symbol }: { symbol?: string } = {},
  effects: Effects = {},
): Promise<{ rows: ReconciliationRow[]; overlap: Overlap }> {
  const next = "Run candlebook merge first, or candlebook run --csv PATH for all of it.";
  const table = await requireTable(workspace, "reconciliation", next);
  const rows = await readRows<ReconciliationRow>(
    workspace,
    effects,
    `SELECT * REPLACE (day::VARCHAR AS day) FROM ${table.sql} WHERE $symbol IS NULL OR symbol = $symbol`,
    { symbol: symbol ?? null },
  );
  return { rows, overlap: overlapOf(table.manifest) };
}
