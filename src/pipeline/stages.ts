import { existsSync } from "node:fs";
import { candlesOfEach, wantedCandles } from "../batch/candles.ts";
import { clean } from "../batch/clean.ts";
import { daily } from "../batch/daily.ts";
import { assumedOf } from "../batch/fileReport.ts";
import { ingest } from "../batch/ingest.ts";
import type { RowBalance } from "../candle/balance.ts";
import type { Source } from "../candle/candle.ts";
import type { Effects } from "../core/effects.ts";
import { CandlebookError } from "../core/errors.ts";
import { counted, grouped } from "../core/numbers.ts";
import { ALL_MODELS, DEFAULT_MODEL } from "../forecast/registry.ts";
import { forecast } from "../forecasting/forecast.ts";
import { summariesOf } from "../forecasting/summaries.ts";
import type { Kernel } from "../notebooks/executeNotebook.ts";
import { runNotebooks } from "../notebooks/runNotebooks.ts";
import { report } from "../report/report.ts";
import { merge } from "../serving/merge.ts";
import { results } from "../serving/results.ts";
import { consume } from "../speed/consume/consume.ts";
import type { Day } from "../time/day.ts";
import type { Interval } from "../time/interval.ts";
import { embeddedTopicPath, openTopic } from "../topic/openTopic.ts";
import { closeGaps } from "./closeGaps.ts";
import { figures } from "./figures.ts";
import type { ChosenSource } from "./runSource.ts";

export interface StageOptions {
  /** The kernel of the notebooks; `tslab` by default. */
  kernel?: Kernel;
  /** Days ahead; 30 by default. */
  horizon?: number;
  /** Names of the models; all by default. */
  models?: readonly string[];
  /** The exchange's REST address; default: the environment's, else its own. */
  restUrl?: string;
  /** Intervals of the tables of folded candles; default: those that are published. */
  intervals?: readonly Interval[];
  /** Kafka brokers, `host:port` each; without them the embedded topic, if there is one. */
  brokers?: readonly string[];
}

/** Results of the stages; null until the stage has run. */
export interface Findings {
  source: Source;
  /** Of the cleaned minutes. */
  balance: RowBalance | null;
  /** Rows of `daily_filled`. */
  rows: number | null;
  /** Relative to the workspace. */
  report: string | null;
}

/** The outcome of a stage: whether it was skipped, a short note, and its results. */
type Outcome = {
  skipped: boolean;
  note: string;
  found?: Partial<Findings>;
  /** What was missing in the run, in a sentence. */
  remark?: string;
};

type Work = (chosen: ChosenSource, options: StageOptions, effects: Effects) => Promise<Outcome>;

/** The day on which the exchange opened. */
const EXCHANGE_OPENED = "2017-07-14" as Day;

const WORK = {
  ingest: async ({ workspace, files, source }, _options, effects) => {
    const done = await ingest(workspace, { files, source }, effects);
    const problems = done.files.flatMap(({ problem }) => (problem === null ? [] : [problem.message]));
    const { in: read, rejected } = done.balance;
    const note = `${counted(done.files.length, "file")}, ${counted(read, "row")}, ${grouped(rejected)} rejected`;
    const assumed = source === "csv" ? assumedOf(done.files) : [];
    return {
      skipped: done.skipped,
      note: [note, ...problems, ...assumed].join("; "),
      found: { source: done.source },
    };
  },
  clean: async ({ workspace }, _options, effects) => {
    const { balance, skipped } = await clean(workspace, {}, effects);
    const note = `${counted(balance.kept, "candle")} kept, ${counted(balance.duplicates, "duplicate")}`;
    return { skipped, note, found: { balance } };
  },
  daily: async ({ workspace }, _options, effects) => {
    const { daily: days, gaps, skipped } = await daily(workspace, {}, effects);
    return { skipped, note: `${counted(days.manifest.rows, "day")}, ${counted(gaps.manifest.rows, "gap")}` };
  },
  backfill: async ({ workspace, source }, { restUrl }, effects) => {
    // The archive's minutes begin a year ago: the days before them are daily candles.
    const from = source === "binance" ? EXCHANGE_OPENED : undefined;
    try {
      const closed = await closeGaps(workspace, { restUrl, from }, effects);
      const { requests, minutes, days, gaps, skipped, unlisted } = closed;
      const note = `${counted(gaps.length, "gap")}, ${counted(minutes, "minute")} and ${counted(days, "day")} received in ${counted(requests, "request")}`;
      const names = unlisted.map(({ symbol }) => symbol).join(", ");
      const remark = names === "" ? undefined : `The exchange does not list ${names}: the gaps remain.`;
      return { skipped, note, remark };
    } catch (error) {
      // With the user's files as source, their gaps are requested; if the exchange can't be reached, the run
      // continues.
      if (!(error instanceof CandlebookError) || error.exit !== 3 || source !== "csv") throw error;
      const remark = `Not all gaps of your files were closed: ${error.message} ${error.next}`;
      return { skipped: true, note: error.code, remark };
    }
  },
  stream: async ({ workspace }, { brokers = [] }, effects) => {
    if (brokers.length === 0 && !existsSync(embeddedTopicPath(workspace))) {
      return { skipped: true, note: "no topic" };
    }
    const topic = await openTopic(workspace, { brokers });
    try {
      const { counts, closed } = await consume(workspace, topic, { once: true }, effects);
      const note = `${counted(counts.read, "message")}, ${counted(closed.length, "window")} closed`;
      return { skipped: counts.read === 0, note };
    } catch (error) {
      // A running consumer does the same all day.
      if (error instanceof CandlebookError && error.code === "table_locked") {
        return { skipped: true, note: "another process consumes the topic" };
      }
      throw error;
    } finally {
      await topic.close();
    }
  },
  merge: async ({ workspace }, _options, effects) => {
    const { served, skipped } = await merge(workspace, effects);
    const count = served.manifest.rows;
    return { skipped, note: `${counted(count, "day")} served`, found: { rows: count } };
  },
  candles: async ({ workspace }, { intervals }, effects) => {
    const done = await candlesOfEach(workspace, await wantedCandles(workspace, intervals), effects);
    const notes = done.map(
      ({ table }) => `${counted(table.manifest.rows, "candle")} in ${table.manifest.table}`,
    );
    return { skipped: done.every(({ skipped }) => skipped), note: notes.join(", ") || "no intervals" };
  },
  results: async ({ workspace }, _options, effects) => {
    const { files, skipped } = await results(workspace, effects);
    return { skipped, note: counted(files.length, "answer") };
  },
  forecast: async ({ workspace }, { horizon, models }, effects) => {
    const made = await forecast(workspace, { horizon, models, publish: true }, effects);
    const { symbols, refused, skipped, publication } = made;
    const summaries = summariesOf(workspace, symbols);
    const notes = symbols.map(({ symbol, scored, cutoffs }, i) =>
      scored
        ? `${symbol} scored on ${cutoffs.length} windows. ${summaries[i].sentence.en}`
        : `${symbol} unscored: too short a history.`,
    );
    return { skipped, note: [...notes, ...refused.map(({ reason }) => reason), publication.en].join(" ") };
  },
  figures: async ({ workspace }, _options, effects) => {
    const { files, skipped } = await figures(workspace, effects);
    return { skipped, note: counted(files, "file") };
  },
  notebooks: async ({ workspace }, { kernel, horizon, models }, effects) => {
    const set = { ...(horizon === undefined ? {} : { horizon: String(horizon) }), ...settingsOf(models) };
    // The previous stages have published the inputs of the notebooks. A kernel needs a core, and half a gigabyte.
    const atOnce = Math.min(2, workspace.resources.threads);
    const done = await runNotebooks(workspace, { kernel, set, atOnce }, effects);
    const ran = done.filter(({ skipped }) => !skipped);
    return { skipped: ran.length === 0, note: `${ran.length} of ${done.length} run` };
  },
  report: async ({ workspace }, _options, effects) => {
    const { path, bytes, skipped } = await report(workspace, effects);
    return { skipped, note: `${(bytes / 1e6).toFixed(1)} MB`, found: { report: path } };
  },
} satisfies Record<string, Work>;

/** The parameters of notebooks for a run's models: all of them, and the one that is looked at first. */
function settingsOf(models: readonly string[] | undefined): Record<string, string> {
  if (models === undefined) return {};
  const shown = [DEFAULT_MODEL, ALL_MODELS].some((name) => models.includes(name));
  const first = models.find((name) => name !== "naive") ?? "naive";
  return { models: models.join(","), ...(shown ? {} : { model: first }) };
}

export type Stage = keyof typeof WORK;

/** The stages of a run, in their order. */
export const STAGE_NAMES = Object.keys(WORK) as Stage[];

/** Neighbours that read the same tables, and nothing of each other. */
export const SIDE_BY_SIDE: readonly Stage[] = ["figures", "notebooks"];

export const stages: readonly { name: Stage; work: Work }[] = STAGE_NAMES.map((name) => ({
  name,
  work: WORK[name],
}));
