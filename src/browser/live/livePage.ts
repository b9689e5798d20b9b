import type { DailyCandle } from "../../candle/candle.ts";
import { en, sameText, type Text } from "../../core/text.ts";
import type { LiveConsumer, LivePicture, LiveProducer } from "../../live/picture.ts";
import { element, find, setLabel, setText, svgElement } from "../dom.ts";
import { drawCandles } from "./candlePicture.ts";
import { instantText, numberText, priceText, secondsText } from "./format.ts";
import { type LiveDay, LiveDays } from "./liveDays.ts";
import { showTable } from "./liveTable.ts";

const RETRY_MS = 1_000;
/** Seconds after which a producer that wrote nothing is called silent. */
const SILENT = 5;

/** The live page: keeps what the server's events say, and draws it once a frame. All that it receives is set as text. */
export class LivePage {
  readonly #days = new LiveDays();
  /** What the next frame draws. */
  #latest: LivePicture | null = null;

  /** Connects to the server, and again whenever the connection is lost. */
  connect(): void {
    const events = new EventSource("/events");
    events.addEventListener("open", () => showConnection("connected"));
    events.addEventListener("picture", ({ data }) => this.#receive(JSON.parse(data)));
    events.addEventListener("error", () => {
      showConnection("lost");
      // After an answer that is an error, the browser does not try again by itself.
      if (events.readyState === EventSource.CLOSED) setTimeout(() => this.connect(), RETRY_MS);
    });
  }

  #receive(picture: LivePicture): void {
    this.#days.apply(picture);
    if (this.#latest === null) requestAnimationFrame(() => this.#drawLatest());
    this.#latest = picture;
  }

  #drawLatest(): void {
    const picture = this.#latest;
    this.#latest = null;
    if (picture !== null) this.#draw(picture);
  }

  #draw(picture: LivePicture): void {
    const { simulated, problem, now, consumer, producers } = picture;
    find(document, "#simulated").hidden = !simulated;
    find(document, "#problem").hidden = problem === null;
    find(document, "#problem").textContent = problem ?? "";
    showFacts(factsOf(picture));
    this.#drawDays(find(document, "#symbols"));
    showTables(consumer, producers);
    Object.assign(document.body.dataset, {
      now: String(now ?? ""),
      behind: String(consumer?.behind ?? ""),
      lag: String(now === null || consumer === null ? "" : consumer.lag),
    });
  }

  #drawDays(section: HTMLElement): void {
    for (const figure of section.querySelectorAll("figure"))
      if (!this.#days.has(figure.dataset.symbol)) figure.remove();
    const figures = new Map([...section.querySelectorAll("figure")].map((one) => [one.dataset.symbol, one]));
    for (const day of this.#days.takeChanges()) {
      const figure = figures.get(day.symbol) ?? createFigure(day.symbol);
      if (!figure.isConnected) section.append(figure);
      drawDay(figure, day);
    }
  }
}

const CONNECTION = {
  connected: en`Connected`.vi`Đã kết nối`,
  lost: en`Connection lost, trying again …`.vi`Mất kết nối, đang thử lại …`,
};

function showConnection(state: "connected" | "lost"): void {
  document.body.dataset.state = state;
  setText(find(document, "#connection"), CONNECTION[state]);
}

function factsOf({ now, consumer, producers }: LivePicture): [name: Text, value: Text][] {
  const sum = (field: "repaired" | "owed") =>
    producers.reduce((total, producer) => total + producer[field], 0);
  return [
    [
      en`Exchange's time (UTC)`.vi`Giờ của sàn (UTC)`,
      now === null ? en`no event yet`.vi`chưa có sự kiện nào` : instantText(now),
    ],
    [
      en`Messages still to be consumed`.vi`Tin nhắn còn phải tiêu thụ`,
      consumer === null ? en`no consumer yet`.vi`chưa có bên tiêu thụ` : numberText(consumer.behind),
    ],
    [
      en`Reconnects`.vi`Số lần kết nối lại`,
      numberText(Math.max(0, ...producers.map(({ reconnects }) => reconnects))),
    ],
    [en`Minutes repaired`.vi`Phút đã bù`, numberText(sum("repaired"))],
    [en`Minutes missing still`.vi`Phút còn thiếu`, numberText(sum("owed"))],
    [en`Late events`.vi`Sự kiện muộn`, numberText(consumer?.counts.late ?? 0)],
    [en`Kept aside`.vi`Để riêng`, numberText(consumer?.counts.poison ?? 0)],
  ];
}

function showFacts(facts: readonly (readonly [name: Text, value: Text])[]): void {
  const list = find(document, "#facts");
  for (const [i, [name, value]] of facts.entries()) {
    if (list.children[i] === undefined) list.append(element("div", {}, element("dt"), element("dd")));
    setText(find(list.children[i], "dt"), name);
    setText(find(list.children[i], "dd"), value);
  }
}

function createFigure(symbol: string): HTMLElement {
  const svg = svgElement("svg", { role: "img" });
  const head = element("h2", {}, element("span", { textContent: symbol }), element("span"));
  const figure = element("figure", {}, head, svg, element("figcaption"));
  figure.dataset.symbol = symbol;
  return figure;
}

function drawDay(figure: HTMLElement, { symbol, row, price, minutes }: LiveDay): void {
  const svg = find<SVGElement>(figure, "svg");
  const text = dayText(row);
  setText(find(figure, "h2 :last-child"), priceText(price ?? row?.close ?? null));
  setText(find(figure, "figcaption"), text);
  setLabel(svg, en`${symbol}, candles of the open day. ${text}`.vi`${symbol}, nến của ngày đang mở. ${text}`);
  drawCandles(svg, [...minutes.values()]);
  figure.dataset.minutes = String(minutes.size);
}

function dayText(row: DailyCandle | null): Text {
  if (row === null) return en`No candle yet.`.vi`Chưa có nến nào.`;
  const [open, high, low, close] = [row.open, row.high, row.low, row.close].map(priceText);
  const [volume, minutes] = [row.volume, row.minutes].map(numberText);
  return en`${row.day}: open ${open}, high ${high}, low ${low}, close ${close}, volume ${volume}, ${minutes} minutes`
    .vi`${row.day}: mở ${open}, cao ${high}, thấp ${low}, đóng ${close}, khối lượng ${volume}, ${minutes} phút`;
}

const SYMBOL = en`symbol`.vi`mã`;
const DAY_HEADS = [
  SYMBOL,
  en`day`.vi`ngày`,
  en`open`.vi`mở`,
  en`high`.vi`cao`,
  en`low`.vi`thấp`,
  en`close`.vi`đóng`,
  en`volume`.vi`khối lượng`,
  en`minutes`.vi`số phút`,
];

function dayCells({ symbol, day, open, high, low, close, volume, minutes }: DailyCandle): Text[] {
  return [sameText(symbol), sameText(day), ...[open, high, low, close, volume, minutes].map(numberText)];
}

function showTables(consumer: LiveConsumer | null, producers: readonly LiveProducer[]): void {
  const place = find(document, "#tables");
  // A symbol's stream of minutes is before those of other candles, and is the one to show.
  const streams = new Map(consumer?.symbols.toReversed().map((stream) => [stream.symbol, stream]));
  showTable(place, {
    id: "windows",
    caption: en`Open windows, as the consumer's last commit left them`
      .vi`Các cửa sổ đang mở, theo lần ghi cuối của bên tiêu thụ`,
    heads: [...DAY_HEADS, en`latest event`.vi`sự kiện mới nhất`, sameText("watermark")],
    rows: (consumer?.open ?? []).map((row) => {
      const { latestEvent = null, watermark = null } = streams.get(row.symbol) ?? {};
      return [...dayCells(row), instantText(latestEvent), instantText(watermark)];
    }),
  });
  showTable(place, {
    id: "closed",
    caption: en`Days that closed last`.vi`Những ngày đóng sau cùng`,
    heads: DAY_HEADS,
    rows: (consumer?.closed ?? []).map(dayCells),
  });
  showTable(place, {
    id: "producers",
    caption: en`Producer of this workspace`.vi`Bên sản xuất của không gian làm việc này`,
    heads: [
      SYMBOL,
      en`reconnects`.vi`số lần kết nối lại`,
      en`replaced connections`.vi`kết nối đã thay`,
      en`candles repaired`.vi`nến đã bù`,
      en`missing still`.vi`còn thiếu`,
      en`messages waiting`.vi`tin nhắn đang chờ`,
      en`state`.vi`trạng thái`,
    ],
    rows: producers.map((one) => [
      sameText(one.symbol),
      ...[one.reconnects, one.rollovers, one.repaired, one.owed, one.waiting].map(numberText),
      stateText(one),
    ]),
  });
}

function stateText({ running, silent }: LiveProducer): Text {
  if (!running) return en`ended`.vi`đã dừng`;
  const since = secondsText(silent);
  return silent > SILENT ? en`silent for ${since}`.vi`im lặng ${since}` : en`running`.vi`đang chạy`;
}
