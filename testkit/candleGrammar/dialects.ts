import type { Column, Field } from "./plan.ts";

/** Header words of a venue or data seller, with what each column holds. */
export interface Dialect {
  label: string;
  columns: Column[];
  delimiter?: string;
  descending?: boolean;
  /** There is no header: the columns are known by their number. */
  bare?: boolean;
  seconds?: boolean;
  /** Of a perpetual, whose first volume is in contracts. */
  swap?: boolean;
}

/** `"word:field,word:field"`; a word alone is the name of its field, with a capital or without. */
function columns(text: string): Column[] {
  return text.split(",").map((part) => {
    const [word, field = word[0].toLowerCase() + word.slice(1)] = part.split(":");
    return { word, field: field as Field };
  });
}

const PRICES = "open,high,low,close";

/** `{BASE}` and `{QUOTE}` in a word are the market's. */
export const DIALECTS: readonly Dialect[] = [
  {
    label: "header of Binance's archive",
    columns: columns(
      `open_time:time,${PRICES},volume:base,close_time:closeTime,quote_volume:quote,count:trades,taker_buy_volume:takerBase,taker_buy_quote_volume:takerQuote,ignore:zero`,
    ),
  },
  {
    label: "header of Binance's files on Kaggle",
    columns: columns(
      "Open time:time,Open,High,Low,Close,Volume:base,Close time:closeTime,Quote asset volume:quote,Number of trades:trades,Taker buy base asset volume:takerBase,Taker buy quote asset volume:takerQuote,Ignore:zero",
    ),
  },
  {
    label: "header of Kaggle's Bitstamp",
    columns: columns(
      "Timestamp:time,Open,High,Low,Close,Volume_({BASE}):base,Volume_(Currency):quote,Weighted_Price:vwap",
    ),
    seconds: true,
  },
  {
    label: "header of CryptoDataDownload",
    columns: columns(
      "unix:time,date:wall,symbol,open,high,low,close,Volume {BASE}:base,Volume {QUOTE}:quote,tradecount:trades",
    ),
    descending: true,
  },
  {
    label: "Kraken's OHLCVT without header",
    columns: columns(`time,${PRICES},volume:base,trades`),
    bare: true,
    seconds: true,
  },
  {
    label: "header of Kraken's REST",
    columns: columns(`time,${PRICES},vwap,volume:base,count:trades`),
    seconds: true,
  },
  {
    label: "header of Kaiko",
    columns: columns(`timestamp:time,${PRICES},volume:base,price:vwap,count:trades`),
  },
  {
    label: "cryptoarchive without header",
    columns: columns(`time,${PRICES},base,takerQuote,takerBase,quote,trades`),
    delimiter: "|",
    bare: true,
    seconds: true,
  },
  { label: "header of Bybit", columns: columns(`start_time:time,${PRICES},volume:base,turnover:quote`) },
  {
    label: "header of OKX",
    columns: columns(
      `instrument_name:symbol,${PRICES},vol:base,vol_ccy:quote,vol_quote:quote,open_time:time,confirm:one`,
    ),
  },
  {
    label: "header of OKX, a perpetual",
    columns: columns(
      `instrument_name:symbol,${PRICES},vol:contracts,vol_ccy:base,vol_quote:quote,open_time:time,confirm:one`,
    ),
    swap: true,
  },
  {
    label: "header of HTX",
    columns: columns("id:time,open,close,low,high,amount:base,vol:quote,count:trades"),
    seconds: true,
  },
  {
    label: "header of Huobi",
    columns: columns("ts:time,open,close,low,high,amount:base,vol:quote,count:trades"),
    seconds: true,
  },
  {
    label: "header of Poloniex",
    columns: columns("date:time,high,low,open,close,volume:quote,quoteVolume:base,weightedAverage:vwap"),
    seconds: true,
  },
  {
    label: "header of CryptoCompare",
    columns: columns("time,high,low,open,volumefrom:base,volumeto:quote,close"),
    seconds: true,
  },
  {
    label: "keys of Binance's WebSocket",
    columns: columns(
      "t:time,T:closeTime,s:symbol,i:interval,f:id,L:id,o:open,c:close,h:high,l:low,v:base,n:trades,q:quote,V:takerBase,Q:takerQuote,B:zero",
    ),
  },
  {
    label: "some keys of Binance's WebSocket",
    columns: columns("t:time,o:open,h:high,l:low,c:close,v:base,L:id,V:takerBase,q:quote,n:trades"),
  },
  {
    label: "header of Coinbase",
    columns: columns("time,low,high,open,close,volume:base"),
    seconds: true,
  },
  { label: "header of Bitfinex", columns: columns("time,open,close,high,low,volume:base") },
  {
    label: "Binance's 12 columns without header",
    columns: columns(`time,${PRICES},base,closeTime,quote,trades,takerBase,takerQuote,zero`),
    bare: true,
  },
  { label: "six columns without header", columns: columns(`time,${PRICES},base`), bare: true },
];
