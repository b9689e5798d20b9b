import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { cache, denoBinary, kernels as folder, projectNode, root, venv } from "./paths.mjs";
import { Problem } from "./problem.mjs";
import { textOf, writeIfOther } from "./stamp.mjs";

const settings = join(venv, "share", "jupyter", "lab", "settings", "overrides.json");

/**
 * JupyterLab asks at its first start whether it may fetch news; nothing is fetched at run time here. The start page
 * opens as a page, not as its source.
 */
const overrides = `${JSON.stringify({
  "@jupyterlab/apputils-extension:notification": { fetchNews: "false", checkForUpdates: false },
  "@jupyterlab/docmanager-extension:plugin": { defaultViewers: { markdown: "Markdown Preview" } },
})}\n`;

/** JupyterLab's own scripts are CommonJS; below our package.json Node would read them as ES modules. */
const scope = join(venv, "package.json");
const commonjs = `${JSON.stringify({ type: "commonjs" })}\n`;

/** Both kernels by absolute path: what they would install themselves needs them on the PATH. */
export const kernels = {
  name: "kernels (tslab, deno) and JupyterLab's settings",
  needed: () =>
    Object.entries(specs()).some(([name, text]) => textOf(specPath(name)) !== text) ||
    textOf(settings) !== overrides ||
    textOf(scope) !== commonjs,
  async run() {
    if (denoBinary() === null) {
      throw new Problem(
        `There is no packaged Deno for ${process.platform} on ${process.arch}.`,
        "Use a machine with Linux (glibc), macOS or Windows, or set up without notebooks: npm run setup -- --core.",
        2,
      );
    }
    for (const [name, text] of Object.entries(specs())) {
      mkdirSync(join(folder, name), { recursive: true });
      writeIfOther(specPath(name), text);
    }
    mkdirSync(dirname(settings), { recursive: true });
    writeIfOther(settings, overrides);
    writeIfOther(scope, commonjs);
  },
};

function specPath(name) {
  return join(folder, name, "kernel.json");
}

function specs() {
  const tslab = join(root, "environment", "tslab_kernel.cjs");
  return {
    tslab: spec("TypeScript (tslab)", [
      projectNode(),
      // node:sqlite would print its warning into the first cell that touches it.
      "--disable-warning=ExperimentalWarning",
      tslab,
      "kernel",
      "--config-path",
      "{connection_file}",
    ]),
    deno: spec("TypeScript (Deno)", [denoBinary(), "jupyter", "--kernel", "--conn", "{connection_file}"], {
      DENO_DIR: join(cache, "deno"),
      DENO_NO_UPDATE_CHECK: "1",
      DENO_NO_PROMPT: "1",
    }),
  };
}

function spec(name, argv, env = {}) {
  return `${JSON.stringify({ display_name: name, language: "typescript", argv, env }, null, 2)}\n`;
}
