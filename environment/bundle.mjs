// Builds the one partial plotly bundle (only the traces that src/charts uses) into dist/assets/plotly.min.js.
// Called by the set-up; does nothing when the bundle was made from the same plotly.js, esbuild and this file.
import { createHash } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const TRACES = ["scatter", "bar", "candlestick", "heatmap"];

/**
 * Builds `dist/assets/plotly.min.js` where it is missing or out of date.
 * @param {string} root the project's folder
 * @returns {Promise<boolean>} whether it was built now
 */
export async function buildPlotlyBundle(root) {
  const require = createRequire(join(root, "package.json"));
  const assets = join(root, "dist", "assets");
  const target = join(assets, "plotly.min.js");
  const stamp = join(assets, "plotly.stamp");
  const wanted = await fingerprint(require);
  if ((await textOf(stamp)) === wanted && (await textOf(target)) !== null) return false;

  const { build } = await import(pathToFileURL(require.resolve("esbuild")).href);
  const library = dirname(require.resolve("plotly.js/package.json"));
  const imports = TRACES.map((trace) => `require("./lib/${trace}")`).join(", ");
  const result = await build({
    stdin: {
      contents: `const Plotly = require("./lib/core"); Plotly.register([${imports}]); module.exports = Plotly;`,
      resolveDir: library,
    },
    bundle: true,
    // Styles of the map traces, which are not in the bundle.
    loader: { ".css": "empty" },
    minify: true,
    format: "iife",
    globalName: "Plotly",
    // A page that loads AMD modules (JupyterLab may) must not swallow the bundle.
    define: { global: "window", "define.amd": "false" },
    target: "es2020",
    charset: "ascii",
    legalComments: "inline",
    logLevel: "silent",
    write: false,
  });
  await mkdir(assets, { recursive: true });
  await writeFile(`${target}.draft`, inert(result.outputFiles[0].text));
  await rename(`${target}.draft`, target);
  await writeFile(stamp, wanted);
  return true;
}

/** The bundle stands inside script elements: nothing in it may look like the end of one. */
function inert(code) {
  return code.replaceAll(/<\/(script)/gi, "<\\/$1").replaceAll("<!--", "<\\!--");
}

async function fingerprint(require) {
  const own = await readFile(fileURLToPath(import.meta.url));
  const versions = ["plotly.js", "esbuild"].map((name) => require(`${name}/package.json`).version);
  return createHash("sha256").update(own).update(versions.join()).digest("hex");
}

async function textOf(path) {
  return readFile(path, "utf8").catch(() => null);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = join(dirname(fileURLToPath(import.meta.url)), "..");
  const built = await buildPlotlyBundle(root);
  process.stdout.write(built ? "Built dist/assets/plotly.min.js\n" : "dist/assets/plotly.min.js is up to date\n");
}
