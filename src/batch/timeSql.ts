import type { Dialect } from "../lake/dialect.ts";
import {
  DATE_PATTERNS,
  HALF_DAY,
  ISO,
  SERIAL_EPOCH,
  SERIAL_RANGE,
  type TimeForm,
  textPattern,
} from "../recognition/times.ts";
import { epochUnitSql } from "../time/epoch.ts";
import { offsetText, ZONE } from "../time/zone.ts";

/**
 * SQL for a row's open time in milliseconds since 1970, null where the row states none: what `openTimeOf` is in JavaScript.
 * @param text the cell; of two columns, the date and the time of day with a blank between
 * @param number the cell as a double, null where it is none
 */
export function openTimeSql(text: string, number: string, form: TimeForm, dialect: Dialect): string {
  const stamp = stampSql(text, number, form, dialect);
  return form.shift === 0 ? stamp : `(${stamp} + ${form.shift})`;
}

function stampSql(text: string, number: string, form: TimeForm, dialect: Dialect): string {
  if (form.kind === "text") return textSql(text, form, dialect);
  // An exponent in a time has lost digits.
  const lossy = `contains(${text}, 'e') OR contains(${text}, 'E')`;
  if (form.kind === "serial") {
    const [from, to] = SERIAL_RANGE;
    const ms = `round((${number} - ${SERIAL_EPOCH}) * 86400) * 1000 - ${(form.offset ?? 0) * 60_000}`;
    return `(CASE WHEN ${lossy} THEN NULL WHEN ${number} BETWEEN ${from} AND ${to} THEN ${ms} END)::BIGINT`;
  }
  return `(CASE WHEN ${number} IS NULL THEN ${form.offset === null ? isoSql(text, dialect) : textSql(text, form, dialect)}
      WHEN ${number} < 0 OR ${lossy} THEN NULL
      ${epochUnitSql(number, ({ sql }) => sql(number))} END)::BIGINT`;
}

/** ISO 8601 with a zone; a time without a zone is not guessed. */
function isoSql(text: string, dialect: Dialect): string {
  const { trim, matches, msOf, instant } = dialect;
  return `CASE WHEN ${matches(trim(text), ISO)} THEN ${msOf(instant(canonical(trim(text), dialect)))} END`;
}

/** A text with hours and minutes as the engines read instants: seconds, and a zone with a colon. */
function canonical(text: string, { replaceAll }: Dialect): string {
  const zoned = replaceAll(replaceAll(text, " ?(GMT|UTC|Z)$", "Z"), " ([+-]\\d{2}(:?\\d{2})?)$", "$1");
  const withSeconds = replaceAll(zoned, "^(.{10}).(\\d{2}:\\d{2}) ?([A-Z+-].*)$", "$1 $2:00$3");
  return replaceAll(withSeconds, "([+-]\\d{2})(\\d{2})$", "$1:$2");
}

/** A date in the file's order and a time of day, with the file's zone where the text has none. */
function textSql(cell: string, { order, offset, rewrites = [] }: TimeForm, dialect: Dialect): string {
  const { trim, matches, replaceAll, msOf, instant } = dialect;
  const text = rewrites.reduce((sql, [from, to]) => replaceAll(sql, from, to), trim(cell));
  const { parts, iso } = DATE_PATTERNS[order];
  const padded = [
    [parts, iso],
    ["^(\\d{4})-(\\d)-", "$1-0$2-"],
    ["^(\\d{4}-\\d{2})-(\\d)([^0-9]|$)", "$1-0$2$3"],
    [`^(.{10})( ?${ZONE})?$`, "$1 00:00$2"],
    ["^(.{10})[T ]+(\\d):", "$1 0$2:"],
    ["^(.{10})[T ]+(\\d{2}):", "$1 $2:"],
  ].reduce((sql, [from, to]) => replaceAll(sql, from, to), text);
  const bare = replaceAll(padded, HALF_DAY, "");
  const zone = offset === null ? "NULL" : dialect.text(offsetText(offset));
  const zoned = `(${bare} || CASE WHEN ${matches(bare, `.{10} .*${ZONE}`)} THEN '' ELSE ${zone} END)`;
  const hour = `substr(${padded}, 12, 2)`;
  const afternoon = matches(padded, ".*[Pp][Mm].*");
  const halves = `CASE WHEN ${hour} > '23' THEN NULL
      WHEN NOT ${matches(padded, `.*${HALF_DAY}.*`)} THEN 0
      WHEN ${hour} NOT BETWEEN '01' AND '12' THEN NULL
      WHEN ${afternoon} THEN CASE WHEN ${hour} = '12' THEN 0 ELSE 43200000 END
      WHEN ${hour} = '12' THEN -43200000 ELSE 0 END`;
  const ms = msOf(instant(canonical(zoned, dialect)));
  return `(CASE WHEN ${matches(text, textPattern(order))} THEN ${ms} + ${halves} END)::BIGINT`;
}
