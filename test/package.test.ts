import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CODE_VERSION } from "../src/core/version.ts";
import { type Finished, PROJECT } from "../testkit/candlebook.ts";

let scratch: string;
/** An empty folder that the packed tarball is installed into. */
let folder: string;
let packed: string[];

/** Runs a program in a folder, without what the npm that runs these tests has told about its own project. */
function runIn(cwd: string, program: string, ...words: string[]): Promise<Finished> {
  const own = /^(npm_(config_local_prefix|package|lifecycle|command)|INIT_CWD|CANDLEBOOK_)/;
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !own.test(name)));
  return new Promise((resolve) => {
    execFile(program, words, { cwd, env, maxBuffer: 1e8 }, (error, out, err) =>
      resolve({ out, err, exit: error === null ? 0 : typeof error.code === "number" ? error.code : null }),
    );
  });
}

const candlebook = (...words: string[]) => runIn(folder, "npx", "candlebook", ...words);

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "candlebook-package-"));
  folder = join(scratch, "empty");
  await mkdir(folder);
  const made = await runIn(PROJECT, "npm", "pack", "--json", "--pack-destination", scratch);
  expect(made).toMatchObject({ exit: 0 });
  const [{ filename, files }] = Object.values<{ filename: string; files: { path: string }[] }>(
    JSON.parse(made.out),
  );
  packed = files.map(({ path }) => path);
  const quick = ["--prefer-offline", "--no-audit", "--no-fund", "--ignore-scripts"];
  const installed = await runIn(
    folder,
    "npm",
    "install",
    "--prefix",
    folder,
    ...quick,
    join(scratch, filename),
  );
  expect(installed).toMatchObject({ exit: 0 });
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

describe("the package", () => {
  it("holds what runs and what is read, and no test, source, notebook or trace of this machine", async () => {
    for (const path of ["dist/index.js", "dist/assets/plotly.min.js", "CHANGELOG.md"]) {
      expect(packed).toContain(path);
    }
    const types = packed.filter((path) => path.endsWith(".d.ts"));
    expect(types.sort()).toEqual(["dist/candlebook.all.d.ts", "dist/candlebook.d.ts"]);
    const other = packed.filter(
      (path) => !/^(bin|dist|docs|environment)\/.|^[A-Za-z]+(\.md|\.json)?$/.test(path),
    );
    expect(other).toEqual([]);
    expect(packed.filter((path) => /\.test\.|\.ipynb$|stamp|tsbuildinfo|\/\./.test(path))).toEqual([]);
    const texts = packed.filter((path) => /\.(m?js|md|json)$/.test(path));
    for (const path of texts) expect(await readFile(join(PROJECT, path), "utf8")).not.toContain(PROJECT);
  });

  it("runs the tour from an empty folder, in the current folder", async () => {
    const { exit, out } = await candlebook("demo", "--json", "--quiet");
    expect(exit).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ messages: 1_008, forecasts: 8 });
    expect((await readdir(folder)).sort()).toEqual([
      "demo",
      "node_modules",
      "package-lock.json",
      "package.json",
    ]);
    const drawn = join(folder, "demo", "data_analysis", "prophet_visualizations", "btc_forecast.html");
    expect((await stat(drawn)).size).toBeGreaterThan(100_000);
    expect((await readdir(join(folder, "node_modules", "candlebook"))).sort()).toEqual(
      [...new Set(packed.map((path) => path.split("/")[0]))].sort(),
    );
  });

  it("can be imported by its name, and says its version", async () => {
    const program =
      'import("candlebook").then((all) => console.log(all.CODE_VERSION, typeof all.openWorkspace))';
    expect(await runIn(folder, process.execPath, "-e", program)).toMatchObject({
      out: `${CODE_VERSION} function\n`,
    });
    expect(await candlebook("--version")).toMatchObject({ exit: 0, out: `${CODE_VERSION}\n` });
  });

  it("has types that a strict program needs nothing but Node's for", async () => {
    await symlink(join(folder, "node_modules"), join(scratch, "node_modules"), "dir");
    const program = join(scratch, "program.ts");
    await writeFile(
      program,
      'import type { Status } from "candlebook";\nexport const get = (one: Status) => one.wrong;\n',
    );
    const words = ["--noEmit", "--strict", "--target", "es2024", "--module", "nodenext", "--types", "node"];
    const roots = ["--typeRoots", join(PROJECT, "node_modules", "@types")];
    const compiler = join(PROJECT, "node_modules", "typescript", "bin", "tsc");
    const { out } = await runIn(scratch, process.execPath, compiler, ...words, ...roots, program);
    expect(out.trim().split("\n")).toEqual([expect.stringMatching(/^program\.ts\(2,.*'wrong'.*'Status'/)]);
  });

  it.each([["notebooks"], ["run", "--simulated"], ["run", "--until", "report"]])(
    "says before any work that %s needs a checkout",
    async (...words) => {
      const before = await readdir(folder);
      const { exit, out } = await candlebook(...words, "--json");
      expect(exit).toBe(2);
      expect(JSON.parse(out).error).toMatchObject({
        code: "no_checkout",
        next: expect.stringContaining("candlebook run --until figures"),
      });
      expect(await readdir(folder)).toEqual(before);
    },
  );
});
