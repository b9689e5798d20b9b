/** UTC or an offset from it, as times carry it: a pattern that JavaScript, RE2 and Java read the same way. */
export const ZONE = "(Z|UTC|GMT|[+-](0\\d|1[0-3])(:?[0-5]\\d)?|[+-]14(:?00)?)";

/**
 * Minutes east of UTC. Where clocks are set back, an hour of local times occurs twice: such zones can't be stated.
 * @returns null where the text is no such zone
 */
export function zoneOffset(zone: string): number | null {
  if (/^(UTC|GMT|Z)$/i.test(zone)) return 0;
  const [, sign, hours, minutes = "0"] = /^([+-])(\d{2}):?(\d{2})?$/.exec(zone) ?? [];
  if (sign !== undefined) {
    const east = (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
    return Number(minutes) < 60 && Math.abs(east) <= FARTHEST_ZONE ? east : null;
  }
  return offsetOfName(zone);
}

/** Minutes east of UTC as `+07:00`. */
export function offsetText(minutes: number): string {
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  const two = (value: number) => String(value).padStart(2, "0");
  return `${minutes < 0 ? "-" : "+"}${two(hours)}:${two(rest)}`;
}

/** Minutes from UTC; the farthest zone is UTC+14. */
const FARTHEST_ZONE = 14 * 60;
const [FIRST_YEAR, LAST_YEAR] = [2009, 2040];

function offsetOfName(zone: string): number | null {
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat("en-US", { timeZone: zone, timeZoneName: "longOffset" });
  } catch {
    return null;
  }
  const offsets = new Set<string>();
  for (let month = 0; month < (LAST_YEAR - FIRST_YEAR) * 12; month += 1) {
    const parts = format.formatToParts(Date.UTC(FIRST_YEAR, month, 1));
    offsets.add(parts.find(({ type }) => type === "timeZoneName")?.value.replace("GMT", "") ?? "");
  }
  const [offset] = offsets;
  if (offsets.size > 1) return null;
  return offset === "" ? 0 : zoneOffset(offset);
}
