// Runs the checks: `node environment/test.mjs [--unit | --soak | --lint] [words that vitest takes]`
import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { cache, modules, projectNode, root } from "./paths.mjs";

const TSC = join("typescript", "bin", "tsc");
const LINT = [
  ["types", TSC, ["-p", "tsconfig.json"]],
  ["types of the pages, without Node's", TSC, ["-p", "src/browser/tsconfig.json"]],
  ["types of the pages' tests", TSC, ["-p", "src/browser/tsconfig.test.json"]],
  ["style", join("@biomejs", "biome", "bin", "biome"), ["check", "."]],
  [
    "imports",
    join("dependency-cruiser", "bin", "dependency-cruiser.mjs"),
    ["--config", ".dependency-cruiser.cjs", "src"],
  ],
];

const words = process.argv.slice(2).filter((word) => !/^--(unit|soak|lint)$/.test(word));
const asked = (name) => process.argv.includes(`--${name}`);
const counts = { passed: 0, failed: 0, skipped: 0 };

mkdirSync(cache, { recursive: true });
if (asked("lint")) await lint();
else if (asked("unit")) await tests(["--project", "unit"]);
else if (asked("soak")) await tests(["soak"], { CANDLEBOOK_SOAK: "1" });
else {
  await lint();
  await tests([]);
}
summary();

/** Side by side: what they say is shown when all have ended, in their order. Each check counts as one test. */
async function lint() {
  const checks = LINT.map(async ([name, program, args]) => ({ name, ...(await check(program, args)) }));
  for (const { name, code, said } of await Promise.all(checks)) {
    counts[code === 0 ? "passed" : "failed"] += 1;
    process.stdout.write(`${said}${code === 0 ? "✓" : "✗"} ${name}\n`);
  }
}

async function tests(args, env = {}) {
  const result = join(cache, "tests.json");
  rmSync(result, { force: true });
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${result}`];
  const vitest = start(join(modules, "vitest", "vitest.mjs"), ["run", ...reporters, ...args, ...words], {
    stdio: "inherit",
    env: { ...process.env, ...env },
  });
  const code = await ended(vitest);
  const { numPassedTests = 0, numFailedTests = 0, numPendingTests = 0 } = readResult(result);
  counts.passed += numPassedTests;
  // A file that can't even be loaded has no tests that fail.
  counts.failed += code !== 0 && numFailedTests === 0 ? 1 : numFailedTests;
  counts.skipped += numPendingTests;
}

function readResult(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return {};
  }
}

/** Where all that the tests need is known to be there (CI), a skipped test is a failure. */
function summary() {
  if (process.env.CI && counts.skipped > 0) counts.failed += counts.skipped;
  const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : "";
  process.stdout.write(`${counts.passed} passed, ${counts.failed} failed${skipped}\n`);
  process.exitCode = counts.failed > 0 ? 1 : 0;
}

async function check(program, args) {
  const child = start(join(modules, program), args, { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text) => {
      said += text;
    });
  }
  return { code: await ended(child), said };
}

function start(program, args, options) {
  return spawn(projectNode(), [program, ...args], { cwd: root, ...options });
}

function ended(child) {
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve(code ?? 1));
  });
}
