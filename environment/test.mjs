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
else if (asked("unit")) await tests(["--project", "unit"], "UTC");
else if (asked("soak")) await tests(["soak"], "UTC", { CANDLEBOOK_SOAK: "1" });
else {
  await lint();
  // The same figures wherever the machine stands: the unit tests in two zones, the rest in the farther one.
  await tests(["--project", "unit"], "UTC");
  await tests([], "Asia/Ho_Chi_Minh");
}
summary();

/** Each check counts as one test. */
async function lint() {
  for (const [name, program, args] of LINT) {
    const code = await run(join(modules, program), args);
    counts[code === 0 ? "passed" : "failed"] += 1;
    process.stdout.write(`${code === 0 ? "✓" : "✗"} ${name}\n`);
  }
}

async function tests(args, zone, more = {}) {
  const result = join(cache, "tests.json");
  rmSync(result, { force: true });
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${result}`];
  const code = await run(join(modules, "vitest", "vitest.mjs"), ["run", ...reporters, ...args, ...words], {
    TZ: zone,
    ...more,
  });
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

function run(program, args, env = {}) {
  const child = spawn(projectNode(), [program, ...args], {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, ...env },
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve(code ?? 1));
  });
}
