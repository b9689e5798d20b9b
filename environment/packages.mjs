import { readFileSync } from "node:fs";
import { join, sep } from "node:path";
import { modules, projectNode, root } from "./paths.mjs";
import { Problem } from "./problem.mjs";
import { runStep } from "./process.mjs";
import { textOf } from "./stamp.mjs";

// npm silently omits an optional package that it can't fetch.
const npmOptions = ["ci", "--include=dev", "--include=optional", "--prefer-offline", "--loglevel=error"];
// npm waits 70 s on a dead network; we do 17, unless the environment says how often to try.
const patience =
  process.env.npm_config_fetch_retries === undefined
    ? ["--fetch-retries=3", "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=8000"]
    : [];

export const packages = {
  name: "Node packages (npm ci)",
  needed: () => missingPackage() !== null,
  async run() {
    if (process.platform === "win32" && process.execPath.startsWith(modules + sep)) {
      throw new Problem(
        "The Node packages have changed, and Windows can't replace them while their Node runs.",
        "Run `npm ci`, then the same command again.",
        2,
      );
    }
    const [program, ...first] = npm();
    await runStep("Node packages (npm ci)", program, [...first, ...npmOptions, ...patience], {
      shell: program === "npm.cmd",
    });
    const missing = missingPackage();
    if (missing !== null) {
      throw new Problem(
        `npm omitted the package ${missing}.`,
        "Check the network and npm's settings (omit=optional?), then run the same command again.",
        3,
      );
    }
  },
};

export const ownNode = {
  name: "the project's own Node 24",
  needed: () => projectNode() === null,
  async run() {
    throw new Problem(
      `There is no packaged Node 24 for ${process.platform} on ${process.arch}, and this is Node ${process.versions.node}.`,
      "Install Node 24 or newer, open a new terminal, and run the same command again.",
      2,
    );
  },
};

/** The npm that started us, by its own file, else the one on the path. */
function npm() {
  const { npm_execpath: path, npm_node_execpath: node } = process.env;
  if (path && /npm-cli\.c?js$/.test(path)) return [node ?? process.execPath, path];
  return [process.platform === "win32" ? "npm.cmd" : "npm"];
}

/** The first package of the lock file that is not installed as it says; null when all are. */
function missingPackage() {
  const installed = textOf(join(modules, ".package-lock.json"));
  if (installed === null) return "list";
  const there = JSON.parse(installed).packages;
  const wanted = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages;
  for (const [path, entry] of Object.entries(wanted)) {
    if (path === "" || (entry.optional && !forThisMachine(entry))) continue;
    if (there[path]?.version !== entry.version) return path.replace("node_modules/", "");
  }
  return null;
}

/** Only packages that name this platform: which C library a package asks for is npm's to decide. */
function forThisMachine(entry) {
  if (!entry.os || !entry.cpu || entry.libc) return false;
  return [entry.os].flat().includes(process.platform) && [entry.cpu].flat().includes(process.arch);
}
