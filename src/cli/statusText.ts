import type { Stale, Status } from "../serving/status.ts";
import type { VerifyResult } from "../serving/verify.ts";
import { bytesText, grouped, textTable } from "./table.ts";
import { printable } from "./terminal.ts";

const NOTHING = "Nothing is here yet. Begin with: candlebook run --csv PATH";
const BESIDE = "The simulated market lies in simulated/: add --workspace simulated.";

/**
 * What there is, in the order in which a person asks.
 * @param simulatedBeside whether a run in this folder took the simulated market, which lies below it
 */
export function statusText(found: Status, simulatedBeside: boolean): string {
  if (found.tables.length === 0 && found.stream === null) {
    return simulatedBeside ? `${NOTHING}\n${BESIDE}` : NOTHING;
  }
  const simulated = found.symbols.some(({ source }) => source === "simulated");
  return [
    ...(simulated ? ["SIMULATED market: made-up prices."] : []),
    textTable(found.symbols.map(symbolRow)),
    ...(found.overlap === null ? [] : [`Layers compared: ${found.overlap.sentence.en}`]),
    ...streamText(found),
    ...forecastText(found),
    ...runText(found),
    textTable(
      found.tables.map(({ problem, bytes, ...table }) => ({
        ...table,
        bytes: bytesText(bytes),
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
      .map(([origin, count]) => `${origin} ${count}`)
      .join(", "),
    source,
  };
}

function streamText({ stream }: Status): string[] {
  if (stream === null) return [];
  const at = (instant: number | null) => (instant === null ? "nothing yet" : new Date(instant).toISOString());
  const progress = stream.symbols.map(
    ({ symbol, latestEvent, watermark }) =>
      `${symbol} seen up to ${at(latestEvent)}, watermark ${at(watermark)}`,
  );
  const open = stream.open.map(({ origin, complete, ...day }) => day);
  const windows = open.length === 0 ? "No window is open." : `Open windows, so far:\n${textTable(open)}`;
  const producers = (stream.producers ?? []).map(
    ({ symbol, reconnects, repaired, owed }) =>
      `${symbol} producer: ${reconnects} reconnects, ${repaired} minutes repaired, ${owed} missing still`,
  );
  return [[`Stream: ${grouped(stream.lag)} messages behind`, ...progress, ...producers, windows].join("\n")];
}

function forecastText({ forecasts }: Status): string[] {
  return forecasts.length === 0
    ? []
    : [
        forecasts
          .map(({ symbol, cutoff, lastDay, model, skill, daysSince, mapeSince, mapeNaiveSince }) => {
            const score = skill === null ? "unscored" : `skill ${skill.toFixed(3)} over naive`;
            const fares =
              mapeSince === null || mapeNaiveSince === null
                ? ""
                : `; ${daysSince} days later off by ${mapeSince.toFixed(1)} % (naive ${mapeNaiveSince.toFixed(1)} %)`;
            return `Forecast of ${symbol}: from ${cutoff} to ${lastDay}, best model ${model}, ${score}${fares}`;
          })
          .join("\n"),
      ];
}

function runText({ lastRun }: Status): string[] {
  if (lastRun === null) return [];
  const { state, at, command, seconds, exit, error, log } = lastRun;
  const what = `Last run: ${printable(command)} at ${printable(at)}`;
  const said = log === undefined ? "" : ` What it said: ${printable(log)}`;
  if (state === "running") return [`${what}, at work still.${said}`];
  if (state === "cut") {
    return [`${what}, cut short: it never ended. The tables are whole; run again to go on.${said}`];
  }
  const end = exit === 0 ? "done" : `failed (exit ${exit}${error === undefined ? "" : `, ${error}`})`;
  return [`${what}, ${seconds} s, ${printable(end)}`];
}

/** What a monitor's mail should say. */
export function checkText(stale: readonly Stale[], maxAge: string, empty: boolean): string {
  if (empty) return "STALE: nothing is served yet.";
  if (stale.length === 0) return `Fresh: every symbol's last complete day ended less than ${maxAge} ago.`;
  const each = stale.map(({ symbol, lastComplete, hours }) =>
    hours === null
      ? `${symbol} has no complete day`
      : `${symbol}'s last complete day is ${lastComplete}, over for ${grouped(hours)} hours`,
  );
  return `STALE: ${each.join("; ")} (allowed: ${maxAge}).`;
}

export function verifyText({ files, problems }: VerifyResult): string {
  if (problems.length === 0) return `Verified: ${grouped(files)} files, every byte as the manifests say.`;
  const each = problems.map(
    ({ where, path, problem }) => `${where} ${path}: ${problem.replaceAll("_", " ")}`,
  );
  return printableLines([
    `${problems.length} of ${grouped(files)} files are not as the manifests say:`,
    ...each,
  ]);
}

function printableLines(lines: readonly string[]): string {
  return lines.map(printable).join("\n");
}
