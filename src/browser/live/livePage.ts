import type { DailyCandle } from "../../candle/candle.ts";
import type { LiveConsumer, LivePicture, LiveProducer } from "../../live/picture.ts";
import { element, find, svgElement } from "../dom.ts";
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

function showConnection(state: "connected" | "lost"): void {
  document.body.dataset.state = state;
  find(document, "#connection").textContent =
    state === "connected" ? "Connected" : "Connection lost, trying again …";
}

function factsOf({ now, consumer, producers }: LivePicture): [name: string, value: string][] {
  const sum = (field: "repaired" | "owed") =>
    producers.reduce((total, producer) => total + producer[field], 0);
  return [
    ["Exchange's time (UTC)", now === null ? "no event yet" : instantText(now)],
    ["Messages still to be consumed", consumer === null ? "no consumer yet" : numberText(consumer.behind)],
    ["Reconnects", numberText(Math.max(0, ...producers.map(({ reconnects }) => reconnects)))],
    ["Minutes repaired", numberText(sum("repaired"))],
    ["Minutes missing still", numberText(sum("owed"))],
    ["Late events", numberText(consumer?.counts.late ?? 0)],
    ["Kept aside", numberText(consumer?.counts.poison ?? 0)],
  ];
}

function showFacts(facts: readonly (readonly [name: string, value: string])[]): void {
  const list = find(document, "#facts");
  for (const [i, [name, value]] of facts.entries()) {
    if (list.children[i] === undefined) list.append(element("div", {}, element("dt"), element("dd")));
    const [term, detail] = list.children[i].children;
    term.textContent = name;
    detail.textContent = value;
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
  find(figure, "h2 :last-child").textContent = priceText(price ?? row?.close ?? null);
  find(figure, "figcaption").textContent = text;
  svg.setAttribute("aria-label", `${symbol}, candles of the open day. ${text}`);
  drawCandles(svg, [...minutes.values()]);
  figure.dataset.minutes = String(minutes.size);
}

function dayText(row: DailyCandle | null): string {
  if (row === null) return "No candle yet.";
  const [open, high, low, close] = [row.open, row.high, row.low, row.close].map(priceText);
  return `${row.day}: open ${open}, high ${high}, low ${low}, close ${close}, volume ${numberText(row.volume)}, ${numberText(row.minutes)} minutes`;
}

const DAY_HEADS = ["symbol", "day", "open", "high", "low", "close", "volume", "minutes"];

function dayCells({ symbol, day, open, high, low, close, volume, minutes }: DailyCandle): string[] {
  return [symbol, day, ...[open, high, low, close, volume, minutes].map(numberText)];
}

function showTables(consumer: LiveConsumer | null, producers: readonly LiveProducer[]): void {
  const place = find(document, "#tables");
  // A symbol's stream of minutes is before those of other candles, and is the one to show.
  const streams = new Map(consumer?.symbols.toReversed().map((stream) => [stream.symbol, stream]));
  showTable(place, {
    id: "windows",
    caption: "Open windows, as the consumer's last commit left them",
    heads: [...DAY_HEADS, "latest event", "watermark"],
    rows: (consumer?.open ?? []).map((row) => {
      const { latestEvent = null, watermark = null } = streams.get(row.symbol) ?? {};
      return [...dayCells(row), instantText(latestEvent), instantText(watermark)];
    }),
  });
  showTable(place, {
    id: "closed",
    caption: "Days that closed last",
    heads: DAY_HEADS,
    rows: (consumer?.closed ?? []).map(dayCells),
  });
  showTable(place, {
    id: "producers",
    caption: "Producer of this workspace",
    heads: [
      "symbol",
      "reconnects",
      "replaced connections",
      "candles repaired",
      "missing still",
      "messages waiting",
      "state",
    ],
    rows: producers.map((one) => [
      one.symbol,
      ...[one.reconnects, one.rollovers, one.repaired, one.owed, one.waiting].map(numberText),
      stateText(one),
    ]),
  });
}

function stateText({ running, silent }: LiveProducer): string {
  if (!running) return "ended";
  return silent > SILENT ? `silent for ${secondsText(silent)}` : "running";
}
