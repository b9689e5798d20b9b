import { en, sameText, type Text } from "../core/text.ts";
import type { TimeSpan } from "../time/epoch.ts";
import { span } from "./spans.ts";

/** A known outage of the exchange. */
export interface KnownOutage extends TimeSpan {
  /** Its evidence. */
  source: Text;
}

const SECONDS = en`first and last candle of one second: binance/binance-public-data#365`
  .vi`nến một giây đầu và cuối: binance/binance-public-data#365`;
const MISSING_SECONDS = en`first and last missing second: binance/binance-public-data#368`
  .vi`giây thiếu đầu và cuối: binance/binance-public-data#368`;
const TWO_HOURS = en`candles of two hours lack, so at least this: klines of both symbols`
  .vi`thiếu nến hai giờ, nên ít nhất là chừng này: nến của cả hai mã`;
const MINUTES = en`minutes that lack in recorded 1-minute candles`
  .vi`các phút thiếu trong nến một phút đã ghi`;
const MINUTES_OF_BOTH = en`${MINUTES}, both symbols`.vi`${MINUTES}, cả hai mã`;

/** Start and end in UTC, rounded outwards to the minute, and their evidence. From public sources; not complete. */
const LIST: readonly [from: string, to: string, source: Text][] = [
  ["2017-09-06T16:00", "2017-09-06T23:00", SECONDS],
  ["2017-12-04T06:00", "2017-12-04T06:50", SECONDS],
  ["2017-12-18T10:00", "2017-12-18T10:15", SECONDS],
  ["2017-12-18T12:29", "2017-12-18T13:35", SECONDS],
  ["2018-01-04T03:00", "2018-01-04T05:07", SECONDS],
  ["2018-02-08T00:28", "2018-02-09T10:01", SECONDS],
  ["2018-02-10T05:59", "2018-02-10T06:15", SECONDS],
  ["2018-02-11T04:00", "2018-02-11T04:35", SECONDS],
  ["2018-06-26T01:59", "2018-06-26T12:00", SECONDS],
  ["2018-06-27T12:59", "2018-06-27T14:45", SECONDS],
  ["2018-07-04T00:22", "2018-07-04T08:00", SECONDS],
  ["2018-10-19T05:59", "2018-10-19T09:30", SECONDS],
  ["2018-11-14T01:59", "2018-11-14T09:00", SECONDS],
  ["2019-03-12T01:59", "2019-03-12T08:00", SECONDS],
  ["2019-05-15T02:59", "2019-05-15T13:00", SECONDS],
  ["2019-06-07T21:13", "2019-06-07T22:15", SECONDS],
  ["2019-08-15T02:00", "2019-08-15T10:00", TWO_HOURS],
  ["2019-11-13T02:00", "2019-11-13T04:20", MINUTES],
  ["2019-11-13T05:30", "2019-11-13T05:33", MINUTES],
  ["2019-11-25T02:00", "2019-11-25T04:00", TWO_HOURS],
  ["2020-02-09T02:00", "2020-02-09T03:00", MISSING_SECONDS],
  ["2020-02-19T11:35", "2020-02-19T17:30", MISSING_SECONDS],
  ["2020-03-04T09:21", "2020-03-04T11:30", MISSING_SECONDS],
  ["2020-04-25T02:00", "2020-04-25T04:30", MISSING_SECONDS],
  ["2020-06-28T02:00", "2020-06-28T05:30", MISSING_SECONDS],
  ["2020-11-30T06:00", "2020-11-30T07:00", sameText("binance/binance-public-data#114")],
  ["2020-12-21T13:47", "2020-12-21T18:00", MISSING_SECONDS],
  ["2020-12-25T02:00", "2020-12-25T03:00", MISSING_SECONDS],
  ["2021-02-11T03:40", "2021-02-11T05:00", MISSING_SECONDS],
  ["2021-03-06T02:00", "2021-03-06T03:30", MISSING_SECONDS],
  ["2021-04-20T02:00", "2021-04-20T04:30", MISSING_SECONDS],
  ["2021-04-25T04:00", "2021-04-25T08:45", MISSING_SECONDS],
  ["2021-08-13T02:00", "2021-08-13T06:30", MINUTES],
  ["2021-09-29T07:00", "2021-09-29T09:00", MINUTES_OF_BOTH],
  ["2023-03-24T12:40", "2023-03-24T14:00", MINUTES_OF_BOTH],
];

/** The known outages of the exchange's spot market, in order of time. */
export const KNOWN_OUTAGES: readonly KnownOutage[] = LIST.map(([from, to, source]) => ({
  ...span(Date.parse(`${from}Z`), Date.parse(`${to}Z`)),
  source,
}));
