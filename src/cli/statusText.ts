import { numberIn } from "../core/numbers.ts";
import type { Stale, Status } from "../serving/status.ts";
import type { VerifyResult } from "../serving/verify.ts";
import { bytesText, dataIn, grouped, textTable } from "./table.ts";
import { printable } from "./terminal.ts";

const NOTHING = "The workspace is empty. Start with: candlebook run --csv PATH";

/** The status as text.
 * @param elsewhere another workspace, which has data, if this one has none
 */
export function statusText(found: Status, elsewhere: string | null): string {
  if (found.tables.length === 0 && found.stream === null) {
    return elsewhere === null ? NOTHING : `${NOTHING}\n${dataIn(elsewhere)}`;
  }
  const simulated = found.symbols.some(({ source }) => source === "simulated");
  return [
    ...(simulated ? ["SIMULATED market: not real prices."] : []),
    shortTable(found.symbols, symbolRow),
    ...seriesText(found),
    ...(found.overlap === null ? [] : [`Layers compared: ${found.overlap.sentence.en}`]),
    ...streamText(found),
    ...forecastText(found),
    ...runText(found),
    textTable(
      found.tables.map(({ problem, table, rows, createdAt, bytes }) => ({
        table,
        rows: grouped(rows),
        published: createdAt,
        size: bytesText(bytes),
        ...(found.tables.some((one) => one.problem !== null) ? { problem: problem ?? "" } : {}),
      })),
    ),
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

function symbolRow({
  symbol,
  firstDay,
  lastDay,
  days,
  minutes,
  holes,
  origins,
  source,
}: Status["symbols"][0]) {
  const labels = Object.entries(holes?.labels ?? {}).map(
    ([label, count]) => `${grouped(count)} ${label.replaceAll("_", " ")}`,
  );
  return {
    symbol,
    from: firstDay,
    to: lastDay,
    days,
    minutes: grouped(minutes),
    "missing minutes": holes === null ? "" : labels.join(", ") || "none",
    origins: Object.entries(origins)
      .map(([origin, count]) => `${origin} ${grouped(count)}`)
      .join(", "),
    source,
  };
}

/** The tables of candles, where there are others than minutes. */
function seriesText({ series }: Status): string[] {
  if (series.every(({ interval }) => interval === "1m")) return [];
  return [
    shortTable(series, ({ from, to, share, candles, ...one }) => ({
      ...one,
      ...{
        candles: grouped(candles),
        from: short(from),
        to: short(to),
        complete: `${Math.floor(share * 1000) / 10} %`,
      },
    })),
  ];
}

const short = (instant: string) => instant.slice(0, 16).replace("T", " ");

/** A topic may have thousands of symbols; `--json` has them all. */
const MOST_LINES = 50;

const furtherLines = (count: number) =>
  count > MOST_LINES ? [`… and ${grouped(count - MOST_LINES)} more; all of them: --json`] : [];

/** A table of the first items. */
function shortTable<Item>(items: readonly Item[], row: (item: Item) => Record<string, unknown>): string {
  return [textTable(items.slice(0, MOST_LINES).map(row)), ...furtherLines(items.length)].join("\n");
}

const shortList = (lines: readonly string[]) => [
  ...lines.slice(0, MOST_LINES),
  ...furtherLines(lines.length),
];

function streamText({ stream }: Status): string[] {
  if (stream === null) return [];
  const at = (instant: number | null) => (instant === null ? "nothing yet" : new Date(instant).toISOString());
  const progress = shortList(
    stream.symbols.map(
      ({ symbol, interval, latestEvent, watermark }) =>
        `${interval === "1m" ? symbol : `${symbol} ${interval}`} read up to ${at(latestEvent)}, watermark ${at(watermark)}`,
    ),
  );
  const open = shortTable(stream.open, ({ origin, complete, ...day }) => day);
  const windows = stream.open.length === 0 ? "No window is open." : `Open windows, so far:\n${open}`;
  const producers = shortList(
    (stream.producers ?? []).map(
      ({ symbol, reconnects, repaired, owed }) =>
        `${symbol} producer: ${reconnects} reconnects, ${repaired} candles repaired, ${owed} still missing`,
    ),
  );
  return [[`Stream: ${grouped(stream.lag)} messages behind`, ...progress, ...producers, windows].join("\n")];
}

function forecastText({ forecasts }: Status): string[] {
  return forecasts.length === 0
    ? []
    : [
        shortList(
          forecasts.map(({ symbol, cutoff, lastDay, model, skill, daysSince, mapeSince, mapeNaiveSince }) => {
            const score =
              skill === null ? "unscored" : `CRPS skill ${numberIn("en", 100 * skill, 1)} % over naive`;
            const fares =
              mapeSince === null || mapeNaiveSince === null
                ? ""
                : `; ${daysSince} days later a MAPE of ${mapeSince.toFixed(1)} % (naive ${mapeNaiveSince.toFixed(1)} %)`;
            return `Forecast of ${symbol}: from ${cutoff} to ${lastDay}, best model ${model}, ${score}${fares}`;
          }),
        ).join("\n"),
      ];
}

function runText({ lastRun }: Status): string[] {
  if (lastRun === null) return [];
  const { state, at, command, seconds, exit, error, log } = lastRun;
  const what = `Last run: ${printable(command)} at ${printable(at)}`;
  const said = log === undefined ? "" : ` Log: ${printable(log)}`;
  if (state === "running") return [`${what}, still running.${said}`];
  if (state === "cut") {
    return [`${what}, interrupted: it never ended. The tables are intact; run again to continue.${said}`];
  }
  const end = exit === 0 ? "done" : `failed (exit ${exit}${error === undefined ? "" : `, ${error}`})`;
  return [`${what}, ${seconds} s, ${printable(end)}`];
}

/** One line for monitors. */
export function checkText(stale: readonly Stale[], maxAge: string, empty: boolean): string {
  if (empty) return "STALE: no day is published yet.";
  if (stale.length === 0) return `Fresh: every symbol's last complete day ended less than ${maxAge} ago.`;
  const each = stale.map(({ symbol, lastComplete, hours }) =>
    hours === null
      ? `${symbol} has no complete day`
      : `${symbol}'s last complete day is ${lastComplete}, which ended ${grouped(hours)} hours ago`,
  );
  return `STALE: ${shortList(each).join("; ")} (allowed: ${maxAge}).`;
}

export function verifyText({ files, problems }: VerifyResult): string {
  if (problems.length === 0) return `Verified: ${grouped(files)} files, every byte matches the manifests.`;
  const each = problems.map(
    ({ where, path, problem }) => `${where} ${path}: ${problem.replaceAll("_", " ")}`,
  );
  return printableLines([
    `${problems.length} of ${grouped(files)} files differ from the manifests:`,
    ...each,
  ]);
}

function printableLines(lines: readonly string[]): string {
  return lines.map(printable).join("\n");
}
