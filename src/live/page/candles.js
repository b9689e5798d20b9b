const WIDTH = 720;
const HEIGHT = 300;
const LEFT = 24;
const RIGHT = 84;
const TOP = 8;
const PRICES = 218;
const VOLUMES = 44;
const MINUTE = 60_000;
const STEPS = [1, 2, 3, 5, 10, 15, 30];
const MOST = 96;

/** Draws minutes as candles with their volume, as many minutes in one candle as the width calls for. */
export function drawCandles(svg, minutes) {
  svg.setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT}`);
  svg.replaceChildren();
  if (minutes.length === 0) return;
  const { candles, step, first, count } = fold(minutes);
  const high = Math.max(...candles.map((one) => one.high));
  const low = Math.min(...candles.map((one) => one.low));
  const room = high === low ? Math.abs(high) * 0.001 || 1 : (high - low) * 0.05;
  const y = (value) => TOP + ((high + room - value) / (high - low + 2 * room)) * PRICES;
  const slot = (WIDTH - LEFT - RIGHT) / count;
  const x = (time) => LEFT + ((time - first) / (step * MINUTE) + 0.5) * slot;
  prices(svg, low, high, y);
  hours(svg, first, first + count * step * MINUTE, x, slot);
  const most = Math.max(...candles.map(({ volume }) => volume)) || 1;
  const body = Math.max(1, slot * 0.7);
  for (const { time, open, high: top, low: bottom, close, volume } of candles) {
    const middle = x(time);
    const tall = (volume / most) * VOLUMES;
    const group = add(svg, "g", { class: close >= open ? "rising" : "falling" });
    const [upper, lower] = [y(Math.max(open, close)), y(Math.min(open, close))];
    add(group, "line", { x1: middle, x2: middle, y1: y(top), y2: y(bottom) });
    add(group, "rect", { x: middle - body / 2, y: upper, width: body, height: Math.max(1, lower - upper) });
    add(svg, "rect", {
      class: "volume",
      x: middle - body / 2,
      y: HEIGHT - 22 - tall,
      width: body,
      height: tall,
    });
  }
}

function fold(minutes) {
  const sorted = [...minutes].sort((a, b) => a[0] - b[0]);
  const span = (sorted[sorted.length - 1][0] - sorted[0][0]) / MINUTE + 1;
  const step = STEPS.find((one) => span / one <= MOST) ?? 30;
  const startOf = (time) => time - (time % (step * MINUTE));
  const candles = new Map();
  for (const [openTime, open, high, low, close, volume] of sorted) {
    const time = startOf(openTime);
    const known = candles.get(time);
    if (known === undefined) candles.set(time, { time, open, high, low, close, volume });
    else {
      known.high = Math.max(known.high, high);
      known.low = Math.min(known.low, low);
      known.close = close;
      known.volume += volume;
    }
  }
  const first = startOf(sorted[0][0]);
  const last = startOf(sorted[sorted.length - 1][0]);
  return {
    candles: [...candles.values()],
    step,
    first,
    count: Math.max(30, (last - first) / (step * MINUTE) + 1),
  };
}

function prices(svg, low, high, y) {
  const rough = (high - low || Math.abs(high) * 0.002 || 1) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((one) => one >= rough);
  const digits = Math.min(12, Math.max(0, -Math.floor(Math.log10(step))));
  for (let value = Math.ceil(low / step) * step; value <= high; value += step) {
    add(svg, "line", { class: "grid", x1: LEFT, x2: WIDTH - RIGHT, y1: y(value), y2: y(value) });
    add(svg, "text", { x: WIDTH - RIGHT + 6, y: y(value) + 4 }).textContent = value.toLocaleString("en", {
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
    });
  }
}

function hours(svg, from, to, x, slot) {
  const spans = [5, 10, 15, 30, 60, 120, 180, 360].map((minutes) => minutes * MINUTE);
  const every = spans.find((one) => (to - from) / one <= 8) ?? 360 * MINUTE;
  for (let time = Math.ceil(from / every) * every; time < to; time += every) {
    const at = x(time) - slot / 2;
    const label = add(svg, "text", {
      x: at,
      y: HEIGHT - 6,
      "text-anchor": at < LEFT + slot ? "start" : "middle",
    });
    label.textContent = new Date(time).toISOString().slice(11, 16);
  }
}

function add(parent, name, attributes) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  parent.append(element);
  return element;
}
