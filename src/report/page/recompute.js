import { formatPrice } from "../../charts/theme.ts";
import { makeAsker } from "./asker.js";
import { fanOf } from "./fan.ts";

/**
 * Lets the reader choose symbol, model, days ahead and band; computes when the section comes into view.
 * @param {string} code of the worker that forecasts
 */
export function makeRecompute(code) {
  const section = document.querySelector("#recompute");
  if (section === null) return;
  const { source, tables } = JSON.parse(section.querySelector("#daily-tables").textContent);
  const field = (name) => section.querySelector(`[name="${name}"]`);
  const { ask, cancel } = makeAsker(code);
  const start = () => {
    cancel();
    if (!field("horizon").validity.valid || field("horizon").value === "") {
      say(section, `Days ahead: a whole number from 1 to ${field("horizon").max}.`);
      return;
    }
    const table = tables.find(({ symbol }) => symbol === field("symbol").value);
    const choice = {
      model: field("model").value,
      horizon: field("horizon").valueAsNumber,
      level: Number(field("level").value),
    };
    say(section, "computing …", true);
    ask({ table, choice }, ({ days, refused }) => {
      if (refused !== undefined) return say(section, refused);
      const fan = fanOf(table, choice, days, source);
      fillTable(section.querySelector("table"), days, fan.title);
      drawFigure(section.querySelector(".picture"), fan);
      say(section, `${fan.title}. ${fan.alt}`);
    });
  };
  for (const control of section.querySelectorAll("select, input")) control.addEventListener("change", start);
  new IntersectionObserver((entries, observer) => {
    if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
    observer.disconnect();
    start();
  }).observe(section.querySelector(".controls"));
}

/** The words are heard; what they stand above is marked as outdated while it is computed anew. */
function say(section, words, busy = false) {
  for (const part of section.querySelectorAll(".picture, .output"))
    part.setAttribute("aria-busy", String(busy));
  section.querySelector(".status").textContent = words;
}

function fillTable(table, days, title) {
  table.caption.textContent = title;
  const rows = days.map((day) => {
    const row = document.createElement("tr");
    for (const [value, text] of [
      [day.day, day.day],
      [day.daysAhead, String(day.daysAhead)],
      [day.forecast, formatPrice(day.forecast)],
      [day.low, formatPrice(day.low)],
      [day.high, formatPrice(day.high)],
    ]) {
      const cell = row.insertCell();
      cell.textContent = text;
      cell.dataset.value = String(value);
    }
    return row;
  });
  table.tBodies[0].replaceChildren(...rows);
}

/** A new figure takes the place of the old one; the page's own script finds and draws it. */
function drawFigure(place, { title, alt, interactive }) {
  const figure = document.createElement("figure");
  figure.className = "candlebook-figure";
  figure.dataset.figure = JSON.stringify(interactive);
  const words = document.createElement("div");
  words.className = "candlebook-static";
  words.setAttribute("role", "img");
  words.setAttribute("aria-label", `${title}. ${alt}`);
  figure.append(words);
  const old = place.querySelector(".candlebook-chart");
  if (old !== null) window.Plotly.purge(old);
  place.replaceChildren(figure);
}
