import { FIGURE_CLASS, spokenOf } from "../../charts/html.ts";
import { formatPrice } from "../../charts/theme.ts";
import { exactText } from "../../core/numbers.ts";
import { en, sameText, type Text } from "../../core/text.ts";
import type { EmbeddedTables } from "../../report/dailyTable.ts";
import { element, find, setLabel, setText } from "../dom.ts";
import type { Answer, Question } from "./answerChoices.ts";
import { type BandFigure, bandFigure } from "./bandFigure.ts";
import type { BandDay } from "./bandForecast.ts";
import { LatestWorker } from "./latestWorker.ts";

const FAILED = en`This browser could not compute the forecast.`.vi`Trình duyệt này không tính được dự báo.`;

/** The section of the report in which the reader chooses symbol, model, days ahead and band, and a worker computes. */
export class RecomputeSection {
  readonly #section: HTMLElement;
  readonly #embedded: EmbeddedTables;
  readonly #worker: LatestWorker<Question, Answer>;

  /** @param script text of the worker that computes the forecasts */
  constructor(section: HTMLElement, script: string) {
    this.#section = section;
    this.#embedded = JSON.parse(find(section, "#daily-tables").textContent);
    const url = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
    this.#worker = new LatestWorker(() => new Worker(url));
  }

  /** Computes when the section is first scrolled to, and whenever a choice changes. */
  start(): void {
    for (const control of this.#section.querySelectorAll("select, input"))
      control.addEventListener("change", () => this.#compute());
    new IntersectionObserver((entries, observer) => {
      if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
      observer.disconnect();
      this.#compute();
    }).observe(find(this.#section, ".controls"));
  }

  #compute(): void {
    this.#worker.cancel();
    const horizon = this.#field<HTMLInputElement>("horizon");
    if (!horizon.validity.valid || horizon.value === "") {
      this.#showStatus(
        en`Days ahead: a whole number from 1 to ${horizon.max}.`
          .vi`Số ngày phía trước: một số nguyên từ 1 đến ${horizon.max}.`,
      );
      return;
    }
    const { source, tables } = this.#embedded;
    const symbol = this.#field("symbol").value;
    const table = tables.find((one) => one.symbol === symbol) ?? tables[0];
    const choice = {
      model: this.#field("model").value,
      horizon: horizon.valueAsNumber,
      level: Number(this.#field("level").value),
    };
    this.#showStatus({ en: "computing …", vi: "đang tính …" }, "busy");
    this.#worker.ask({ table, choice }, (answer) => {
      if (answer === null) return this.#showStatus(FAILED);
      if ("refused" in answer) return this.#showStatus(sameText(answer.refused));
      const figure = bandFigure(table, choice, answer.days, source);
      fillTable(find(this.#section, "table"), answer.days, figure.title);
      replaceFigure(find(this.#section, ".picture"), figure);
      this.#showStatus(spokenOf(figure));
    });
  }

  #field<Kind extends HTMLElement = HTMLSelectElement>(name: string): Kind {
    return find<Kind>(this.#section, `[name="${name}"]`);
  }

  /** Sets the status text, which screen readers read out; while busy, picture and table are marked as outdated. */
  #showStatus(text: Text, state: "busy" | "done" = "done"): void {
    for (const part of this.#section.querySelectorAll(".picture, .output"))
      part.setAttribute("aria-busy", String(state === "busy"));
    setText(find(this.#section, ".status"), text);
  }
}

function fillTable(table: HTMLTableElement, days: readonly BandDay[], title: Text): void {
  setText(find(table, "caption"), title);
  const rows = days.map(({ day, daysAhead, forecast, low, high }) => {
    const row = element("tr");
    addCell(row, day, sameText(day));
    addCell(row, String(daysAhead), sameText(String(daysAhead)));
    for (const price of [forecast, low, high]) addCell(row, exactText(price), formatPrice(price));
    return row;
  });
  table.tBodies[0].replaceChildren(...rows);
}

/** @param value the exact value, which the CSV has instead of the text */
function addCell(row: HTMLTableRowElement, value: string, text: Text): void {
  const cell = row.insertCell();
  cell.dataset.value = value;
  setText(cell, text);
}

/** Replaces the figure in `place`; the script of the figures finds the new one and draws it. */
function replaceFigure(place: HTMLElement, banded: BandFigure): void {
  const still = element("div", { className: "candlebook-static" });
  still.setAttribute("role", "img");
  setLabel(still, spokenOf(banded));
  const figure = element("figure", { className: FIGURE_CLASS }, still);
  figure.dataset.figure = JSON.stringify(banded.interactive);
  const old = place.querySelector<HTMLElement>(".candlebook-chart");
  if (old !== null) window.Plotly.purge(old);
  place.replaceChildren(figure);
}
