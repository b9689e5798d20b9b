import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { commandLine } from "../../testkit/commandLine.ts";
import { commands } from "./commands.ts";
import { parseSettings, SETTINGS } from "./settings.ts";
import { findSettings, SETTINGS_FILE } from "./settingsFile.ts";

async function readSettings(root: string): Promise<Map<string, string>> {
  const file = await findSettings(root);
  return file === null ? new Map() : parseSettings(file);
}

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "candlebook-settings-"));
});
afterEach(() => rm(root, { recursive: true }));

const settings = (text: string) => writeFile(join(root, SETTINGS_FILE), text);
const type = (...words: string[]) => commandLine(...words, "--workspace", root);

describe("the settings file", () => {
  it("is written with every key as a comment, and never over another one", async () => {
    expect((await type("init")).out).toContain(SETTINGS_FILE);
    expect(await readSettings(root)).toEqual(new Map());
    const text = await readFile(join(root, SETTINGS_FILE), "utf8");
    const examples = text.split("\n").flatMap((line) => /^# (\w+: \S.*)$/.exec(line)?.[1] ?? []);
    await settings(examples.join("\n"));
    expect([...(await readSettings(root)).keys()]).toEqual(Object.keys(SETTINGS));
    expect(await type("init")).toMatchObject({ exit: 2, err: expect.stringContaining("exists") });
  });

  it("names options that the commands have", async () => {
    for (const { options } of Object.values(SETTINGS)) {
      for (const [name, attribute] of Object.entries(options)) {
        const program = new Command();
        const { terminal, signal } = {
          terminal: { out() {}, err() {}, live: false },
          signal: AbortSignal.abort(),
        };
        (await commands[name]())(program, { terminal, signal, setExit() {} });
        const known = program.commands[0].options.map((option) => option.attributeName());
        expect(known, name).toContain(attribute);
      }
    }
  });

  it("is read from the folder above where the workspace has none", async () => {
    const below = join(root, "simulated");
    await mkdir(below);
    await settings("horizon: 14\n");
    expect(await readSettings(below)).toEqual(new Map([["horizon", "14"]]));
    await writeFile(join(below, SETTINGS_FILE), "");
    expect(await readSettings(below)).toEqual(new Map());
  });

  it.each([
    ["# one\nhorizn: 30\n", "line 2: unknown key horizn", "Did you mean horizon?"],
    ["horizon: soon\n", 'line 1: horizon has "soon"; expected a whole number', "horizon: 30"],
    ["horizon:\n", "line 1: horizon has", "horizon: 30"],
    ["symbols: BTCUSDT\n", "line 1: symbols is not a list", "[BTCUSDT, ETHUSDT]"],
    ["symbols:\n  - BTCUSDT\n  - '*'\n", 'line 3: symbols has "*"; expected a trading pair', "[BTCUSDT"],
    ["models: [naive, thta]\n", 'line 1: models has "thta"', "Did you mean theta?"],
    ["models: [theta]\n", "line 1: models has no naive", "every score is compared with it"],
    ["intervals: [4h, 5h]\n", 'line 1: intervals has "5h"', "Did you mean"],
    ["brokers: [http://x]\n", "line 1: brokers has", "127.0.0.1:9092"],
    ["language: de\n", "line 1: language has", "language: en"],
    ["horizon: 3\nhorizon: 4\n", "line 2: not valid YAML", "Correct that line."],
    ["symbols: [BTCUSDT\n", "not valid YAML", "Correct that line."],
    ["- horizon\n", "line 1: expected lines such as horizon: 30", "The keys are symbols"],
  ])("with %j is refused with its line", async (text, found, next) => {
    await settings(text);
    const { err, exit } = await type("status");
    expect({ err, exit }).toEqual({ err: expect.stringContaining(found), exit: 2 });
    expect(err).toContain(next);
    expect(err).toContain(SETTINGS_FILE);
  });

  it("never fails otherwise, whatever it holds", () =>
    fc.assert(
      fc.asyncProperty(fc.oneof(fc.string({ unit: "binary" }), fc.json()), async (text) => {
        await settings(text);
        await readSettings(root).catch((error) =>
          expect(error).toMatchObject({ code: "bad_settings", exit: 2 }),
        );
      }),
      { numRuns: 200 },
    ));
});

describe("a setting", () => {
  it("replaces the default of an option, not the option", async () => {
    await settings("intervals: [5m]\n");
    // Without minutes the command ends, after the option was read.
    expect((await type("candles")).err).not.toContain("No interval is named");
    await settings("");
    expect((await type("candles")).err).toContain("No interval is named");
    await settings("models: [naive, theta]\n");
    expect((await type("forecast", "--models", "thta")).err).toContain("Did you mean theta?");
  });

  it("for other commands is no option without effect", async () => {
    await settings("models: [naive]\nsymbols: [SOLUSDT]\n");
    expect((await type("evaluate", "--lesson", "leak")).err).not.toContain("no effect");
    expect((await type("run", "--csv", join(root, "none.csv"))).err).not.toContain("no effect");
  });
});
