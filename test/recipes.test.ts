import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openWorkspace } from "../src/lake/openWorkspace.ts";
import { PROJECT } from "../testkit/candlebook.ts";
import { publishInput } from "../testkit/forecastInput.ts";
import { randomWalk } from "../testkit/series.ts";

interface Block {
  recipe: string;
  path: string;
  /** A whole file, or the lines of it that change. */
  kind: "file" | "diff";
  text: string;
}

/** Files of the project that a copy of it does without. */
const NOT_COPIED =
  /^(node_modules|\.git|\.cache|golden|data|data_analysis|report|simulated|demo|api|screenshots)$/;
const PAGES = ["README.md", "docs/semantics.md", "notebooks/start.md"];

const blocks = blocksOf(readFileSync(join(PROJECT, "docs/recipes.md"), "utf8"));
let copy: string;
let workspace: string;

// One copy and one build for all recipes: they are done together.
beforeAll(async () => {
  copy = mkdtempSync(join(tmpdir(), "candlebook-recipes-"));
  workspace = join(copy, "workspace");
  const skipped = (path: string) => NOT_COPIED.test(path) || path === join("environment", ".venv");
  cpSync(PROJECT, copy, { recursive: true, filter: (path) => !skipped(relative(PROJECT, path)) });
  symlinkSync(join(PROJECT, "node_modules"), join(copy, "node_modules"), "junction");
  mkdirSync(join(copy, ".cache"));
  for (const block of blocks) apply(block);
  const build = 'import("./environment/build.mjs").then(({ build }) => build.run())';
  expect(run("-e", build)).toMatchObject({ status: 0, stderr: "" });
  const opened = await openWorkspace({ root: workspace, threads: 2, memory: "512MB" });
  await publishInput(opened, [randomWalk(1, 400)]);
});
afterAll(() => rmSync(copy, { recursive: true, force: true, maxRetries: 3 }));

describe("the steps of docs/recipes.md", () => {
  it.each([
    ["A command", ["docs/reference.md", "src/cli/commands.ts", "src/cli/days.ts"]],
    [
      "A model",
      [
        "own-model-file.ts",
        "own-model.ts",
        "src/forecast/recentMean.test.ts",
        "src/forecast/recentMean.ts",
        "src/forecast/registry.ts",
      ],
    ],
    ["A loss", ["src/evaluation/bias.test.ts", "src/evaluation/losses.ts"]],
    [
      "A figure",
      [
        "own-figure.ts",
        "src/charts/range.test.ts",
        "src/charts/range.ts",
        "src/index.ts",
        "src/pipeline/figures.test.ts",
        "src/pipeline/figures.ts",
      ],
    ],
    ["A week", ["notebooks/week9-volume.ipynb", "src/course/weeks.ts"]],
  ])("%s touches as many files as the page says", (recipe, paths) => {
    const own = blocks.filter((block) => block.recipe === recipe).map(({ path }) => path);
    expect(own.toSorted()).toEqual(paths);
    const row = new RegExp(`^\\| ${recipe.toLowerCase()} \\| (\\d)`, "m");
    const [, count] = row.exec(readFileSync(join(PROJECT, "docs/recipes.md"), "utf8")) ?? [];
    const byHand = paths.filter((path) => !/\.test\.ts$|^own-/.test(path));
    expect(byHand).toHaveLength(Number(count));
  });

  it("pass the checks of the project, the lists of the pages written by their command", () => {
    const before = PAGES.map(read);
    expect(run("tools/lists.ts")).toMatchObject({ status: 0 });
    expect(PAGES.filter((page, i) => read(page) !== before[i])).toEqual(PAGES);
    const code = blocks.map(({ path }) => path).filter((path) => /^src.*\.ts$/.test(path));
    const style = run("node_modules/@biomejs/biome/bin/biome", "check", ...code);
    expect(style.status, style.stdout + style.stderr).toBe(0);
    const tests = ["forecast/recentMean", "forecast/models", "forecast/registry", "evaluation/bias"];
    const drawing = ["charts/range", "pipeline/figures"];
    const words = [...tests, ...drawing, "evaluation/losses", "course/weeks", "notebooks/notebooks.test"];
    const checked = run("node_modules/vitest/vitest.mjs", "run", "--project", "unit", ...words);
    expect(checked.status, checked.stdout + checked.stderr).toBe(0);
    expect(checked.stdout).toMatch(new RegExp(`Test Files .*${words.length} passed`));
  });
});

describe("what they add", () => {
  it("the command answers, and the help lists it", () => {
    const { symbols } = JSON.parse(candlebook("days", "--json"));
    expect(symbols).toEqual([{ symbol: "TESTUSDT", days: 400, first: "2020-01-01", last: "2021-02-03" }]);
    expect(candlebook("--help")).toMatch(/^ {2}days .*models read$/m);
    expect(read("docs/reference.md").match(/^### days\n\n`candlebook days`/gm)).toHaveLength(1);
  });

  it("the model is scored and published, the loss is in the scoreboard and among the details", () => {
    const text = candlebook("forecast", "--models", "naive,recent_mean");
    const [head, ...rows] = text.split("\n").filter((line) => /^(model|naive|recent_mean) /.test(line));
    expect(head).toMatch(/width 80 % +bias % +CRPS skill %/);
    expect(rows.map((row) => row.split(/ +/).slice(0, 2).join(" "))).toContainEqual(
      expect.stringMatching(/^recent_mean \d/),
    );
    const sql = "SELECT count(*)::INTEGER AS days FROM prophet_forecasts WHERE model = 'recent_mean'";
    expect(JSON.parse(candlebook("query", sql, "--json")).rows).toEqual([{ days: 30 }]);
    const details = candlebook("evaluate", "--models", "naive,recent_mean", "--csv").split("\n")[0];
    expect(details).toMatch(/,intervalScore95,bias,skill,/);
    const metrics = readFileSync(join(workspace, "data_analysis/prophet_metrics/metrics.csv"), "utf8");
    expect(metrics).toMatch(/^symbol,.*,width80,skill,dm_t,leaked\n/);
  });

  it("a model that is not registered is scored like ours", () => {
    const { stdout, stderr } = run("own-model.ts");
    expect({ stderr, scores: JSON.parse(stdout) }).toMatchObject({
      stderr: "",
      scores: [
        { model: "naive", skill: 0 },
        { model: "still", crps: expect.any(Number), skill: expect.any(Number) },
      ],
    });
  });

  it("a model in a file is published like ours", () => {
    const words = ["--models", "naive", "--model", join(copy, "own-model-file.ts"), "--publish", "--json"];
    const [{ models, scores }] = JSON.parse(candlebook("forecast", ...words)).symbols;
    expect(models).toEqual(["naive", "calm_weekends"]);
    expect(scores[1].skill).toEqual(expect.any(Number));
  });

  it("a figure that is not published is drawn like ours", () => {
    expect(run("own-figure.ts")).toMatchObject({ status: 0, stderr: "" });
    expect(read("closes.html")).toMatch(
      /data-figure=".*<svg .*<title data-vi="Giá đóng cửa">Closes<\/title>/s,
    );
    expect(read("closes.png")).toContain("PNG");
  });

  it("the week is in the lists", () => {
    expect(read("README.md")).toContain("[week9-volume](notebooks/week9-volume.ipynb) | on which days most");
    expect(read("notebooks/start.md")).toContain("| 9 | [Week 9: volume](week9-volume.ipynb) |");
  });
});

/** The fenced blocks that name a file, `ts src/x.ts`, without the indentation of the list that they are in. */
function blocksOf(page: string): Block[] {
  return page.split(/^## /m).flatMap((section) => {
    const recipe = section.split("\n")[0];
    return [...section.matchAll(/^( *)```(\w+) (\S+)\n(.*?)^ *```$/gms)].map(
      ([, indent, form, path, text]) => ({
        recipe,
        path,
        kind: form === "diff" ? ("diff" as const) : ("file" as const),
        text: text.replaceAll(new RegExp(`^${indent}`, "gm"), ""),
      }),
    );
  });
}

/** Does one step: a new file, or the lines of a diff, which must be there once as they were before. */
function apply({ path, kind, text }: Block): void {
  if (kind === "file") {
    writeFileSync(join(copy, path), text, { flag: "wx" });
    return;
  }
  let file = read(path);
  for (const hunk of text.split(/^@@\n/m)) {
    const lines = hunk.split("\n").slice(0, -1);
    const without = (sign: string) =>
      lines
        .filter((line) => !line.startsWith(sign))
        .map((line) => `${line.slice(1)}\n`)
        .join("");
    const [before, after] = [without("+"), without("-")];
    expect(file.split(before), `${path}:\n${before}`).toHaveLength(2);
    file = file.replace(before, () => after);
  }
  writeFileSync(join(copy, path), file);
}

function read(path: string): string {
  return readFileSync(join(copy, path), "utf8");
}

/** Runs a program of the copy on the Node of this test. */
function run(...words: string[]) {
  const env = { ...process.env, CANDLEBOOK_WORKSPACE: workspace, NO_COLOR: "1" };
  return spawnSync(process.execPath, words, { cwd: copy, env, encoding: "utf8", maxBuffer: 1e8 });
}

/** Runs the built command line of the copy; its standard output. */
function candlebook(...words: string[]): string {
  const { status, stdout, stderr } = run("bin/candlebook.mjs", ...words);
  expect(status, stderr).toBe(0);
  return stdout;
}
