import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { onEngine } from "./engine.ts";

describe("--engine", () => {
  const before = process.env.CANDLEBOOK_SPARK_HOME;
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "candlebook-engine-"));
    process.env.CANDLEBOOK_SPARK_HOME = folder;
  });
  afterEach(() => {
    if (before === undefined) delete process.env.CANDLEBOOK_SPARK_HOME;
    else process.env.CANDLEBOOK_SPARK_HOME = before;
    rmSync(folder, { recursive: true, force: true });
  });

  const work = async (session: object | null) => (session === null ? "embedded" : "spark");

  it("is the embedded one where nothing is said", async () => {
    expect(await onEngine({}, {}, work)).toBe("embedded");
    expect(await onEngine({ engine: "duckdb" }, {}, work)).toBe("embedded");
  });

  it.each([
    [{ engine: "flink" }, /duckdb or spark/],
    [{ sparkUrl: "sc://127.0.0.1" }, /not --engine spark/],
  ])("refuses %j", async (options, words) => {
    await expect(onEngine(options, {}, work)).rejects.toMatchObject({
      code: "bad_option",
      exit: 2,
      message: expect.stringMatching(words),
    });
  });

  it("says that no Spark server was started or named", async () => {
    await expect(onEngine({ engine: "spark" }, {}, work)).rejects.toMatchObject({
      code: "no_spark_server",
      exit: 2,
      next: expect.stringContaining("candlebook spark start"),
    });
  });

  it("refuses an address that is none, before anything is installed", async () => {
    await expect(onEngine({ engine: "spark", sparkUrl: "http://x" }, {}, work)).rejects.toMatchObject({
      code: "bad_spark_url",
    });
  });
});
