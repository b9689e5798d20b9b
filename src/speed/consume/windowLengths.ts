import { inputError } from "../../core/errors.ts";
import { ceilToInterval, divides, floorToInterval, INTERVALS, type Interval } from "../../time/interval.ts";
import { updatesOf } from "./candleBlock.ts";
import { type StreamState, windowOf } from "./state.ts";
import { newSet, type Series, setOf, type WindowSet } from "./watermark.ts";
import { addCandle, addPrice, placeOf } from "./window.ts";

/**
 * @param known lengths of the checkpoint; null before its first commit
 * @param folder where the checkpoint is, for the message
 * @throws CandlebookError `other_windows` where a length of the checkpoint is not named: its open windows would end
 */
export function requireLengths(
  lengths: readonly Interval[],
  known: readonly Interval[] | null,
  folder: string,
): void {
  const missing = (known ?? []).filter((length) => !lengths.includes(length));
  if (missing.length === 0) return;
  throw inputError(
    "other_windows",
    `The checkpoint has windows of ${missing.join(", ")}, which --window does not name.`,
    `Name them too: --window ${[...missing, ...lengths].join()}. Without --window the consumer continues those of the checkpoint; to end them, delete ${folder}, which is rebuilt from the topic.`,
  );
}

/**
 * Gives the state windows of these lengths. A new length begins with what the open windows have: the first of its
 * windows is the first that begins after all that is past.
 * @param known lengths of the checkpoint; null before its first commit
 * @throws CandlebookError `other_windows`
 */
export function setLengths(
  state: StreamState,
  lengths: readonly Interval[],
  known: readonly Interval[] | null,
): void {
  requireLengths(lengths, known, "data/checkpoint.db");
  state.lengths = INTERVALS.filter((one) => lengths.includes(one));
  for (const series of state.series.values()) addSets(series, state.lengths);
}

function addSets(series: Series, lengths: readonly Interval[]): void {
  const held = [...series.sets];
  const fitting = lengths.filter((length) => divides(series.interval, length));
  series.sets = fitting.map((length) => setOf({ sets: held }, length) ?? addedSet(series, length, held));
  series.changed = true;
}

function addedSet(series: Series, length: Interval, held: readonly WindowSet[]): WindowSet {
  const set = newSet(length);
  const [fullest] = [...held].sort((a, b) => firstHeld(a) - firstHeld(b));
  if (fullest === undefined) return set;
  const first = firstHeld(fullest);
  set.begins = ceilToInterval(first, length);
  for (const window of fullest.open.values()) {
    window.blocks.forEach((block, index) => {
      if (block === null) return;
      for (const update of updatesOf(block, placeOf(window, index))) {
        const start = floorToInterval(update.candle.openTime, length);
        if (start >= set.begins) addCandle(windowOf(series, set, start), update);
      }
    });
    if (window.price === null) continue;
    const { price, eventTime } = window.price;
    const start = floorToInterval(eventTime, length);
    if (start >= set.begins) addPrice(windowOf(series, set, start), price, eventTime);
  }
  return set;
}

/** From when on a set has all that the series has. */
function firstHeld({ closedThrough, begins }: WindowSet): number {
  return Math.max(closedThrough, begins);
}
