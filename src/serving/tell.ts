import type { Source } from "../candle/candle.ts";
import { MINUTES_PER_DAY } from "../time/epoch.ts";
import { type DayGap, type Explanation, type FileShare, servingLayer } from "./explanation.ts";
import type { RestRequest } from "./origins.ts";

type Facts = Omit<Explanation, "text">;

/** The facts about a day's row as a person would tell them, a sentence a line. */
export function tell(facts: Facts): string {
  const { symbol, day, served, gaps, files, versions } = facts;
  const volume = served.volume === null ? "volume unknown" : `volume ${served.volume}`;
  return [
    `${symbol} on ${day} (UTC): open ${served.open}, high ${served.high}, low ${served.low}, close ${served.close}, ${volume}.`,
    originSentence(facts),
    ...(served.complete ? [] : ["More may come for this day: it is marked, and the models don't see it."]),
    ...gaps.map(gapSentence),
    ...unlisted(facts),
    ...(files.length === 0 ? [] : [`Its minutes came from ${files.map(fileText).join("; ")}.`]),
    ...streamSentences(facts),
    ...requestSentences(facts),
    ...otherLayers(facts),
    ...(facts.lateEvents === 0
      ? []
      : [`${count(facts.lateEvents, "live event")} came after its window had closed, kept in late_events.`]),
    `Made by ${versions.map(({ table, stage, codeVersion, createdAt }) => `${stage} (${table} of ${createdAt}, candlebook ${codeVersion})`).join(", ")}.`,
  ].join("\n");
}

const MINUTES_OF: Record<Source, string> = {
  csv: "minutes of your own files",
  binance: "minutes of the exchange's public archive",
  simulated: "minutes of the simulated market, which are made up",
};

function originSentence(facts: Facts): string {
  const { served, source, carriedFrom } = facts;
  const minutes = `${served.minutes} of ${MINUTES_PER_DAY} minutes`;
  const made = source === "simulated" ? " It is made up: the market is simulated." : "";
  if (served.origin === "filled") {
    return `No source has this day: the close of ${carriedFrom} is carried forward, with no range and no volume (origin filled).`;
  }
  if (served.origin === "batch") return `It was made from ${MINUTES_OF[source]}: ${minutes} (origin batch).`;
  if (served.origin === "backfill") {
    return served.minutes === null
      ? `It is the exchange's own daily candle, fetched because no minutes of the day are here (origin backfill).${made}`
      : `It was made from ${minutes}, of which some or all were fetched from the exchange to close a hole (origin backfill).${made}`;
  }
  if (served.volume === null) return `Only its last price is known, from live tickers (origin speed).${made}`;
  const snapshot = servingLayer(facts)?.layer === "snapshot" ? ", read as they stood by the demo reader" : "";
  return `It came live, through the topic: ${minutes}${snapshot} (origin speed).${made}`;
}

const LABELS: Record<string, string> = {
  exchange_outage: "every symbol lacks them, or the exchange is known to have been down",
  missing_in_source: "this source lacks them, another one has them",
  before_listing: "the symbol was not traded yet",
  unexplained: "nobody has said why",
};

function gapSentence({ start, end, minutes, label, source }: DayGap): string {
  const told = source === null || source === "" ? "" : `, says ${source}`;
  return `${missing(minutes)}, from ${start.slice(11, 16)} to ${clock(end, start)}: ${LABELS[label] ?? label} (${label}${told}).`;
}

const count = (many: number, what: string) => `${many} ${what}${many === 1 ? "" : "s"}`;
const missing = (minutes: number) => `${count(minutes, "minute")} ${minutes === 1 ? "is" : "are"} missing`;

function clock(end: string, start: string): string {
  return end.slice(0, 10) === start.slice(0, 10) ? end.slice(11, 16) : "24:00";
}

/** Minutes that are missing without a hole in the list of gaps. */
function unlisted({ served, gaps }: Facts): string[] {
  if (served.minutes === null || served.origin === "filled" || !served.complete) return [];
  const listed = gaps.reduce((sum, gap) => sum + gap.minutes, 0);
  const rest = MINUTES_PER_DAY - served.minutes - listed;
  return rest <= 0 ? [] : [`${missing(rest)} that no list of gaps explains.`];
}

function fileText({ name, minutes, sha256 }: FileShare): string {
  return `${name} (${minutes} minutes, SHA-256 ${sha256 ?? "unknown"})`;
}

function streamSentences({ stream }: Facts): string[] {
  if (stream === null) return [];
  const parts = stream.shares.map(
    ({ partition, first, last, messages }) =>
      `partition ${partition}, offsets ${first} to ${last} (${count(messages, "message")} of this symbol and day)`,
  );
  return [
    ...(parts.length === 0 ? [] : [`It was read from the topic ${stream.topic}: ${parts.join("; ")}.`]),
    ...(stream.fetched === 0
      ? []
      : [`${count(stream.fetched, "minute")} of it came over REST, where messages were missing.`]),
  ];
}

/** A fetched day without its answer is told as such: it must not look as if nobody had asked. */
function requestSentences(facts: Facts): string[] {
  const { requests, source } = facts;
  if (requests.length > 0) return requests.map(requestSentence);
  if (servingLayer(facts)?.layer !== "backfill") return [];
  return source === "simulated"
    ? ["No file and no request is behind it: the simulated market drew it from its seed."]
    : ["The file with the exchange's answer is not in data/raw any more."];
}

function requestSentence({ interval, from, to, at, file, sha256 }: RestRequest): string {
  const what = interval === "1d" ? "daily candles" : "minutes";
  return `The exchange was asked for the ${what} from ${from} to before ${to}, and answered at ${at}: ${file} (SHA-256 ${sha256}).`;
}

function otherLayers(facts: Facts): string[] {
  const serving = servingLayer(facts);
  return facts.layers
    .filter((known) => known !== serving)
    .map(({ layer }) => {
      const mine = facts.differences.filter(
        (one) =>
          [one.layer_a, one.layer_b].includes(layer) &&
          [one.layer_a, one.layer_b].includes(serving?.layer ?? ""),
      );
      const parts = mine.map(({ field, relative, cause }) => {
        const by = relative === null ? "" : ` by ${Number((Math.abs(relative) * 100).toPrecision(2))} %`;
        return `${field}${by} (${cause})`;
      });
      if (layer === "snapshot") return "The demo reader's snapshot knows the day too; it never goes first.";
      return parts.length === 0
        ? `The ${layer} layer knows the day too, and agrees in every field.`
        : `The ${layer} layer knows the day too, and differs in ${parts.join(", ")}.`;
    });
}
