import { VIETNAMESE } from "./vietnamese.ts";

const WORDS: ReadonlyMap<string, string> = new Map(Object.entries(VIETNAMESE));

// Files and hashes; numbers, dates and times; names in capitals; names of models and columns.
const TOKEN =
  /\b[\w-]+\.(?:csv(?:\.gz)?|gz|json|zip)\b|\b[0-9a-f]{64}\b|\d{4}-\d\d-\d\dT[\d:.]+Z|[−+]?\d(?:[\d,.:-]*\d)?|\b[A-Z][A-Z0-9]{2,}\b|\b[a-z0-9]+(?:_[a-z0-9]+)+\b|\b(?:naive|drift|theta|ets|prophet)\b/g;

/** What joins the pieces of a longer text, the strongest first. */
const JOINTS = [". ", "; ", " · ", ": ", ", ", " and "];

/**
 * An English text of the report in Vietnamese, numbers and names untouched. A text that is not known as a whole is
 * taken apart; pieces that are not known either stay as they are.
 */
export function vietnamese(text: string): string {
  if (text.length > LONGEST || !/[A-Za-z]{2}/.test(text)) return text;
  const [, before, core, after] = /^([\s↑]*)([\s\S]*?)([\s→]*)$/.exec(text) as RegExpExecArray;
  return `${before}${translated(core) ?? core}${after}`;
}

/** Nothing that figures and tables say is longer; a foreign text is not taken into a thousand pieces. */
const LONGEST = 2_000;
const known = new Map<string, string | null>();

/** @returns null where no piece is known */
function translated(text: string): string | null {
  const before = known.get(text);
  if (before !== undefined) return before;
  const found = takenApart(text);
  known.set(text, found);
  return found;
}

function takenApart(text: string): string | null {
  const whole = WORDS.get(text) ?? filled(text);
  if (whole !== null && whole !== undefined) return whole;
  if (text.endsWith(".")) {
    const inner = translated(text.slice(0, -1));
    return inner === null ? null : `${inner}.`;
  }
  for (const joint of JOINTS) {
    const at = text.lastIndexOf(joint);
    if (at < 0) continue;
    const pieces = [text.slice(0, at), text.slice(at + joint.length)];
    const found = pieces.map(translated);
    if (found.every((piece) => piece === null)) continue;
    return found.map((piece, i) => piece ?? pieces[i]).join(joint === " and " ? " và " : joint);
  }
  return null;
}

function filled(text: string): string | null {
  const tokens: string[] = [];
  const form = text.replace(TOKEN, (token) => {
    tokens.push(token);
    return "#";
  });
  const found = WORDS.get(form);
  if (found === undefined) return null;
  let next = 0;
  return found.replace(/#(\d)?/g, (_, place?: string) => {
    if (place === undefined) return tokens[next++];
    next = Number(place);
    return tokens[next - 1];
  });
}
