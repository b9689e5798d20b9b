import { mkdtemp, rm } from "node:fs/promises";
import { get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Candle, DailyCandle } from "../src/candle/candle.ts";
import { REAL_MARKET } from "../src/lake/marketClaim.ts";
import { type Following, followStream } from "../src/live/follow.ts";
import { type LiveServer, startLiveServer } from "../src/live/liveServer.ts";
import type { LivePicture } from "../src/live/picture.ts";
import type { FaultRule } from "../src/simulator/faults.ts";
import { consume } from "../src/speed/consume/consume.ts";
import { produce } from "../src/speed/produce/produce.ts";
import { candleToMessage } from "../src/speed/produce/toMessage.ts";
import type { Day } from "../src/time/day.ts";
import { MINUTE_MS } from "../src/time/epoch.ts";
import { encodeMessage } from "../src/topic/message.ts";
import { openTopic } from "../src/topic/openTopic.ts";
import { launchBrowser, type Misdeeds, noBrowser, openPage, seriousFindings } from "../testkit/browser.ts";
import { candlebook, startCandlebook } from "../testkit/candlebook.ts";
import { HOSTILE } from "../testkit/hostile.ts";
import { IMPATIENT, type Live, run, startLive, until } from "../testkit/live.ts";

if (noBrowser !== null) console.log(`the live page in a browser: skipped, ${noBrowser}`);

const START = Date.UTC(2025, 5, 3, 12);
const SYMBOLS = ["BTCUSDT", "ETHUSDT"];
const at = (minutes: number) => START + minutes * MINUTE_MS;
const FAULTS = [
  { on: "stream", from: at(20), to: at(26), fault: { kind: "refuse" } },
  { on: "stream", from: at(20), to: at(26), fault: { kind: "cut" } },
] as FaultRule[];

/** A table of the page as rows of its heads. */
async function tableOf(page: Page, id: string): Promise<Record<string, string>[]> {
  const rows = await page
    .locator(`#${id} tr`)
    .evaluateAll((all) => all.map((row) => [...row.children].map((cell) => cell.textContent ?? "")));
  const [heads, ...body] = rows;
  return body.map((cells) => Object.fromEntries(heads.map((head, i) => [head, cells[i]])));
}

/** The same rows as `status` tells them, in the page's words. */
function inWords({ symbol, day, ...numbers }: DailyCandle): Record<string, string> {
  const words = (["open", "high", "low", "close", "volume", "minutes"] as const).map((name) => {
    const value = numbers[name] as number;
    return [name, value.toLocaleString("en", { maximumFractionDigits: 8 })];
  });
  return { symbol, day, ...Object.fromEntries(words) };
}

const utc = (time: number) => new Date(time).toISOString().slice(0, 19).replace("T", " ");

describe.skipIf(noBrowser !== null)("the live page in Chromium", () => {
  let folder: string;
  let live: Live;
  let browser: Browser;
  let following: Following;
  let server: LiveServer;
  let page: Page;
  let misdeeds: Misdeeds;
  const stop = new AbortController();
  const work: Promise<unknown>[] = [];

  const minutesShown = async () =>
    page.locator("#symbols figure").evaluateAll((all) => all.map((one) => Number(one.dataset.minutes)));
  const told = (name: string) => page.locator("body").getAttribute(`data-${name}`);
  const openDay = () => consume(live.workspace, live.topic, { once: true });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "candlebook-live-"));
    live = await startLive({ root: folder, start: START, faults: FAULTS });
    browser = await launchBrowser();
    following = await followStream(live.workspace, live.topic);
    server = await startLiveServer(following, 0);
    ({ page, misdeeds } = await openPage(browser, server.url, { offline: false }));
  });
  afterAll(async () => {
    stop.abort();
    await Promise.allSettled(work);
    await following?.close();
    await server?.close();
    await browser?.close();
    await live?.close();
    await rm(folder, { recursive: true, force: true });
  });

  it("follows a simulated hour, with the stream lost for minutes, and agrees with status", async () => {
    const { workspace, topic } = live;
    const producing = produce(
      workspace,
      {
        symbols: SYMBOLS,
        topic,
        clock: live.learnt,
        streamUrl: live.simulator.streamUrl,
        exchange: live.exchange,
        patience: IMPATIENT,
      },
      { signal: stop.signal },
    );
    const quick = { batch: { messages: 500, ms: 200 } };
    work.push(producing, consume(workspace, topic, quick, { signal: stop.signal }));
    await until("the stream is connected", () => live.simulator.sockets() > 0);
    await run(live.clock, 15 * MINUTE_MS, 1_000);
    await until("the page shows a part of the hour", async () => (await minutesShown())[0] >= 10);
    expect(await page.locator("#symbols svg .rising, #symbols svg .falling").count()).toBeGreaterThan(10);
    await run(live.clock, 15 * MINUTE_MS, 1_000);
    await until("the stream stands again", () => live.simulator.sockets() > 0);
    await run(live.clock, 30 * MINUTE_MS, 1_000);
    await until("the page shows the hour", async () => (await minutesShown()).every((n) => n >= 60));
    await until("all is consumed", async () => (await told("behind")) === "0");

    const { out } = await candlebook(["status", "--json", "--workspace", folder]);
    const { stream } = JSON.parse(out);
    expect(stream.lag).toBe(0);
    const open = stream.open.map((day: DailyCandle, i: number) => ({
      ...inWords(day),
      "latest event": utc(stream.symbols[i].latestEvent),
      watermark: utc(stream.symbols[i].watermark),
    }));
    await expect.poll(() => tableOf(page, "windows")).toEqual(open);
    const shown = await tableOf(page, "windows");
    expect(shown.map(({ symbol, minutes }) => [symbol, Number(minutes) >= 60])).toEqual(
      SYMBOLS.map((symbol) => [symbol, true]),
    );
    await until("the producer's word is there", async () =>
      (await tableOf(page, "producers")).every((one) => Number(one["candles repaired"]) >= 5),
    );
    const producers = await tableOf(page, "producers");
    expect(producers.map(({ symbol, state }) => [symbol, state])).toEqual([
      ["BTCUSDT", "running"],
      ["ETHUSDT", "running"],
    ]);
    expect(producers.every(({ reconnects }) => Number(reconnects) >= 1)).toBe(true);
    const { out: later } = await candlebook(["status", "--workspace", folder]);
    const { reconnects, "candles repaired": repaired } = producers[0];
    expect(later).toContain(
      `BTCUSDT producer: ${reconnects} reconnects, ${repaired} candles repaired, 0 still missing`,
    );
  });

  it("is whole after a reload, and after the server was away while the stream went on", async () => {
    const before = await minutesShown();
    await page.reload();
    await until("the whole day is there again", async () => (await minutesShown()).length === 2);
    expect(await minutesShown()).toEqual(before);

    const port = Number(new URL(server.url).port);
    await server.close();
    await until("the page says so", async () => (await told("state")) === "lost");
    await run(live.clock, 10 * MINUTE_MS, 1_000);
    server = await startLiveServer(following, port);
    await until("the missed minutes are there", async () => (await minutesShown()).every((n) => n >= 70));
    await expect.poll(() => page.locator("#connection").innerText()).toBe("Connected");
    const held = () => following.picture().symbols.map(({ minutes }) => minutes.length);
    await until("the page shows all of them", async () => String(await minutesShown()) === String(held()));
  });

  it("has words beside each picture, times in UTC, and says that the market is simulated", async () => {
    const labels = await page
      .locator("#symbols svg")
      .evaluateAll((all) => all.map((one) => one.getAttribute("aria-label") ?? ""));
    expect(labels.every((label) => /candles of the open day\. 2025-06-03: open .* minutes/.test(label))).toBe(
      true,
    );
    await expect(page.locator("#simulated").isVisible()).resolves.toBe(true);
    await expect(
      page.locator("#symbols text").filter({ hasText: "13:00" }).first().isVisible(),
    ).resolves.toBe(true);
  });

  it("is in Vietnamese by a button or by its address, as often as the reader returns", async () => {
    await page.locator('[data-language="vi"]').click();
    const shown = async () => ({
      title: await page.title(),
      connection: await page.locator("#connection").innerText(),
      heads: Object.keys((await tableOf(page, "windows"))[0]).slice(0, 3),
      picture: await page.locator("#symbols svg").first().getAttribute("aria-label"),
    });
    const vietnamese = {
      title: "candlebook trực tiếp",
      connection: "Đã kết nối",
      heads: ["mã", "ngày", "mở"],
      picture: expect.stringMatching(/nến của ngày đang mở\. 2025-06-03: mở [\d.,]+, .* phút$/),
    };
    await expect.poll(shown).toEqual(vietnamese);
    await page.reload();
    await page.locator("#symbols figure .volume").first().waitFor();
    await expect.poll(shown).toEqual(vietnamese);
    const english = await page
      .locator("dt, figcaption, th, caption, h1, footer")
      .evaluateAll((all) => all.filter((one) => one.dataset.vi === undefined).map((one) => one.textContent));
    expect(english).toEqual([]);
    await page.locator('[data-language="en"]').click();
    await expect.poll(async () => (await shown()).connection).toBe("Connected");
  });

  it("begins at the checkpoint's windows where the topic no longer holds the day's beginning", async () => {
    stop.abort();
    await Promise.allSettled(work.splice(0));
    await openDay();
    const rest = {
      ...live.topic,
      ranges: async () =>
        (await live.topic.ranges()).map(({ partition, end }) => ({ partition, first: end, end })),
    };
    const late = await followStream(live.workspace, rest);
    await until("it has begun", () => late.picture().symbols.length === 2);
    expect(late.picture().symbols).toEqual(following.picture().symbols);
    await late.close();
  });

  it("asked for nothing but its own files, and raised no error but for the server's absence", async () => {
    const strangers = misdeeds.requests.filter((request) => !request.startsWith(new URL(server.url).origin));
    expect(strangers).toEqual([]);
    expect(misdeeds.errors.filter((error) => !/ERR_CONNECTION|ERR_INCOMPLETE|ERR_EMPTY/.test(error))).toEqual(
      [],
    );
  });

  it("can be used by ear, in light and dark: axe finds nothing serious", async () => {
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      expect({ colorScheme, found: await seriousFindings(page) }).toEqual({ colorScheme, found: [] });
    }
  });

  it("shows the real exchange's stream without that word", async () => {
    const workspace = { ...live.workspace, root: join(folder, "real"), market: REAL_MARKET };
    const topic = await openTopic(workspace);
    const [minute] = live.minutes("BTCUSDT", START, START + MINUTE_MS);
    const value = encodeMessage(candleToMessage(minute as Candle, "1m", {}));
    await topic.append([{ key: "BTCUSDT", value }]);
    const real = await followStream(workspace, topic);
    await until("it has begun", () => real.picture().symbols.length === 1);
    const { simulated, symbols, consumer, problem } = real.picture();
    expect({ simulated, consumer, problem, minutes: symbols[0].minutes.length }).toEqual({
      simulated: false,
      consumer: null,
      problem: null,
      minutes: 1,
    });
    await real.close();
    await topic.close();
  });

  it("answers nobody who comes by another name or another address, and nothing but GET", async () => {
    const { port } = new URL(server.url);
    const asked = (path: string, options: object) =>
      new Promise((resolve) => {
        const asking = get({ host: "127.0.0.1", port, path, ...options }, (answer) =>
          resolve(answer.resume().statusCode),
        );
        asking.on("error", ({ code }: NodeJS.ErrnoException) => resolve(code));
      });
    // Linux has all of 127/8 for itself; a server on every address would answer there too, as the simulator would.
    if (process.platform === "linux")
      for (const one of [port, new URL(live.simulator.restUrl).port])
        expect(await asked("/", { host: "127.0.0.2", port: one })).toBe("ECONNREFUSED");
    expect(await asked("/events", { headers: { host: `evil.example:${port}` } })).toBe(403);
    expect(await asked("/", { method: "POST" })).toBe(403);
    expect(await asked("/../package.json", {})).toBe(404);
    expect(await asked("/", {})).toBe(200);
  });

  it("shows hostile strings as text", async () => {
    const { symbols, consumer, producers } = following.picture();
    const hostile = (texts: readonly string[]): LivePicture => ({
      whole: true,
      simulated: true,
      now: null,
      symbols: texts.map((symbol) => ({ ...symbols[0], symbol })),
      consumer: consumer && {
        ...consumer,
        open: texts.map((symbol) => ({ ...consumer.open[0], symbol, day: symbol as Day })),
      },
      producers: texts.map((symbol) => ({ ...producers[0], symbol })),
      problem: texts[0],
    });
    let tell: (picture: LivePicture) => void = () => {};
    const source = {
      picture: () => hostile(["plain"]),
      onChange: (listener: typeof tell) => {
        tell = listener;
        return () => {};
      },
    };
    const other = await startLiveServer(source, 0);
    const { page: shown, misdeeds: done } = await openPage(browser, other.url, { offline: false });
    await shown.locator("#symbols figure").first().waitFor();
    const size = 50;
    for (let i = 0; i < HOSTILE.length; i += size) {
      const texts = HOSTILE.slice(i, i + size);
      tell(hostile(texts));
      const wanted = texts[0].toWellFormed();
      await until("it is shown", async () => (await shown.locator("#problem").textContent()) === wanted);
      expect(await shown.locator("#windows tbody tr").count()).toBe(texts.length);
    }
    const ran = await shown.evaluate(() => (globalThis as { pwned?: number }).pwned ?? 0);
    const strangers = done.requests.filter((request) => !request.startsWith(other.url));
    expect({ ran, strangers, errors: done.errors }).toEqual({ ran: 0, strangers: [], errors: [] });
    await shown.context().close();
    await other.close();
  });

  it("is served by the command, in a workspace that takes the simulated exchange's market later", async () => {
    const root = join(folder, "commands");
    const env = { CANDLEBOOK_WORKSPACE: root };
    const begun = async (words: readonly string[]) => {
      const started = startCandlebook(words, env);
      const line = await new Promise<string>((resolve) => {
        started.child.stdout.once("data", (part) => resolve(String(part).split("\n")[0]));
      });
      return { ...started, line: JSON.parse(line) as { url: string; streamUrl: string } };
    };
    const served = await begun(["live", "--port", "0", "--json"]);
    const { url } = served.line;
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
    const exchange = await begun(["simulate", "--speed", "60"]);
    const { streamUrl } = exchange.line;
    const words = ["produce", "--messages", "40", "--symbols", "BTCUSDT", "--stream-url", streamUrl];
    expect(await candlebook(words, env)).toMatchObject({ exit: 0 });
    const { page: shown } = await openPage(browser, url, { offline: false });
    await shown.locator("#symbols figure .volume").first().waitFor();
    await expect.poll(() => shown.locator("#simulated").isVisible()).toBe(true);
    await shown.context().close();

    const busy = await candlebook(["live", "--port", new URL(url).port, "--workspace", root]);
    expect(busy).toMatchObject({ exit: 2, out: "" });
    expect(busy.err).toContain("--port N");
    for (const { child } of [served, exchange]) child.kill("SIGINT");
    expect((await served.finished).exit).toBe(0);
    await exchange.finished;
  });
});
