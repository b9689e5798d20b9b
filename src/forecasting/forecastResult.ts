import type { Source } from "../candle/candle.ts";
import type { Text } from "../core/text.ts";
import type { FilledDays } from "../evaluation/backtest.ts";
import type { ModelScore } from "../evaluation/score.ts";
import type { Forecast, LeftOut } from "../forecast/forecaster.ts";
import type { SymbolRisk } from "../risk/symbolRisk.ts";
import type { Day } from "../time/day.ts";

/** What is known of a symbol's forecasts besides the forecasts themselves. */
export interface ForecastFacts {
  symbol: string;
  /** The last day that the models have seen. */
  cutoff: Day;
  /** Days of history. */
  days: number;
  /** Close of the cutoff day, quote currency. */
  lastClose: number;
  /** The backtest's cutoffs, oldest first; with fewer than 8 no model has a score. */
  cutoffs: Day[];
  scored: boolean;
  /** Days without data, which count for nothing. */
  filled: FilledDays;
  scores: ModelScore[];
  /** What a forecast that knew the window's volatility would have scored; marked `leaked`. */
  ceiling: ModelScore;
  /** Models and members that could not be used, each with the reason. */
  leftOut: LeftOut[];
}

export interface SymbolForecast extends ForecastFacts {
  /** One for each model. */
  forecasts: Forecast[];
}

/** A symbol that no model may forecast, and why: too short a history, most often. */
export interface RefusedSymbol {
  symbol: string;
  code: string;
  reason: string;
  next: string;
}

export interface ForecastResult {
  horizon: number;
  symbols: SymbolForecast[];
  refused: RefusedSymbol[];
  /** Of the symbols with more than 30 returns. */
  risk: SymbolRisk[];
  source: Source;
  skipped: boolean;
  /** Whether the tables hold this forecast; if not, it is in this result only. */
  published: boolean;
  /** The same in a sentence, with what was replaced or kept. */
  publication: Text;
}
