// Builds the scripts of pages into dist/assets: a partial plotly bundle (only the traces that src/charts uses), and one
// script of src/browser each for figures, report and live page. Called by the set-up; does nothing when they were
// made from the same sources.
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const TRACES = ["scatter", "bar", "candlestick", "heatmap"];
// The scripts of pages, each from its entry point in src/browser.
const PAGES = ["figures", "figure", "reload", "report", "live"];
// The folders that these scripts may import.
const PAGE_CODE = ["browser", "charts", "report", "live", "forecast", "candle", "time", "core"];

/**
 * Builds `dist/assets/*.min.js` where they are missing or out of date.
 * @param {string} root the project's folder
 * @returns {Promise<boolean>} whether they were built now
 */
export async function buildAssets(root) {
  const require = createRequire(join(root, "package.json"));
  const assets = join(root, "dist", "assets");
  const wanted = await fingerprint(root, require);
  const stamp = join(assets, "stamp");
  const targets = ["plotly", ...PAGES].map((name) => join(assets, `${name}.min.js`));
  const there = await Promise.all(targets.map((path) => stat(path).catch(() => null)));
  if ((await textOf(stamp)) === wanted && there.every(Boolean)) return false;

  const { build } = await import(pathToFileURL(require.resolve("esbuild")).href);
  const library = dirname(require.resolve("plotly.js/package.json"));
  const traces = TRACES.map((trace) => `require("./lib/${trace}")`).join(", ");
  const contents = `const Plotly = require("./lib/core"); Plotly.register([${traces}, require("./lib/locales/vi")]); module.exports = Plotly;`;
  const inputs = [
    { stdin: { contents, resolveDir: library }, globalName: "Plotly" },
    ...PAGES.map((name) => ({ entryPoints: [join(root, "src", "browser", `${name}.ts`)] })),
  ];
  await mkdir(assets, { recursive: true });
  for (const [i, input] of inputs.entries()) {
    const result = await build({ ...OPTIONS, ...input });
    await writeFile(`${targets[i]}.draft`, inert(result.outputFiles[0].text));
    await rename(`${targets[i]}.draft`, targets[i]);
  }
  await writeFile(stamp, wanted);
  return true;
}

const OPTIONS = {
  bundle: true,
  // Styles of the map traces, which are not in the bundle.
  loader: { ".css": "empty" },
  minify: true,
  format: "iife",
  // A page that loads AMD modules (JupyterLab may) must not swallow the bundle.
  define: { global: "window", "define.amd": "false" },
  target: "es2020",
  charset: "ascii",
  legalComments: "inline",
  logLevel: "silent",
  write: false,
};

/** The scripts stand inside script elements: nothing in them may end one or open a comment. */
function inert(code) {
  if (code.includes("<!--"))
    throw new Error("A page script holds <!--, which can't stand inside a script element.");
  return code.replaceAll(/<\/(script)/gi, "<\\/$1");
}

async function fingerprint(root, require) {
  const hash = createHash("sha256").update(await readFile(fileURLToPath(import.meta.url)));
  for (const name of ["plotly.js", "esbuild"]) hash.update(require(`${name}/package.json`).version);
  for (const folder of PAGE_CODE) {
    const names = (await readdir(join(root, "src", folder), { recursive: true })).sort();
    for (const name of names.filter((one) => one.endsWith(".ts")))
      hash.update(name).update(await readFile(join(root, "src", folder, name)));
  }
  return hash.digest("hex");
}

async function textOf(path) {
  return readFile(path, "utf8").catch(() => null);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const built = await buildAssets(join(dirname(fileURLToPath(import.meta.url)), ".."));
  process.stdout.write(built ? "Built dist/assets\n" : "dist/assets is up to date\n");
}
