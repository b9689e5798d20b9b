import { inputError } from "../../core/errors.ts";

export type Growth = "linear" | "logistic" | "flat";

/** Additive: the effect is added to the trend. Multiplicative: the effect is a fraction of the trend. */
export type Mode = "additive" | "multiplicative";

/** On with 10, 3 or 4 harmonics (`true`), off, on with that many, or decided by the data's span and spacing. */
export type SeasonalitySwitch = "auto" | boolean | number;

/** A seasonality of the user's own. */
export interface Seasonality {
  name: string;
  /** Days. */
  period: number;
  /** Number of sine and cosine pairs. */
  fourierOrder: number;
  /** Default: the model's `seasonalityPriorScale`. */
  priorScale?: number;
  /** Default: the model's `seasonalityMode`. */
  mode?: Mode;
  /** Column of 0 and 1 (in `columns`, for history and future) that says when it applies. */
  conditionName?: string;
}

/** One date of a holiday; a holiday of several dates has several rows with its name. */
export interface Holiday {
  holiday: string;
  /** UTC day, `YYYY-MM-DD`. */
  ds: string;
  /** First day that it acts on, in days from `ds`: 0 or less, default 0. */
  lowerWindow?: number;
  /** Last day that it acts on: 0 or more, default 0. */
  upperWindow?: number;
  /** The same in all rows of a holiday; default: the model's `holidaysPriorScale`. */
  priorScale?: number;
}

/**
 * When a regressor's value is known: in advance for every future date (calendar, halvings), or `days` late.
 * Nothing else can be a regressor: a value of the same day is not known at the cutoff.
 */
export type Availability =
  | { readonly kind: "knownFuture" }
  | { readonly kind: "lagged"; readonly days: number };

/** A further column that explains y. */
export interface Regressor {
  /** Its name in `columns`. */
  name: string;
  availability: Availability;
  /** Default: the model's `holidaysPriorScale`. */
  priorScale?: number;
  /** Subtract the mean, divide by the standard deviation; `auto` (default): unless it holds just 0 and 1. */
  standardize?: "auto" | boolean;
  /** Default: the model's `seasonalityMode`. */
  mode?: Mode;
}

/** The options of Python Prophet, in camelCase, with its defaults. */
export interface ProphetOptions {
  /** Default `linear`. `logistic` needs `cap`. */
  growth?: Growth;
  /** Dates of the trend's possible changes, `YYYY-MM-DD`; default: `nChangepoints` found from the data. */
  changepoints?: readonly string[];
  /** Default 25. */
  nChangepoints?: number;
  /** Share of the history, from its start, that may hold changepoints; default 0.8. */
  changepointRange?: number;
  /** Default 0.05; larger bends the trend more. */
  changepointPriorScale?: number;
  yearlySeasonality?: SeasonalitySwitch;
  weeklySeasonality?: SeasonalitySwitch;
  dailySeasonality?: SeasonalitySwitch;
  seasonalities?: readonly Seasonality[];
  /** Default `additive`. */
  seasonalityMode?: Mode;
  /** Default 10. */
  seasonalityPriorScale?: number;
  holidays?: readonly Holiday[];
  /** Default: `seasonalityMode`. */
  holidaysMode?: Mode;
  /** Default 10; also the regressors'. */
  holidaysPriorScale?: number;
  regressors?: readonly Regressor[];
  /** Default `absmax`. */
  scaling?: "absmax" | "minmax";
  /** Share of the future that `yhatLower` … `yhatUpper` should hold; default 0.8. */
  intervalWidth?: number;
  /** Paths drawn for the future's intervals; 0: none are computed. Default 1,000. */
  uncertaintySamples?: number;
}

const DEFAULTS = {
  growth: "linear",
  nChangepoints: 25,
  changepointRange: 0.8,
  changepointPriorScale: 0.05,
  yearlySeasonality: "auto",
  weeklySeasonality: "auto",
  dailySeasonality: "auto",
  seasonalities: [],
  seasonalityMode: "additive",
  seasonalityPriorScale: 10,
  holidays: [],
  holidaysPriorScale: 10,
  regressors: [],
  scaling: "absmax",
  intervalWidth: 0.8,
  uncertaintySamples: 1000,
} satisfies ProphetOptions;

/** Options with the defaults filled in. */
export type Settings = Required<Omit<ProphetOptions, "changepoints">> & Pick<ProphetOptions, "changepoints">;

/**
 * Fills in the defaults.
 * @throws CandlebookError `prophet_option` where a value is out of its range
 */
export function resolveOptions(options: ProphetOptions): Settings {
  const given: ProphetOptions = Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined && value !== null),
  );
  const holidaysMode = given.seasonalityMode ?? DEFAULTS.seasonalityMode;
  const settings: Settings = { ...DEFAULTS, holidaysMode, ...given };
  checkSettings(settings);
  return settings;
}

/** What the parts check for themselves. */
export function requireOption(holds: boolean, name: string, found: unknown, expected: string): void {
  if (holds) return;
  throw inputError(
    "prophet_option",
    `Prophet's option ${name} is ${String(found)}; expected ${expected}.`,
    `Set ${name} to ${expected}.`,
  );
}

/** @throws CandlebookError `prophet_option` unless the scale is a positive number */
export function requirePriorScale(value: number, name: string): void {
  requireOption(Number.isFinite(value) && value > 0, name, value, "a positive number");
}

function checkSettings(s: Settings): void {
  const modes = ["additive", "multiplicative"];
  const oneOf = (name: string, found: string, allowed: string[]) =>
    requireOption(allowed.includes(found), name, found, allowed.join(" or "));
  oneOf("growth", s.growth, ["linear", "logistic", "flat"]);
  oneOf("seasonalityMode", s.seasonalityMode, modes);
  oneOf("holidaysMode", s.holidaysMode, modes);
  oneOf("scaling", s.scaling, ["absmax", "minmax"]);
  const whole = (v: number) => Number.isInteger(v) && v >= 0;
  requireOption(whole(s.nChangepoints), "nChangepoints", s.nChangepoints, "a whole number from 0");
  requireOption(
    s.changepointRange >= 0 && s.changepointRange <= 1,
    "changepointRange",
    s.changepointRange,
    "a number from 0 to 1",
  );
  requirePriorScale(s.changepointPriorScale, "changepointPriorScale");
  requirePriorScale(s.seasonalityPriorScale, "seasonalityPriorScale");
  requirePriorScale(s.holidaysPriorScale, "holidaysPriorScale");
  requireOption(
    s.intervalWidth > 0 && s.intervalWidth < 1,
    "intervalWidth",
    s.intervalWidth,
    "a number between 0 and 1",
  );
  const samples = s.uncertaintySamples;
  requireOption(
    whole(samples) && samples <= 1e6,
    "uncertaintySamples",
    samples,
    "a whole number to 1,000,000",
  );
}
