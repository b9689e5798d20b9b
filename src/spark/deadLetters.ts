import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { Effects } from "../core/effects.ts";
import { readJson, writeFileWhole } from "../core/files.ts";
import type { Workspace } from "../core/workspace.ts";
import type { Recipe } from "../lake/publish.ts";
import { publishRows } from "../lake/publishRows.ts";
import type { Columns } from "../lake/write.ts";
import { deadLetterReason, type PoisonMessage } from "../speed/consume/state.ts";
import { LATE_COLUMNS, POISON_COLUMNS } from "../speed/consume/streamTables.ts";
import type { EpochMs } from "../time/epoch.ts";
import type { FixedInterval } from "../time/interval.ts";
import { decodeMessage } from "../topic/message.ts";
import { type Batch, batchesIn, messagesBetween, offsetsForm, readBatch, readEntry } from "./batchLog.ts";
import { entries } from "./relation.ts";
import type { SparkSession } from "./sparkSession.ts";
import type { StreamProgress } from "./sparkStream.ts";
import { formsSql, lateSql, othersSql } from "./streamSql.ts";

/** What a stream passed over, of all its runs. */
export interface PassedOver {
  /** Updates that came after their window had closed: the rows of `late_events`. */
  late: number;
  /** The rows of `poison_messages`. */
  poison: number;
  /** Last prices: they create no day here. */
  tickers: number;
  /** Messages of an unknown type. */
  unknown: number;
  /** Messages that could not be read a second time: late and unreadable ones among them are not counted. */
  unseen: number;
}

const passedOverForm: z.ZodType<PassedOver> = z.object({
  late: z.number().int(),
  poison: z.number().int(),
  tickers: z.number().int(),
  unknown: z.number().int(),
  unseen: z.number().int(),
});
const seenForm = z.object({
  schema: z.literal(1),
  /** The last micro-batch that was processed, and where it ended. */
  batch: z.number().int(),
  next: offsetsForm,
  total: passedOverForm,
});
type Seen = z.infer<typeof seenForm>;

/** What one micro-batch passed over. */
interface Found extends Omit<PassedOver, "late" | "poison"> {
  late: object[];
  poison: PoisonMessage[];
}

/** A message that is neither a kline nor a ticker to Spark. */
interface OtherMessage {
  topic: string;
  partition: number;
  offset: number;
  /** Append time, milliseconds since 1970 UTC. */
  timestamp: EpochMs;
  raw: string | null;
}

export interface DeadLetterOptions {
  session: SparkSession;
  workspace: Workspace;
  /** The stream's: its `checkpoint`, and ours, `aside`. */
  folder: string;
  /** Of the stream's windows. */
  length: FixedInterval;
  /** The stream's, the same for all runs from one checkpoint. */
  id: string;
  brokers: readonly string[];
  /** Simulated prices are allowed here. */
  simulated: boolean;
}

/** What the micro-batches of a stream passed over, so far. */
export interface Kept {
  /** Changes whenever there is more. */
  version: string;
  late: object[];
  poison: PoisonMessage[];
  total: PassedOver;
}

const NOTHING: Found = { late: [], poison: [], tickers: 0, unknown: 0, unseen: 0 };

/**
 * The messages that a stream on Spark skips: late updates, and messages that are not updates. Spark drops them and
 * reports only their number, which is lost when its server ends. Its checkpoint has the offsets and the watermark of
 * each micro-batch: with them a micro-batch is read again if the number is not 0, or unknown.
 */
export class DeadLetters {
  readonly #options: DeadLetterOptions;
  readonly #folder: string;
  readonly #checkpoint: string;
  /** What was read last: most micro-batches pass nothing over. */
  #kept: Kept | null = null;
  /** The newest micro-batch of the last look. */
  #newest = -1;

  constructor(options: DeadLetterOptions) {
    this.#options = options;
    this.#folder = join(options.folder, "aside", options.id);
    this.#checkpoint = join(options.folder, "checkpoint");
  }

  /**
   * Keeps what the micro-batches that have ended since the last look passed over.
   * @returns whether this object had not seen the last of them: there may be something to publish
   */
  async look(progress: readonly StreamProgress[]): Promise<boolean> {
    await mkdir(this.#folder, { recursive: true });
    let seen = await readSeen(this.#folder);
    const all = await batchesIn(join(this.#checkpoint, "commits"));
    const ended = all.filter((batch) => batch > seen.batch);
    for (const batch of ended) {
      const next = (await readEntry(this.#checkpoint, batch))?.offsets ?? seen.next;
      const told = progress.find(({ batchId }) => batchId === batch);
      // Where Spark has removed what lay before, all since the last look is lost to a second reading.
      const unseen = () => ({ ...NOTHING, unseen: messagesBetween(seen.next, next) });
      const found = (await this.#find(batch, told)) ?? unseen();
      if (found.late.length + found.poison.length > 0) {
        const rows = { late: found.late, poison: found.poison };
        await writeFileWhole(join(this.#folder, `${batch}.json`), JSON.stringify(rows));
      }
      seen = { schema: 1, batch, next, total: added(seen.total, found) };
    }
    if (ended.length > 0) await writeFileWhole(join(this.#folder, "seen.json"), `${JSON.stringify(seen)}\n`);
    const before = this.#newest;
    this.#newest = all.at(-1) ?? -1;
    return this.#newest > before;
  }

  /** What is kept of all runs. */
  async kept(): Promise<Kept> {
    const { batch: last, total } = await readSeen(this.#folder);
    // What a look that was cut short had begun to keep is not counted, and is found again.
    const batches = (await batchesIn(this.#folder)).filter((batch) => batch <= last);
    const version = `${this.#options.id}:${batches.join(",")}`;
    if (this.#kept?.version === version) return { ...this.#kept, total };
    const found = await Promise.all(batches.map((batch) => readJson(join(this.#folder, `${batch}.json`))));
    const parts = found as Pick<Found, "late" | "poison">[];
    this.#kept = {
      version,
      late: parts.flatMap((part) => part.late),
      poison: parts.flatMap((part) => part.poison),
      total,
    };
    return this.#kept;
  }

  /** @returns null where Spark's checkpoint no longer has the micro-batch */
  async #find(number: number, told: StreamProgress | undefined): Promise<Found | null> {
    const { session, brokers, simulated, length } = this.#options;
    const dropped = told?.stateOperators.reduce((sum, one) => sum + one.numRowsDroppedByWatermark, 0);
    const forms = told?.observedMetrics?.messages;
    if (dropped === 0 && forms?.others === 0) return { ...NOTHING, tickers: forms.tickers };
    const batch = await readBatch(this.#checkpoint, number);
    if (batch === null) return null;
    if (messagesBetween(batch.from, batch.to) === 0) return NOTHING;
    await readAgain(session, brokers, batch);
    const [{ messages, tickers, others }] = await session.rows<Record<string, number>>(
      formsSql("again", simulated),
    );
    const { watermarkMs } = batch;
    const isLate = watermarkMs > 0 && dropped !== 0;
    return {
      late: isLate ? await session.rows<object>(lateSql("again", simulated, { length, watermarkMs })) : [],
      ...sortOut(others === 0 ? [] : await session.rows(othersSql("again", simulated)), simulated),
      tickers,
      unseen: messagesBetween(batch.from, batch.to) - messages,
    };
  }
}

/**
 * Publishes what the streams of one topic passed over as `late_events` and `poison_messages`, where there is any. Each
 * stream reads every message, so that of all of them a message is counted once; an update can be late for several.
 */
export async function publishPassedOver(
  workspace: Workspace,
  effects: Effects,
  recipe: Omit<Recipe, "table" | "inputs">,
  kept: readonly Kept[],
): Promise<PassedOver> {
  const late = kept.flatMap((one) => one.late);
  const placed = kept.flatMap((one) => one.poison.map((message) => [placeOf(message), message] as const));
  const poison = [...new Map(placed).values()];
  const inputs = kept.map(({ version }) => ({ name: "spark_stream", version }));
  const publish = (table: string, columns: Columns, rows: readonly object[]) =>
    publishRows(workspace, effects, { ...recipe, table, inputs }, { columns, pages: () => [rows] });
  if (late.length > 0) await publish("late_events", LATE_COLUMNS, late);
  if (poison.length > 0) await publish("poison_messages", POISON_COLUMNS, poison);
  const most = (name: keyof PassedOver) => Math.max(...kept.map(({ total }) => total[name]));
  return {
    late: late.length,
    poison: poison.length,
    tickers: most("tickers"),
    unknown: most("unknown"),
    unseen: most("unseen"),
  };
}

const placeOf = ({ topic, partition, offset }: PoisonMessage) => `${topic} ${partition} ${offset}`;

async function readSeen(folder: string): Promise<Seen> {
  const seen = seenForm.safeParse(await readJson(join(folder, "seen.json")));
  if (seen.success) return seen.data;
  return { schema: 1, batch: -1, next: {}, total: { late: 0, poison: 0, tickers: 0, unknown: 0, unseen: 0 } };
}

function added(total: PassedOver, found: Found): PassedOver {
  return {
    late: total.late + found.late.length,
    poison: total.poison + found.poison.length,
    tickers: total.tickers + found.tickers,
    unknown: total.unknown + found.unknown,
    unseen: total.unseen + found.unseen,
  };
}

/** The embedded consumer's reasons for messages that Spark did not accept. */
function sortOut(messages: readonly OtherMessage[], simulated: boolean): Pick<Found, "poison" | "unknown"> {
  const poison: PoisonMessage[] = [];
  let unknown = 0;
  for (const { topic, partition, offset, timestamp, raw } of messages) {
    const update = decodeMessage(raw);
    if (update.kind === "unknown") unknown += 1;
    else {
      // Spark parses some numbers more strictly: a message that it did not count is kept in any case.
      const reason = deadLetterReason(update, { timestamp }, { simulated }) ?? "wrong_form";
      poison.push({ topic, partition, offset, reason, raw });
    }
  }
  return { poison, unknown };
}

/** The messages of a micro-batch as the view `again`. */
async function readAgain(
  session: SparkSession,
  brokers: readonly string[],
  { from, to }: Batch,
): Promise<void> {
  // A partition added after the stream's start is read from its beginning (-2).
  const starts = Object.fromEntries(
    Object.entries(to).map(([topic, ends]) => [
      topic,
      Object.fromEntries(Object.keys(ends).map((partition) => [partition, from[topic]?.[partition] ?? -2])),
    ]),
  );
  const options = entries({
    "kafka.bootstrap.servers": brokers.join(","),
    subscribe: Object.keys(to).join(","),
    startingOffsets: JSON.stringify(starts),
    endingOffsets: JSON.stringify(to),
    failOnDataLoss: "false",
  });
  await session.view("again", { read: { data_source: { format: "kafka", options } } });
}
