/**
 * The names nearest to an unknown one, by edit distance (Levenshtein): at most two changes away, and not more than half
 * of a short one.
 */
export function nearNames(wanted: string, names: readonly string[], count = 3): string[] {
  const most = Math.min(2, Math.ceil(wanted.length / 2));
  return names
    .map((name) => ({ name, distance: editDistance(wanted, name) }))
    .filter(({ distance }) => distance <= most)
    .sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
    .slice(0, count)
    .map(({ name }) => name);
}

/** `Did you mean NAME? ` with the nearest of the names; empty where none is near. */
export function didYouMean(wanted: string | undefined, names: readonly string[]): string {
  const [near] = wanted === undefined ? [] : nearNames(wanted, names, 1);
  return near === undefined ? "" : `Did you mean ${near}? `;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const change = row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, row[j] + 1, next[j - 1] + 1));
    }
    row = next;
  }
  return row[b.length];
}
