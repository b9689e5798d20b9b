// The live page: keeps the picture that the server's events tell, and draws it. Whatever comes is set as text.
import { drawCandles } from "./candles.js";
import { instant, number, price, seconds } from "./words.js";

const $ = (id) => document.getElementById(id);
const days = new Map();
let latest = null;
let waiting = false;

function connect() {
  const events = new EventSource("/events");
  events.addEventListener("open", () => say("connected"));
  events.addEventListener("picture", ({ data }) => take(JSON.parse(data)));
  events.addEventListener("error", () => {
    say("lost");
    // Answered with an error it gives up, and has to be begun anew.
    if (events.readyState === EventSource.CLOSED) setTimeout(connect, 1_000);
  });
}

function say(state) {
  document.body.dataset.state = state;
  $("connection").textContent = state === "connected" ? "Connected" : "Connection lost, trying again …";
}

/** A whole picture replaces all that was known; a change adds to it. */
function take(picture) {
  if (picture.whole) days.clear();
  for (const { symbol, row, price: last, minutes } of picture.symbols) {
    const known = days.get(symbol);
    const sameDay = known?.row?.day === row?.day;
    const kept = known !== undefined && sameDay ? known.minutes : new Map();
    for (const minute of minutes) kept.set(minute[0], minute);
    days.set(symbol, { row, last, minutes: kept, changed: true });
  }
  latest = picture;
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => {
    waiting = false;
    draw();
  });
}

function draw() {
  const { simulated, problem, now, consumer, producers } = latest;
  $("simulated").hidden = !simulated;
  $("problem").hidden = problem === null;
  $("problem").textContent = problem ?? "";
  const sum = (field) => producers.reduce((total, producer) => total + producer[field], 0);
  facts([
    ["Exchange's time (UTC)", now === null ? "no event yet" : instant(now)],
    ["Messages still to be consumed", consumer === null ? "no consumer yet" : number(consumer.behind)],
    ["Reconnects", number(Math.max(0, ...producers.map(({ reconnects }) => reconnects)))],
    ["Minutes repaired", number(sum("repaired"))],
    ["Minutes missing still", number(sum("owed"))],
    ["Late events", number(consumer?.counts.late ?? 0)],
    ["Kept aside", number(consumer?.counts.poison ?? 0)],
  ]);
  symbols();
  tables(consumer, producers, now);
  document.body.dataset.now = String(now ?? "");
}

function facts(pairs) {
  const list = $("facts");
  while (list.children.length < pairs.length) {
    const pair = document.createElement("div");
    pair.append(document.createElement("dt"), document.createElement("dd"));
    list.append(pair);
  }
  for (const [i, [name, value]] of pairs.entries()) {
    list.children[i].children[0].textContent = name;
    list.children[i].children[1].textContent = value;
  }
}

function symbols() {
  const section = $("symbols");
  const figures = new Map([...section.children].map((figure) => [figure.dataset.symbol, figure]));
  for (const [symbol, figure] of figures) if (!days.has(symbol)) figure.remove();
  for (const [symbol, day] of [...days].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (!figures.has(symbol)) section.append(newFigure(symbol));
    if (!day.changed) continue;
    day.changed = false;
    const figure = [...section.children].find((one) => one.dataset.symbol === symbol);
    const [head, svg, caption] = figure.children;
    head.lastChild.textContent = price(day.last ?? day.row?.close ?? null);
    caption.textContent = dayText(day.row);
    svg.setAttribute("aria-label", `${symbol}, candles of the open day. ${dayText(day.row)}`);
    drawCandles(svg, [...day.minutes.values()]);
    figure.dataset.minutes = String(day.minutes.size);
  }
}

function newFigure(symbol) {
  const figure = document.createElement("figure");
  figure.dataset.symbol = symbol;
  const head = document.createElement("h2");
  head.append(document.createElement("span"), document.createElement("span"));
  head.firstChild.textContent = symbol;
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("role", "img");
  figure.append(head, svg, document.createElement("figcaption"));
  return figure;
}

function dayText(row) {
  if (row === null) return "No candle yet.";
  const { day, open, high, low, close, volume, minutes } = row;
  return `${day}: open ${price(open)}, high ${price(high)}, low ${price(low)}, close ${price(close)}, volume ${number(volume)}, ${number(minutes)} minutes`;
}

const DAY = ["symbol", "day", "open", "high", "low", "close", "volume", "minutes"];
const dayCells = (row) => DAY.map((name) => (typeof row[name] === "number" ? number(row[name]) : row[name]));

function tables(consumer, producers, now) {
  const marks = new Map((consumer?.symbols ?? []).map((one) => [one.symbol, one]));
  const open = (consumer?.open ?? []).map((row) => {
    const { latestEvent = null, watermark = null } = marks.get(row.symbol) ?? {};
    return [...dayCells(row), instant(latestEvent), instant(watermark)];
  });
  table(
    "windows",
    "Open windows, as the consumer's last commit left them",
    [...DAY, "latest event", "watermark"],
    open,
  );
  table("closed", "Days that closed last", DAY, (consumer?.closed ?? []).map(dayCells));
  const told = producers.map((one) => [
    one.symbol,
    number(one.reconnects),
    number(one.rollovers),
    number(one.repaired),
    number(one.owed),
    number(one.waiting),
    one.running ? (one.silent > 5 ? `silent for ${seconds(one.silent)}` : "running") : "ended",
  ]);
  const heads = [
    "symbol",
    "reconnects",
    "replaced connections",
    "minutes repaired",
    "missing still",
    "messages waiting",
    "state",
  ];
  table("producers", "Producer of this workspace", heads, told);
  document.body.dataset.behind = String(consumer?.behind ?? "");
  document.body.dataset.lag = String(now === null || consumer === null ? "" : consumer.lag);
}

function table(id, caption, heads, rows) {
  let body = $(id)?.querySelector("tbody");
  if (body === undefined) {
    const holder = document.createElement("div");
    const made = document.createElement("table");
    holder.className = "wide";
    made.id = id;
    made.createCaption().textContent = caption;
    const head = made.createTHead().insertRow();
    for (const name of heads) {
      const cell = document.createElement("th");
      cell.scope = "col";
      cell.textContent = name;
      head.append(cell);
    }
    body = made.createTBody();
    holder.append(made);
    $("tables").append(holder);
  }
  $(id).parentElement.hidden = rows.length === 0;
  while (body.rows.length > rows.length) body.deleteRow(-1);
  for (const [i, row] of rows.entries()) {
    const line = body.rows[i] ?? body.insertRow();
    for (const [j, text] of row.entries()) {
      const cell = line.cells[j] ?? line.insertCell();
      if (cell.textContent !== text) cell.textContent = text;
    }
  }
}

connect();
