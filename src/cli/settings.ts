import { isMap, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument } from "yaml";
import { normalizeSymbol } from "../candle/symbol.ts";
import { type CandlebookError, inputError } from "../core/errors.ts";
import { didYouMean } from "../core/nearNames.ts";
import { LANGUAGES } from "../core/text.ts";
import { MAX_HORIZON } from "../forecast/check.ts";
import { ALL_MODELS, MODEL_NAMES } from "../forecast/registry.ts";
import { INTERVALS } from "../time/interval.ts";
import { isBroker } from "../topic/openTopic.ts";
import { pathText } from "./table.ts";
import { printable } from "./terminal.ts";

/** A key of the file. Its value replaces the default of an option. */
interface Setting {
  /** The option by command: its attribute in commander. */
  options: Readonly<Record<string, string>>;
  /** What it sets, as the file's comment. */
  comment: string;
  /** As the file writes it. */
  example: string;
  /** A value; of a list, an item. */
  expected: string;
  accepts(value: unknown): boolean;
  /** All values, if they can be listed. */
  choices?: readonly string[];
  isList: boolean;
  /** Names of which a list must have one. */
  needs?: { names: readonly string[]; because: string };
}

const MODELS = [...MODEL_NAMES, ALL_MODELS];
const oneOf = (names: readonly string[]) => ({
  expected: `one of ${names.join(", ")}`,
  accepts: (value: unknown) => names.includes(value as string),
  choices: names,
});

/** The keys, in the order of the file that `init` writes. */
export const SETTINGS: Readonly<Record<string, Setting>> = {
  symbols: {
    options: { run: "symbols", download: "symbols", produce: "symbols" },
    comment: "Trading pairs that run, download and produce load from the exchange.",
    example: "[BTCUSDT, ETHUSDT]",
    expected: "a trading pair such as BTCUSDT",
    accepts: (value) => typeof value === "string" && normalizeSymbol(value) !== null,
    isList: true,
  },
  horizon: {
    options: { run: "horizon", forecast: "horizon", evaluate: "horizon" },
    comment: "Number of days ahead of run, forecast and evaluate.",
    example: "30",
    expected: `a whole number from 1 to ${MAX_HORIZON}`,
    accepts: (value) => Number.isInteger(value) && Number(value) >= 1 && Number(value) <= MAX_HORIZON,
    isList: false,
  },
  models: {
    options: { run: "models", forecast: "models", evaluate: "models" },
    comment: `Models of run, forecast and evaluate: naive and others, or ${ALL_MODELS}.`,
    example: "[naive, drift, random_walk_ensemble]",
    ...oneOf(MODELS),
    isList: true,
    needs: { names: ["naive", ALL_MODELS], because: "Add it: every score is compared with it." },
  },
  intervals: {
    options: { run: "intervals", candles: "interval" },
    comment: "Intervals of the tables candles_<interval> that run and candles write.",
    example: "[4h, 1w]",
    ...oneOf(INTERVALS),
    isList: true,
  },
  brokers: {
    options: { run: "brokers", produce: "brokers", consume: "brokers", snapshot: "brokers", live: "brokers" },
    comment: "Kafka brokers of the topic; without them the topic is a file of the workspace.",
    example: "[127.0.0.1:9092]",
    expected: "host:port",
    accepts: (value) => typeof value === "string" && isBroker(value),
    isList: true,
  },
  language: {
    options: { demo: "lang" },
    comment: "Language of the tour (demo): en or vi.",
    example: "en",
    ...oneOf(LANGUAGES),
    isList: false,
  },
};

/** The file that `init` writes: every key with its comment, none of them set. */
export function settingsTemplate(): string {
  const head = [
    "# Settings of this workspace and of the workspaces in its folders (simulated/, demo/) without a file of their own.",
    "# A command uses its option, else this file, else its default. Remove the # before a key to set it.",
  ];
  const keys = Object.entries(SETTINGS).flatMap(([key, { comment, example }]) => [
    "",
    `# ${comment}`,
    `# ${key}: ${example}`,
  ]);
  return `${[...head, ...keys].join("\n")}\n`;
}

/**
 * The settings of a file, as a command line writes the values.
 * @throws CandlebookError `bad_settings` (exit 2) with the file, the line and what was expected
 */
export function parseSettings({ path, text }: { path: string; text: string }): Map<string, string> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const refuse: Refuse = (offset, found, next) => {
    const place = `${pathText(path)}, line ${lines.linePos(offset).line}`;
    return inputError("bad_settings", `${place}: ${found}.`, next);
  };
  const [broken] = [...document.errors, ...document.warnings];
  if (broken !== undefined) {
    throw refuse(broken.pos[0], `not valid YAML: ${broken.message.replace(/\.$/, "")}`, "Correct that line.");
  }
  const { contents } = document;
  if (contents === null || (isScalar(contents) && contents.value === null)) return new Map();
  if (!isMap(contents)) throw refuse(offsetOf(contents), "expected lines such as horizon: 30", KEYS);
  const pairs = contents.items as Pair<Node, Node | null>[];
  return new Map(pairs.map((pair) => [String(pair.key), settingText(pair, refuse)]));
}

type Refuse = (offset: number, found: string, next: string) => CandlebookError;

const KEYS = `The keys are ${Object.keys(SETTINGS).join(", ")}.`;

function settingText({ key: keyNode, value }: Pair<Node, Node | null>, refuse: Refuse): string {
  const key = String(keyNode);
  if (!Object.hasOwn(SETTINGS, key)) {
    const next = didYouMean(key, Object.keys(SETTINGS)) + KEYS;
    throw refuse(offsetOf(keyNode), `unknown key ${printable(key)}`, next);
  }
  const { isList, example, expected, accepts, choices = [], needs } = SETTINGS[key];
  const write = `Write for example ${key}: ${example}`;
  const items = isList && isSeq(value) ? (value.items as Node[]) : [value];
  if (isList && (!isSeq(value) || items.length === 0)) {
    throw refuse(offsetOf(value ?? keyNode), `${key} is not a list`, write);
  }
  const texts = items.map((item) => itemText(item));
  if (needs !== undefined && !needs.names.some((name) => texts.includes(name))) {
    throw refuse(offsetOf(keyNode), `${key} has no ${needs.names[0]}`, `${needs.because} ${write}`);
  }
  return texts.join(",");

  function itemText(item: Node | null): string {
    const found: unknown = isScalar(item) ? item.value : String(item ?? "nothing");
    if (isScalar(item) && accepts(found)) return String(found);
    const what = `${key} has ${printable(JSON.stringify(found))}; expected ${expected}`;
    throw refuse(offsetOf(item ?? keyNode), what, didYouMean(String(found), choices) + write);
  }
}

const offsetOf = (node: Node): number => node.range?.[0] ?? 0;
