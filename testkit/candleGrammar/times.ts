/** How the instants of a file are written. */
export interface TimeForm {
  /** The text of an instant; `wall` is the instant moved by what the file's clock is ahead of UTC. */
  write(wall: number): string;
  /** The text of the last moment of a candle, where a column for it is written in this form. */
  writeEnd?(end: number): string;
  /** Without a zone: `--zone` is needed. */
  local: boolean;
  /** Which of day and month is first is open. */
  order?: "dmy" | "mdy" | "ymd";
  /** A date that begins with the year is in one order only. */
  yearFirst?: boolean;
  /** Whole minutes only. */
  coarse?: boolean;
  /** Digits are lost: no row has a time. */
  lossy?: boolean;
  /** The stamp is the last millisecond of the candle. */
  closing?: boolean;
  /** Date and time of day are two columns; `write` gives both with a blank between. */
  split?: boolean;
  /** A fraction is written with the file's decimal mark. */
  decimal?: boolean;
}

const iso = (ms: number) => new Date(ms).toISOString();
const two = (value: number) => String(value).padStart(2, "0");
const fixed = (write: (ms: number) => string, writeEnd?: (end: number) => string): TimeForm => ({
  write,
  writeEnd: writeEnd ?? write,
  local: false,
});

/** Parts of a wall clock, as texts of two digits. */
function parts(wall: number) {
  const date = new Date(wall);
  const clock = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}`;
  const [year, month, day] = iso(wall).slice(0, 10).split("-");
  return { year, month, day, clock, exact: `${clock}:${two(date.getUTCSeconds())}` };
}

/** A date in this order, with this sign between its parts. */
function dateText(wall: number, order: "dmy" | "mdy" | "ymd", sign: string): string {
  const { year, month, day } = parts(wall);
  return { dmy: [day, month, year], mdy: [month, day, year], ymd: [year, month, day] }[order].join(sign);
}

export const MILLISECONDS = fixed(String);
export const SECONDS = fixed((ms) => String(Math.floor(ms / 1_000)));
export const MICROSECONDS = fixed(
  (ms) => `${ms}000`,
  (end) => `${end}999`,
);
export const NANOSECONDS = fixed(
  (ms) => `${ms}000000`,
  (end) => `${end}999999`,
);
export const FLOAT_SECONDS: TimeForm = {
  ...fixed(
    (ms) => (ms / 1_000).toFixed(1),
    (end) => (end / 1_000).toFixed(3),
  ),
  decimal: true,
};
export const ISO_Z = fixed((ms) => iso(ms).replace(".000Z", "Z"));
export const ISO_OFFSET = fixed((ms) => `${iso(ms).slice(0, 19).replace("T", " ")}+00:00`);
export const ISO_HANOI = fixed((ms) => `${iso(ms + 7 * 3_600_000).slice(0, 19)}+07:00`);
/** `2024-03-01 00:00:00 UTC` */
export const suffixed = (zone: "GMT" | "UTC") =>
  fixed((ms) => `${iso(ms).slice(0, 19).replace("T", " ")} ${zone}`);

export const ISO_LOCAL: TimeForm = {
  write: (wall) => iso(wall).slice(0, 19).replace("T", " "),
  writeEnd: (end) => iso(end).slice(0, 23).replace("T", " "),
  local: true,
};
export const SPLIT: TimeForm = { write: ISO_LOCAL.write, local: true, split: true };
export const EXPONENT: TimeForm = {
  write: (ms) => ms.toExponential(5).replace("e+", "E+"),
  local: false,
  lossy: true,
  decimal: true,
};
/** Days since 1899-12-30, as a spreadsheet counts them: the clock of a wall. */
export const EXCEL: TimeForm = {
  write: (wall) => (wall / 86_400_000 + 25_569).toFixed(10),
  local: true,
  decimal: true,
};

/** `01/03/2024 00:00`: the order is known by `--date-order`, or by a day after the twelfth. */
export function dateForm(order: "dmy" | "mdy" | "ymd", sign: string, seconds: "" | "seconds"): TimeForm {
  return {
    write: (wall) => `${dateText(wall, order, sign)} ${parts(wall)[seconds === "" ? "clock" : "exact"]}`,
    local: true,
    order,
    yearFirst: order === "ymd",
    coarse: seconds === "",
  };
}

const lastMillisecond = 59_999;
/** Stamps of the last moment of a minute, in every row. */
export const CLOSING: readonly TimeForm[] = [
  { ...fixed((ms) => String(ms + lastMillisecond)), closing: true },
  { ...fixed((ms) => `${ms + lastMillisecond}999`), closing: true },
  { ...fixed((ms) => iso(ms + lastMillisecond)), closing: true },
];
