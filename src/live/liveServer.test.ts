import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type LiveServer, startLiveServer } from "./liveServer.ts";
import type { LivePicture } from "./picture.ts";

const EMPTY: Omit<LivePicture, "whole"> = {
  ...{ simulated: false, now: null, symbols: [], consumer: null, producers: [], problem: null },
};

let server: LiveServer;
let listener: ((change: LivePicture) => void) | null = null;
const following = {
  picture: () => ({ ...EMPTY, whole: true }),
  onChange: (one: (change: LivePicture) => void) => {
    listener = one;
    return () => {
      listener = null;
    };
  },
};

beforeEach(async () => {
  server = await startLiveServer(following, 0);
});
afterEach(() => server.close());

describe("the live server", () => {
  it("serves the page and its files, which may load nothing from elsewhere, and no other path", async () => {
    const page = await fetch(server.url);
    const html = await page.text();
    expect(page.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(page.headers.get("content-security-policy")).toMatch(/^default-src 'none'; script-src 'self';/);
    const files = [...html.matchAll(/(?:href|src)="(\/[^"]+)"/g)].map(([, path]) => path);
    expect(files).toEqual(["/live.css", "/live.js"]);
    for (const path of files) expect((await fetch(new URL(path, server.url))).status).toBe(200);
    expect((await fetch(`${server.url}package.json`)).status).toBe(404);
    expect((await fetch(server.url, { method: "POST" })).status).toBe(403);
  });

  it("sends the whole picture first and then the changes", async () => {
    const { body } = await fetch(`${server.url}events`);
    const reader = body
      ?.pipeThrough(new TextDecoderStream())
      .getReader() as ReadableStreamDefaultReader<string>;
    let text = "";
    const pictures = async (count: number) => {
      const found = () => [...text.matchAll(/^data: (.*)\n\n/gm)].map(([, json]) => JSON.parse(json));
      while (found().length < count) text += (await reader.read()).value ?? "";
      return found();
    };
    expect(await pictures(1)).toEqual([{ ...EMPTY, whole: true }]);
    expect(server.listeners()).toBe(1);
    listener?.({ ...EMPTY, whole: false, problem: "No broker answers." });
    expect((await pictures(2))[1]).toEqual({ ...EMPTY, whole: false, problem: "No broker answers." });
    await reader.cancel();
  });

  it("refuses a port that is in use", async () => {
    const port = Number(new URL(server.url).port);
    await expect(startLiveServer(following, port)).rejects.toMatchObject({ code: "port_in_use", exit: 2 });
  });

  it("listens to no changes once it is closed", async () => {
    const other = await startLiveServer(following, 0);
    await other.close();
    expect(listener).toBeNull();
  });
});
