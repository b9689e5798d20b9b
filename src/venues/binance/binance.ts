import type { Venue, VenueArchive } from "../venue.ts";
import { archiveClient, archiveFiles, checkArchive, dailyFiles, fileOfName } from "./archiveClient.ts";
import { combinedStreamUrl, parseFrame } from "./frame.ts";
import { klineToCandle, lineToKline } from "./kline.ts";
import { KLINES_LIMIT, KLINES_WEIGHT, restClient } from "./restClient.ts";

/** Binance's spot market. */
export const binance: Venue & { readonly archive: VenueArchive } = {
  addresses: { rest: "https://api.binance.com", stream: "wss://stream.binance.com:9443" },
  limits: { candles: KLINES_LIMIT, weight: KLINES_WEIGHT, connectionMs: 24 * 3_600_000 },
  // A minute without a trade has a candle, with volume 0.
  stream: { url: combinedStreamUrl, parse: parseFrame },
  archive: {
    address: "https://data.binance.vision",
    files: archiveFiles,
    dailyFiles,
    fileOfName,
    open: archiveClient,
    check: checkArchive,
  },
  rest: restClient,
  readLine: (symbol, line) => {
    const read = lineToKline(line);
    return read === null ? null : klineToCandle(symbol, read.kline);
  },
};
