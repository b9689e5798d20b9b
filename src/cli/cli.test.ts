import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { PROJECT } from "../../testkit/candlebook.ts";
import { commandLine } from "../../testkit/commandLine.ts";
import { bytesText, grouped, textTable } from "./table.ts";
import { progressPrinter } from "./terminal.ts";

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "candlebook-cli-"));
});
afterAll(() => rm(root, { recursive: true }));

describe("candlebook", () => {
  it("has help with an example for every command", async () => {
    const names = [...(await commandLine("--help")).out.matchAll(/^ {2}([a-z]+)/gm)].map(([, name]) => name);
    expect(names).toEqual(expect.arrayContaining(["run", "ingest", "clean", "daily", "merge", "forecast"]));
    for (const name of names.filter((word) => word !== "help")) {
      const { out, exit } = await commandLine(name, "--help");
      expect({ name, exit }).toEqual({ name, exit: 0 });
      expect(out).toMatch(/Example:\n {2}candlebook /);
      expect(out).toContain("--json");
    }
  });

  it("answers wrong use with exit 2 and what to do", async () => {
    for (const [words, help] of [
      [["no-such-command"], "candlebook --help"],
      [["merge", "--no-such-option"], "candlebook merge --help"],
      [["query"], "candlebook query --help"],
    ] as const) {
      const { err, exit } = await commandLine(...words);
      expect(exit).toBe(2);
      expect(err).toMatch(new RegExp(`^error: .+\\n {2}See ${help}`));
    }
  });

  it("tells programs code, message and next of a failure", async () => {
    const { out, exit } = await commandLine("merge", "--workspace", root, "--json");
    expect(exit).toBe(2);
    expect(JSON.parse(out)).toEqual({
      error: { code: "nothing_to_merge", message: expect.any(String), next: expect.any(String) },
    });
  });

  it.each([
    [["--memory", "lots"], /memory/],
    [["--threads", "many"], /threads/],
    [["--now", "yesterday"], /now/],
  ])("refuses %j", async (options, words) => {
    const { err, exit } = await commandLine("status", "--workspace", root, ...options);
    expect(exit).toBe(2);
    expect(err).toMatch(words);
  });

  it("says how to begin where nothing is there", async () => {
    const { out, exit } = await commandLine("status", "--workspace", root);
    expect({ out, exit }).toEqual({ out: expect.stringContaining("candlebook run --csv"), exit: 0 });
  });
});

it.skipIf(process.platform === "win32")("a folder that is gone is one sentence", () => {
  const gone = join(root, "gone");
  const bin = join(PROJECT, "bin", "candlebook.mjs");
  const line = `mkdir "${gone}" && cd "${gone}" && rmdir "${gone}" && exec "${process.execPath}" "${bin}" status`;
  const { status, stderr } = spawnSync("sh", ["-c", line], { encoding: "utf8" });
  expect({ status, stderr }).toEqual({
    status: 2,
    stderr: "The current folder no longer exists.\nChange to another folder.\n",
  });
});

describe("texts", () => {
  it("aligns numbers to the right, and lets no cell move the cursor", () => {
    expect(
      textTable([
        { name: "a\x1b[2J", n: 5 },
        { name: "long", n: 12_345 },
      ]),
    ).toBe("name       n\na?[2J      5\nlong   12345");
  });

  it("gives the numbers of a column the same decimals, and no noise", () => {
    const rows = [
      { n: 206051.47800000006, text: "1.5", m: 1e-7, grouped: "1,234", none: null },
      { n: -2, text: "2", m: 0.25, grouped: "5", none: 0.5 },
    ];
    expect(textTable(rows).split("\n")).toEqual(
      [
        "         n  text     m  grouped  none",
        "206051.478   1.5  1e-7    1,234      ",
        "    -2.000     2  0.25        5   0.5",
      ].map((line) => line.trimEnd()),
    );
  });

  it("groups thousands and scales bytes the same everywhere", () => {
    expect([grouped(0), grouped(999), grouped(1_234_567)]).toEqual(["0", "999", "1,234,567"]);
    expect([bytesText(0), bytesText(999), bytesText(1_500_000)]).toEqual(["0 B", "999 B", "1.5 MB"]);
  });

  it("prints no bar and at most a line a second where stderr is no terminal", () => {
    const lines: string[] = [];
    let now = 0;
    const terminal = { out: () => {}, err: (text: string) => void lines.push(text), live: false };
    const { progress } = progressPrinter(terminal, () => now);
    for (; now < 1_500; now += 10) progress({ stage: "clean", note: "2024", done: now, total: 1_500 });
    expect(lines).toEqual(["clean: 0 % 2024\n", "clean: 66 % 2024\n"]);
  });
});

describe("wrong use", () => {
  it.each([
    [["run", "--frm", "2025-01-01"], "Did you mean --from? See candlebook run --help."],
    [["quer", "x"], "Did you mean query? See candlebook --help."],
    [["help", "stauts"], "unknown command 'stauts'.\n  Did you mean status? See candlebook --help."],
    [["spark", "status"], "See candlebook spark --help."],
    [["prune", "--older-than", "90"], "such as 90s, 2m, 1h or 30d"],
    [["backfill", "--from", "2025-02-01", "--to", "2025-01-01"], "--from 2025-01-01 --to 2025-02-01"],
    [["download", "--from", "2025-02-01", "--to", "2025-01-01"], "the range ends before it begins"],
    [["run", "--simulated", "--symbols", "BTCUSDT"], "--symbols has no effect here"],
    [["status", "--max-age", "3h"], "--max-age has no effect here"],
    [["evaluate", "--lesson", "leak", "--step", "3", "--csv"], "--step and --csv have no effect here"],
    [["query", "SELECT 1", "--out", "answer.txt"], "The name answer.txt states none of the formats"],
    [["run", "--until", "figurs"], "Did you mean figures? See candlebook run --help."],
    [["evaluate", "--horizon", "abc"], "See candlebook evaluate --help."],
    [["query", "SELECT missng FROM (SELECT 1 AS missing)"], 'Candidate bindings: "missing"'],
    [["notebooks", "--only", "wek3"], "Did you mean week3?"],
    [["consume", "--once"], "This workspace has no topic"],
    [["snapshot"], "candlebook produce --for 2m"],
  ])("of %j has exit 2 and says what to do", async (words, said) => {
    const place = words[0] === "quer" || words[0] === "help" ? [] : ["--workspace", root];
    const { err, exit } = await commandLine(...words, ...place);
    expect({ err, exit }).toEqual({ err: expect.stringContaining(said), exit: 2 });
  });

  it("writes an answer in the format that the file's name states", async () => {
    for (const [name, start] of [
      ["a.csv", "one\n1"],
      ["a.json", "[\n"],
      ["a.parquet", "PAR1"],
      ["a.xlsx", "PK"],
    ]) {
      const path = join(root, name);
      const { exit, out } = await commandLine("query", "SELECT 1 AS one", "--out", path, "--workspace", root);
      expect({ exit, out }).toEqual({ exit: 0, out: expect.stringContaining(": 1 row, ") });
      expect((await readFile(path, "utf8")).startsWith(start)).toBe(true);
    }
  });

  it("shows the time since the last news of long work, and of stages side by side each once a second", () => {
    vi.useFakeTimers();
    const said: string[] = [];
    let now = 0;
    const err = (text: string) => void said.push(text);
    const live = progressPrinter({ out: () => {}, err, live: true }, () => now);
    live.progress({ stage: "figures", note: "BTCUSDT" });
    now = 4_000;
    vi.advanceTimersByTime(1_000);
    live.clear();
    now = 9_000;
    vi.advanceTimersByTime(5_000);
    expect(said.at(-2)).toContain("figures: BTCUSDT, 4 s");
    expect(said).toHaveLength(3);
    vi.useRealTimers();

    said.length = 0;
    const plain = progressPrinter({ out: () => {}, err, live: false }, () => now);
    for (let i = 0; i < 20; i += 1) plain.progress({ stage: i % 2 ? "figures" : "notebooks", note: "x" });
    expect(said).toEqual(["notebooks: x\n", "figures: x\n"]);
  });

  it("never shows 100 % of work that is still going on", () => {
    const said: string[] = [];
    const terminal = { out: () => {}, err: (text: string) => void said.push(text), live: true };
    const printer = progressPrinter(terminal);
    printer.progress({ stage: "ingest", note: "x.csv", done: 24, total: 24 });
    printer.clear();
    expect(said.join("")).toContain("ingest: 99 % x.csv");
  });
});
