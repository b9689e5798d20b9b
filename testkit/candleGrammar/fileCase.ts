import { Dice } from "./dice.ts";
import type { Group } from "./feature.ts";
import { intervals } from "./intervals.ts";
import { joinGroup } from "./joins.ts";
import { makeFiles } from "./makeFiles.ts";
import { anySpot } from "./market.ts";
import { markets } from "./markets.ts";
import { moments } from "./moments.ts";
import { numbers } from "./numbers.ts";
import { order } from "./order.ts";
import { type Plan, usualPlan } from "./plan.ts";
import { rows } from "./rows.ts";
import { containers, texts } from "./texts.ts";
import type { FileCase } from "./types.ts";
import { volumes } from "./volumes.ts";
import { words } from "./words.ts";

/** In the order in which they are decided: a later one sees what the earlier ones have set. */
const GROUPS: readonly Group[] = [
  words,
  markets,
  order,
  volumes,
  intervals,
  moments,
  numbers,
  rows,
  texts,
  containers,
  joinGroup,
];

/** The labels of all features, as in `FileCase.features`. */
export const FEATURES: readonly string[] = GROUPS.flatMap(({ features }) =>
  features.map(({ label }) => label),
);

/** How many features a file has. */
const COUNTS = [
  [0.3, 0],
  [2, 1],
  [6, 2],
  [7, 3],
  [5, 4],
  [2, 5],
  [1, 6],
] as const;

/** A file of candles, or two, with what reading them must give. The same seed gives the same bytes. */
export function fileCase(seed: number): FileCase {
  // Neighbouring seeds of the generator are alike in their first numbers.
  const dice = new Dice(Math.imul(seed + 1, 0x9e3779b1));
  const plan = usualPlan(anySpot(dice));
  const features = chosenGroups(dice).flatMap((group) => applyOne(group, plan, dice));
  return { seed, features, ...makeFiles(plan, dice) };
}

function chosenGroups(dice: Dice): Group[] {
  const chosen = new Set<Group>();
  const count = dice.weighted(COUNTS);
  while (chosen.size < count)
    chosen.add(dice.weighted(GROUPS.map((group) => [group.weight, group] as const)));
  return GROUPS.filter((group) => chosen.has(group));
}

function applyOne(group: Group, plan: Plan, dice: Dice): string[] {
  const fitting = group.features.filter((feature) => feature.fits?.(plan) ?? true);
  if (fitting.length === 0) return [];
  const feature = dice.weighted(fitting.map((choice) => [choice.weight, choice] as const));
  feature.apply(plan, dice);
  return [feature.label];
}
