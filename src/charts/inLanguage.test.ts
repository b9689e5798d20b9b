import { expect, it } from "vitest";
import { dayRows } from "../../testkit/tables.ts";
import { candleChart } from "./candles.ts";
import { figureHtml } from "./html.ts";
import { inLanguage } from "./inLanguage.ts";

const figure = candleChart(dayRows("2024-01-01", 60), { source: "simulated" });

it("a figure shows each of its texts in one language, and the same data in both", () => {
  const [english, shown] = (["en", "vi"] as const).map(
    (language) => inLanguage(figure.interactive, language) as typeof figure.interactive,
  );
  expect(JSON.stringify(english)).toMatch(/BTCUSDT: daily candles.*SIMULATED/);
  expect(JSON.stringify(shown)).toMatch(/BTCUSDT: nến ngày.*MÔ PHỎNG/);
  expect(JSON.stringify([english, shown])).not.toMatch(/"(en|vi)":/);
  expect(shown.data.map(({ x, y }) => [x, y])).toEqual(english.data.map(({ x, y }) => [x, y]));
  expect(shown.layout.xaxis).toHaveProperty("tickformatstops");
  expect(english.layout.xaxis).not.toHaveProperty("tickformatstops");
});

it("a still picture is English, with the Vietnamese of every text beside it", () => {
  const html = figureHtml(figure);
  expect(html).toContain('<title data-vi="BTCUSDT: nến ngày">BTCUSDT: daily candles</title>');
  expect(html).toContain('data-label-vi="BTCUSDT: nến ngày. 60 ngày từ');
  expect(html).toMatch(/data-vi="↑ giá, USDT"[^>]*>↑ price, USDT</);
  expect(html).toMatch(/data-vi="Thg 2"[^>]*>Feb</);
  const words = [...html.matchAll(/<(?:text|tspan)([^>]*)>([^<]*[a-z]{3}[^<]*)</g)];
  expect(words.length).toBeGreaterThan(5);
  expect(words.filter(([, attributes]) => !attributes.includes("data-vi"))).toEqual([]);
});
