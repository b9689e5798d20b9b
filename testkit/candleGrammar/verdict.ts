import { gunzipSync } from "node:zlib";
import { strFromU8, unzipSync } from "fflate";
import type { CaseFile, FileCase, Truth, TruthCandle } from "./types.ts";

/** What reading the files of a case gave. */
export interface Found {
  /** Codes of the errors that refused files. */
  codes: string[];
  /** The rows of all tables of minutes. */
  candles: TruthCandle[];
  rejected: number;
}

/** Null where the truth was found; else the case and what differs, for a person. */
export function faultOf(fileCase: FileCase, found: Found): string | null {
  const differs =
    found.codes.length > 0 ? refusalFault(fileCase.truth, found) : readingFault(fileCase.truth, found);
  return differs === null ? null : `${describeCase(fileCase)}\n${differs}`;
}

function refusalFault(truth: Truth, found: Found): string | null {
  if (truth.kind === "read")
    return `expected: ${expectedText(truth)}\nfound: refused, ${found.codes.join(", ")}`;
  const wrong = found.codes.filter((code) => !(truth.codes as string[]).includes(code));
  if (wrong.length > 0) return `expected: ${expectedText(truth)}\nfound: refused, ${wrong.join(", ")}`;
  const allowed = new Set(truth.beside.map(candleText));
  const stray = texts(found.candles).filter((text) => !allowed.has(text));
  if (stray.length === 0) return null;
  return `expected: no candle of the refused file\nfound: ${stray.length}, the first: ${stray[0]}`;
}

function readingFault(truth: Truth, found: Found): string | null {
  if (truth.kind === "refused") {
    const first = texts(found.candles)[0] ?? "none";
    return `expected: ${expectedText(truth)}\nfound: ${found.candles.length} candles, the first: ${first}`;
  }
  const [expected, actual] = [texts(truth.candles), texts(found.candles)];
  const [wanted, there] = [new Set(expected), new Set(actual)];
  const missing = expected.filter((text) => !there.has(text));
  const stray = actual.filter((text) => !wanted.has(text));
  if (missing.length > 0 || stray.length > 0) {
    const counts = `${missing.length} of ${expected.length} candles missing, ${stray.length} are none of the file`;
    return `expected: ${missing[0] ?? "nothing more"}\nfound: ${stray[0] ?? "nothing more"}\n${counts}`;
  }
  const { rejected, maybeRejected } = truth;
  if (found.rejected >= rejected && found.rejected <= rejected + maybeRejected) return null;
  return `expected: ${rejected} rejected rows\nfound: ${found.rejected}`;
}

/** Different candles as texts, sorted: repeats are for a later stage. */
function texts(candles: readonly TruthCandle[]): string[] {
  return [...new Set(candles.map(candleText))].sort();
}

function candleText({ symbol, openTime, open, high, low, close, volume, trades }: TruthCandle): string {
  const time = new Date(openTime).toISOString();
  return `${symbol} ${time} ${open} ${high} ${low} ${close} volume ${volume} trades ${trades}`;
}

function expectedText(truth: Truth): string {
  if (truth.kind === "refused") return `refused, ${truth.codes.join(" or ")}`;
  const read = `${truth.candles.length} candles, ${truth.rejected} rejected rows`;
  return truth.kind === "read" ? read : `${read}; or refused, ${truth.codes.join(" or ")}`;
}

/** The seed, the features, and of each file its options and first lines. */
export function describeCase(fileCase: FileCase): string {
  const files = fileCase.files.map((file) => {
    const option = file.symbol === undefined ? "" : `${file.symbol}=`;
    return `${option}${file.name} ${JSON.stringify(file.reading ?? {})}\n${firstLines(file)}`;
  });
  const features = fileCase.features.join("; ") || "nothing unusual";
  return [`seed ${fileCase.seed}: ${features}`, ...files, `truth: ${expectedText(fileCase.truth)}`].join(
    "\n",
  );
}

function firstLines({ name, bytes }: CaseFile): string {
  const packed = name.endsWith(".zip") ? unzipSync(bytes) : { [name]: unpacked(name, bytes) };
  const inner = Object.entries(packed).find(([entry]) => !/__MACOSX|\._|README/.test(entry));
  if (inner === undefined) return `  (${Object.keys(packed).join(", ")})`;
  const lines = strFromU8(inner[1]).split(/\r\n|\r|\n/);
  return lines
    .slice(0, 3)
    .map((line) => `  ${line}`)
    .join("\n");
}

function unpacked(name: string, bytes: Uint8Array): Uint8Array {
  return name.endsWith(".gz") ? gunzipSync(bytes) : bytes;
}
