import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { build, link } from "./build.mjs";
import { kernels } from "./kernels.mjs";
import { withLock } from "./lock.mjs";
import { ownNode, packages } from "./packages.mjs";
import { cache } from "./paths.mjs";
import { explain, Problem } from "./problem.mjs";
import { python } from "./python.mjs";

/**
 * Does what is missing, in order, and nothing else; a run that was killed is completed by the next.
 * @param {{ core: boolean }} options core: without Python and the kernels
 * @returns {Promise<number>} exit code
 */
export async function setUp({ core }) {
  const steps = core ? [packages, ownNode, build, link] : [packages, ownNode, build, link, python, kernels];
  try {
    if (!steps.some((step) => step.needed())) {
      say("Set-up: nothing to do.");
      return 0;
    }
    mkdirSync(cache, { recursive: true });
    return await withLock(join(cache, "setup.lock"), () => runAll(steps), say);
  } catch (error) {
    const problem = error instanceof Problem ? error : explain("Set-up", String(error?.stack ?? error));
    say(`\nSet-up stopped: ${problem.message}\nWhat to do: ${problem.next}`);
    return problem.exit;
  }
}

async function runAll(steps) {
  rmSync(join(cache, "setup.log"), { force: true });
  const started = Date.now();
  let count = 0;
  for (const step of steps) {
    if (!step.needed()) continue;
    const begun = Date.now();
    say(`Set-up: ${step.name} …`);
    await step.run();
    say(`Set-up: ${step.name}, done in ${seconds(begun)}.`);
    count += 1;
  }
  say(count === 0 ? "Set-up: nothing to do." : `Set-up: ${count} steps in ${seconds(started)}.`);
  return 0;
}

function seconds(since) {
  return `${((Date.now() - since) / 1000).toFixed(1)} s`;
}

function say(text) {
  process.stderr.write(`${text}\n`);
}
