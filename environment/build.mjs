import { existsSync, lstatSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { modules, projectNode, root } from "./paths.mjs";
import { Problem } from "./problem.mjs";
import { capture, runStep } from "./process.mjs";
import { fingerprint, textOf } from "./stamp.mjs";

const dist = join(root, "dist");
const stamp = join(dist, ".stamp");
const inputs = ["src", "tsconfig.json", "tsconfig.build.json", "environment/bundle.mjs", "package.json"];

export const build = {
  name: "build (TypeScript to dist/)",
  needed: () => textOf(stamp) !== sources(),
  async run() {
    const before = sources();
    mkdirSync(dist, { recursive: true });
    removeOrphans(dist);
    // By its own path: tslab brings an older TypeScript whose tsc takes the place of ours in .bin.
    const compiler = join(modules, "typescript", "bin", "tsc");
    const compiled = await capture(projectNode(), [
      compiler,
      "-p",
      "tsconfig.build.json",
      "--pretty",
      "false",
    ]);
    if (compiled.code !== 0) {
      throw new Problem(
        `src does not compile: ${compiled.output.split("\n")[0]}`,
        "Fix it (npm run lint lists all such errors), then run the same command again.",
      );
    }
    const bundle = join(root, "environment", "bundle.mjs");
    if (existsSync(bundle)) await runStep("the scripts of pages", projectNode(), [bundle]);
    writeFileSync(stamp, before);
  },
};

/** Notebooks and both kernels resolve "candlebook" like any other package. */
export const link = {
  name: "link node_modules/candlebook",
  needed: () => !lstatSync(join(modules, "candlebook"), { throwIfNoEntry: false })?.isSymbolicLink(),
  async run() {
    const path = join(modules, "candlebook");
    rmSync(path, { recursive: true, force: true });
    if (process.platform === "win32") symlinkSync(root, path, "junction");
    else symlinkSync("..", path);
  },
};

function sources() {
  return fingerprint(inputs.map((path) => join(root, path)));
}

/** The compiler leaves the outputs of a source that is gone. */
function removeOrphans(folder) {
  for (const entry of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    const source = /^(?!assets)(.*?)(\.d\.ts|\.js)$/.exec(entry)?.[1];
    if (source && !existsSync(join(root, "src", `${source}.ts`))) rmSync(join(folder, entry));
  }
}
