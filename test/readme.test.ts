import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { cp, mkdir, mkdtemp, readdir, rename, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PROJECT } from "../testkit/candlebook.ts";
import { simulatedRun } from "../testkit/simulatedRun.ts";

const readme = readFileSync(join(PROJECT, "README.md"), "utf8");

/** Every command of ours in the README, in order, as a person would copy it. */
const COMMANDS = [...readme.matchAll(/npx (candlebook [^`#\n]+)/g)].map(([, words]) => words.trim());

/** Commands that run until Ctrl-C. */
const ENDLESS = /^candlebook (live|simulate|produce|consume)(?!.*--(for|once))/;

/** Needs Java, or has a test of its own (test/demo.test.ts) that takes as long. */
const ELSEWHERE = /^candlebook (spark|demo)/;

let checkout: string;
let started: Awaited<ReturnType<typeof type>>;

/** A folder like a clone that has been set up, in which `npm start` fell back to the simulated market. */
beforeAll(async () => {
  const { asked } = await simulatedRun();
  checkout = await mkdtemp(join(tmpdir(), "candlebook-readme-"));
  for (const name of ["bin", "dist", "notebooks", "docs", "package.json"]) {
    await cp(join(PROJECT, name), join(checkout, name), { recursive: true, preserveTimestamps: true });
  }
  await mkdir(join(checkout, "environment"));
  for (const name of await readdir(join(PROJECT, "environment"))) {
    await symlink(join(PROJECT, "environment", name), join(checkout, "environment", name));
  }
  for (const name of ["node_modules", "src"]) await symlink(join(PROJECT, name), join(checkout, name));
  await rename(join(asked, "simulated"), join(checkout, "simulated"));
  started = await type("candlebook run --or-simulated --archive-url http://127.0.0.1:9 --kernel deno");
});
afterAll(() => rm(checkout, { recursive: true, force: true }));

/** Types a command line in the checkout, and ends what is endless with Ctrl-C. */
async function type(line: string, env: Record<string, string> = {}) {
  const program = `exec "${process.execPath}" bin/candlebook.mjs ${line.replace(/^candlebook /, "")}`;
  const child = spawn("sh", ["-c", program], {
    cwd: checkout,
    env: { ...process.env, CANDLEBOOK_WORKSPACE: "", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const said = { out: "", err: "" };
  child.stdout.on("data", (part) => {
    said.out += part;
  });
  child.stderr.on("data", (part) => {
    // It has named its workspace, so it listens to signals.
    if (said.err === "" && ENDLESS.test(line)) setTimeout(() => child.kill("SIGINT"), 3_000);
    said.err += part;
  });
  const [exit] = await once(child, "close");
  return { line, exit, ...said };
}

describe("the README's commands", () => {
  it("are found", () => {
    expect(COMMANDS.length).toBeGreaterThan(12);
  });

  it("work after npm start fell back to the simulated market, each as it is written", async () => {
    expect(started).toMatchObject({ exit: 0 });
    const failed = [];
    for (const line of COMMANDS.filter((line) => !ELSEWHERE.test(line))) {
      const done = await type(line);
      if (done.exit !== 0) failed.push(done);
    }
    expect(failed).toEqual([]);
  });

  it("print what the README shows of them", async () => {
    const shown = /`npx (candlebook forecast [^`]+)` prints.*?```text\n(.*?)```/s.exec(readme);
    const lines = (shown?.[2] ?? "").trim().split("\n");
    const { out } = await type(shown?.[1] ?? "");
    const printed = out.split("\n");
    const places = lines.filter((line) => line !== "…").map((line) => ({ line, at: printed.indexOf(line) }));
    expect(places).toHaveLength(10);
    expect(places.filter(({ at }) => at === -1)).toEqual([]);
    expect(places.map(({ at }) => at)).toEqual(places.map(({ at }) => at).sort((a, b) => a - b));
  });

  it("name the workspace in half a line on stderr, and --workspace wins", async () => {
    const { err, out } = await type("candlebook status");
    expect(err.split("\n")[0]).toBe("simulated/, made-up prices");
    expect(out).toContain("BTCUSDT");
    const named = await type("candlebook status --workspace simulated");
    expect(named).toMatchObject({ exit: 0, err: expect.not.stringContaining("made-up") });
  });

  it("say where the data are, where there are none", async () => {
    for (const line of ["clean", "report", "explain BTCUSDT 2025-06-01", "query 'FROM daily_filled'"]) {
      const { exit, err } = await type(`candlebook ${line} --workspace .`);
      expect({ line, exit, err }).toMatchObject({ exit: 2, err: expect.stringContaining("simulated/") });
    }
    const empty = await type("candlebook status --workspace .");
    expect(empty).toMatchObject({ exit: 0, out: expect.stringContaining("--workspace simulated/") });
  });
});
