const GROUPED = new Intl.NumberFormat("en", { maximumFractionDigits: 8 });

/** A number with all its digits, thousands grouped. */
export function number(value) {
  return value === null ? "–" : GROUPED.format(value);
}

/** A price with as many digits as its size calls for. */
export function price(value) {
  if (value === null) return "–";
  return value >= 1 ? GROUPED.format(Number(value.toFixed(2))) : String(Number(value.toPrecision(6)));
}

/** Milliseconds since 1970 as an instant in UTC. */
export function instant(time) {
  return time === null ? "–" : new Date(time).toISOString().slice(0, 19).replace("T", " ");
}

export function seconds(count) {
  return count < 120 ? `${count} s` : `${Math.floor(count / 60)} min`;
}
