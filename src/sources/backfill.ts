import { join } from "node:path";
import { banList } from "../binance/ban.ts";
import { type Network, systemNetwork } from "../binance/http.ts";
import { nearNames, type Rest, restClient } from "../binance/rest.ts";
import type { Source } from "../candle/candle.ts";
import type { Effects } from "../core/effects.ts";
import { CandlebookError, throwIfAborted } from "../core/errors.ts";
import { sha256OfValue } from "../core/files.ts";
import { inWorkspace, type Workspace } from "../core/workspace.ts";
import { withTableLock } from "../lake/lock.ts";
import { type Published, publishTable } from "../lake/publish.ts";
import { withLake } from "../lake/session.ts";
import { type Columns, writeParquet } from "../lake/write.ts";
import { type Day, startOfDay } from "../time/day.ts";
import { DAY_MS, type EpochMs, toIso } from "../time/epoch.ts";
import { publishDailyCandles, readDailyCandles } from "./dailyCandles.ts";
import { fetchAndKeep } from "./fetch.ts";
import { endHoles, type MinuteHistory, readHistories, yesterday } from "./holes.ts";
import { type Asked, askedSpans, readJournal } from "./journal.ts";
import { type LabelledGap, labelGaps } from "./label.ts";
import { type BackfillPlan, type KlineRequest, planBackfill, type SymbolHoles } from "./plan.ts";
import { type Span, span, subtract, unite } from "./spans.ts";

export interface BackfillOptions {
  /** The exchange's address, as `addresses` gives it. */
  restUrl: string;
  /** Default: all that have minutes. */
  symbols?: readonly string[];
  /** Days before the first minute are asked for from here on; default: none. */
  from?: Day;
  /** Days after the last minute are asked for through here; default: yesterday, UTC. */
  to?: Day;
  /** Whole missing days as minutes too, not as daily candles alone. */
  minutes?: boolean;
  /** Asks again for what the exchange did not have. */
  retry?: boolean;
  /** Plans, and asks for nothing. */
  dryRun?: boolean;
  /** Labels what is known, and asks for nothing. */
  offline?: boolean;
  network?: Network;
}

export interface BackfillResult {
  plan: BackfillPlan;
  /** Requests sent, tries included. */
  requests: number;
  /** What came. */
  minutes: number;
  days: number;
  /** Whether minute files came that `ingest` has not read. */
  files: string[];
  /** Every hole with its label, those included that are closed now. */
  gaps: LabelledGap[];
  daily: Published | null;
  labels: Published | null;
}

const LABEL_COLUMNS: Columns = {
  symbol: "VARCHAR",
  from_ms: "BIGINT",
  to_ms: "BIGINT",
  label: "VARCHAR",
  source: "VARCHAR",
};

/**
 * Closes holes over REST: minutes go to `data/raw/<SYMBOL>/backfill` for `ingest`, daily candles of whole days to
 * `daily_backfill`; every hole gets a label with its evidence (`gap_labels`). What was asked for and answered is
 * kept in a journal, and never asked for again.
 * @throws CandlebookError `no_clean_minutes`, `no_gaps`, `no_such_symbol`; of the exchange: `banned`,
 *   `blocked_region`, `redirected`, `exchange_unreachable`. What came before is kept and published.
 */
export async function backfill(
  workspace: Workspace,
  options: BackfillOptions,
  effects: Effects = {},
): Promise<BackfillResult> {
  return withTableLock(workspace, "backfill", async () => {
    const { histories, source } = await withLake(workspace, effects, (lake) =>
      readHistories(workspace, lake, options.symbols),
    );
    const journal = await readJournal(workspace);
    const known = await knownDays(workspace, effects);
    const to = options.to ?? yesterday(workspace);
    const holes = histories.map(
      (history): SymbolHoles => ({
        symbol: history.symbol,
        holes: [...history.holes, ...endHoles(history, options.from, to)],
        knownDays: known.get(history.symbol) ?? [],
        asked: askedSpans(journal, history.symbol, options.retry === true),
      }),
    );
    const plan = planBackfill(holes, options.minutes === true);
    const state = { requests: 0, minutes: 0, days: 0, files: [] as string[] };
    if (options.dryRun) return { plan, ...state, gaps: [], daily: null, labels: null };
    let problem: unknown = null;
    if (!options.offline) {
      problem = await askFor(workspace, options, effects, plan, journal, state).catch(
        (error: unknown) => error,
      );
    }
    const daily = await publishDailyCandles(workspace, journal, source, effects);
    const gaps = labelGaps(await evidence(workspace, effects, histories, holes, journal));
    const labels = await publishLabels(workspace, gaps, source, effects);
    if (problem !== null && problem !== undefined) throw withRest(problem, plan, state);
    return { plan, ...state, gaps, daily, labels };
  });
}

/** The days of `daily_backfill` by symbol. */
async function knownDays(workspace: Workspace, effects: Effects): Promise<Map<string, Span[]>> {
  const rows = await readDailyCandles(workspace, effects);
  const bySymbol = Map.groupBy(rows, ({ symbol }) => symbol);
  return new Map(
    [...bySymbol].map(([symbol, days]) => [
      symbol,
      unite(days.map(({ day }) => span(startOfDay(day), startOfDay(day) + DAY_MS))),
    ]),
  );
}

type State = Pick<BackfillResult, "requests" | "minutes" | "days" | "files">;

async function askFor(
  workspace: Workspace,
  options: BackfillOptions,
  effects: Effects,
  plan: BackfillPlan,
  journal: Asked[],
  state: State,
): Promise<void> {
  if (plan.requests.length === 0) return;
  const total = plan.requests.length;
  let done = 0;
  const report = (note: string) => effects.progress?.({ stage: "backfill", note, done, total });
  const rest = restClient({
    base: options.restUrl,
    network: options.network ?? systemNetwork,
    bans: banList(inWorkspace(workspace, "data", "bans.json")),
    signal: effects.signal,
    onWait: (ms, why) => report(`waiting ${Math.ceil(ms / 1000)} s: ${why}`),
    onRequest: () => {
      state.requests += 1;
    },
  });
  const now = await rest.time();
  for (const request of plan.requests) {
    throwIfAborted(effects.signal);
    report(`${request.symbol} ${request.interval} ${toIso(request.from).slice(0, 10)}`);
    const entry = await nameSymbol(rest, request.symbol, () =>
      fetchAndKeep(workspace, rest, request, journal, now, effects.signal),
    );
    const came = subtract(entry.wanted, entry.lacking).reduce((sum, { from, to }) => sum + to - from, 0);
    if (entry.interval === "1d") state.days += came / DAY_MS;
    else state.minutes += came / 60_000;
    if (entry.interval === "1m" && entry.file !== null) state.files.push(entry.file);
    done += 1;
  }
  report("done");
}

/** A symbol that the exchange does not know is named with those near to it. */
async function nameSymbol<Result>(rest: Rest, symbol: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof CandlebookError) || error.code !== "no_such_symbol") throw error;
    const near = nearNames(symbol, await rest.symbols());
    const hint = near.length === 0 ? error.next : `Did you mean ${near.join(", ")}?`;
    throw new CandlebookError({ ...error, message: error.message, next: hint, cause: error });
  }
}

async function evidence(
  workspace: Workspace,
  effects: Effects,
  histories: readonly MinuteHistory[],
  holes: readonly SymbolHoles[],
  journal: readonly Asked[],
) {
  const days = await knownDays(workspace, effects);
  return histories.map(({ symbol, present }, i) => {
    const mine = journal.filter((entry) => entry.symbol === symbol);
    const asked = mine.flatMap(({ wanted }) => wanted);
    const denied = mine.flatMap(({ lacking }) => lacking);
    const came = subtract(asked, denied);
    return {
      symbol,
      present,
      holes: unite([...holes[i].holes, ...asked]),
      elsewhere: unite([...came, ...(days.get(symbol) ?? [])]),
      denied: subtract(denied, came),
    };
  });
}

async function publishLabels(
  workspace: Workspace,
  gaps: readonly LabelledGap[],
  source: Source,
  effects: Effects,
): Promise<Published> {
  const rows = gaps.map(({ from, to, ...rest }) => ({ ...rest, from_ms: from, to_ms: to }));
  const inputs = [{ name: "labels", version: sha256OfValue(rows) }];
  const recipe = { table: "gap_labels", stage: "backfill", parameters: { version: 1 }, inputs, source };
  return publishTable(workspace, recipe, async (folder) => {
    await withLake(workspace, effects, (lake) =>
      writeParquet(lake, join(folder, "part-0.parquet"), LABEL_COLUMNS, rows),
    );
    return { rows: rows.length };
  });
}

/** What went wrong, with what is still missing. */
function withRest(problem: unknown, plan: BackfillPlan, { files, days }: State): unknown {
  if (!(problem instanceof CandlebookError) || problem.exit !== 3) return problem;
  const { code, exit, next } = problem;
  const kept = `${files.length} files of minutes and ${days} days came and are kept.`;
  const message = `${problem.message} ${kept} Planned were ${plan.requests.map(requestText).slice(0, 5).join(", ")}${plan.requests.length > 5 ? " …" : ""}.`;
  return new CandlebookError({
    code,
    exit,
    message,
    next: `${next} What is still missing: candlebook backfill --dry-run.`,
    cause: problem,
  });
}

const minuteText = (time: EpochMs) => toIso(time).slice(0, 16).replace("T", " ");

/** One request for people: symbol, interval, from and to. */
export function requestText({ symbol, interval, from, to }: KlineRequest): string {
  return `${symbol} ${interval} ${minuteText(from)} – ${minuteText(to)}`;
}
