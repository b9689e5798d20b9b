import { type RandomStream, randomStream } from "./randomStream.ts";

/** The days of the simulated market since 1970: 2009-01-01 to 2050-12-31. */
export const FIRST_DAY_NUMBER = 14_245;
const DAYS = 15_340;
/** 2025-06-01: the day at whose end each symbol has its start price. */
const ANCHOR = 20_240 - FIRST_DAY_NUMBER;

const DAILY_VOLATILITY = 0.027;
/** Share of a day's deviation of log volatility that persists to the next day, and the new share. */
const PERSISTENCE = 0.95;
const SURPRISE = 0.125;
/** Share of the days with a jump, and its size as a multiple of the day's volatility. */
const JUMPS = 0.03;
const JUMP = 3.2;
/** A rise approaches this multiple of the day's volatility and never exceeds it; falls have no limit. */
const STEEPEST_RISE = 4.4;
const DRIFT = 0.0006;
/**
 * Reversion of the log price to its trend: the half-life is about 1,400 days, so that prices stay plausible for 40
 * years.
 */
const PULL = 0.0005;

/** The parameters of one symbol. */
export interface Character {
  /** Start price in quote currency, at the anchor. */
  price: number;
  /** Sensitivity to the market's days. */
  beta: number;
  /** Its own movement, as a share of the market's volatility. */
  own: number;
  /** Mean traded value of a minute, quote currency. */
  turnover: number;
}

const KNOWN: Record<string, Character> = {
  BTCUSDT: { price: 105_000, beta: 1, own: 0.15, turnover: 1_100_000 },
  ETHUSDT: { price: 2_500, beta: 1.1, own: 0.7, turnover: 800_000 },
};

/** Those of BTCUSDT and ETHUSDT are near the real ones; any other symbol's depend on its name. */
export function characterOf(symbol: string): Character {
  const known = KNOWN[symbol];
  if (known !== undefined) return known;
  const random = randomStream("character", symbol);
  return {
    price: 10 ** (5 * random.uniform() - 2),
    beta: 0.8 + 0.6 * random.uniform(),
    own: 0.6 + 0.6 * random.uniform(),
    turnover: 10 ** (3 + 2 * random.uniform()),
  };
}

/** The market's days: its return and volatility, the same for all symbols. */
export interface MarketDays {
  returns: Float64Array;
  volatility: Float64Array;
}

/**
 * Volatility follows an autoregression in its logarithm, so that volatile days are clustered. The parameters give five
 * years the volatility, kurtosis, clustering and extremes of any five recorded years of BTCUSDT and ETHUSDT.
 */
export function marketDays(seed: number): MarketDays {
  const random = randomStream(seed, "market");
  const returns = new Float64Array(DAYS);
  const volatility = new Float64Array(DAYS);
  let deviation = 0;
  for (let day = 0; day < DAYS; day += 1) {
    deviation = PERSISTENCE * deviation + SURPRISE * random.normal();
    volatility[day] = DAILY_VOLATILITY * Math.exp(deviation);
    returns[day] = volatility[day] * shock(random);
  }
  return { returns, volatility };
}

/** A day's shock: mostly standard normal, sometimes a jump; the largest falls are larger than the largest rises. */
function shock(random: RandomStream): number {
  const size = random.normal();
  const jump = random.uniform() < JUMPS ? JUMP : 1;
  const move = size * jump;
  return move > 0 ? STEEPEST_RISE * Math.tanh(move / STEEPEST_RISE) : move;
}

/** Log price of a symbol at the end of each day, by days since the first one. */
export function logCloses(
  seed: number,
  symbol: string,
  character: Character,
  market: MarketDays,
): Float64Array {
  const random = randomStream(seed, "days", symbol);
  const levels = new Float64Array(DAYS);
  let level = 0;
  for (let day = 0; day < DAYS; day += 1) {
    const own = character.own * market.volatility[day] * shock(random);
    level = (1 - PULL) * level + character.beta * market.returns[day] + own;
    levels[day] = level;
  }
  const anchor = Math.log(character.price) - levels[ANCHOR];
  for (let day = 0; day < DAYS; day += 1) levels[day] += anchor + DRIFT * (day - ANCHOR);
  return levels;
}
