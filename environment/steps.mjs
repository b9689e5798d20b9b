import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { build, link } from "./build.mjs";
import { kernels } from "./kernels.mjs";
import { withLock } from "./lock.mjs";
import { ownNode, packages } from "./packages.mjs";
import { cache } from "./paths.mjs";
import { explain, Problem } from "./problem.mjs";
import { jupyterLab, python } from "./python.mjs";

/** Steps that need each other, in order; two branches need nothing of each other. */
const node = [packages, ownNode, build, link];

/**
 * Does what is missing and nothing else, packages of Node and of Python side by side; a run that was killed is completed
 * by the next.
 * @param {{ core: boolean, lab: boolean }} options core: without Python and the kernels; lab: JupyterLab too
 * @returns {Promise<number>} exit code
 */
export async function setUp({ core, lab }) {
  const branches = core ? [node] : [node, lab ? [python, jupyterLab] : [python]];
  const last = core ? [] : [kernels];
  try {
    if (![...branches.flat(), ...last].some((step) => step.needed())) {
      say("Set-up: nothing to do.");
      return 0;
    }
    mkdirSync(cache, { recursive: true });
    return await withLock(join(cache, "setup.lock"), () => runAll(branches, last), say);
  } catch (error) {
    const problem = error instanceof Problem ? error : explain("Set-up", String(error?.stack ?? error));
    say(`\nSet-up stopped: ${problem.message}\nWhat to do: ${problem.next}`);
    return problem.exit;
  }
}

async function runAll(branches, last) {
  rmSync(join(cache, "setup.log"), { force: true });
  const started = Date.now();
  // Each branch to its end: what it has installed need not be installed again.
  const ends = await Promise.allSettled(branches.map(runSteps));
  const failed = ends.find(({ status }) => status === "rejected");
  if (failed !== undefined) throw failed.reason;
  const count = ends.reduce((sum, { value }) => sum + value, await runSteps(last));
  say(count === 0 ? "Set-up: nothing to do." : `Set-up: ${count} steps in ${seconds(started)}.`);
  return 0;
}

async function runSteps(steps) {
  let count = 0;
  for (const step of steps) {
    if (!step.needed()) continue;
    const begun = Date.now();
    say(`Set-up: ${step.name} …`);
    await step.run();
    say(`Set-up: ${step.name}, done in ${seconds(begun)}.`);
    count += 1;
  }
  return count;
}

function seconds(since) {
  return `${((Date.now() - since) / 1000).toFixed(1)} s`;
}

function say(text) {
  // In the place of the line that names what is running.
  process.stderr.write(`${process.stderr.isTTY ? "\r\u001b[K" : ""}${text}\n`);
}
