import { existsSync, lstatSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { modules, projectNode, root } from "./paths.mjs";
import { Problem } from "./problem.mjs";
import { capture, runStep } from "./process.mjs";
import { fingerprint, textOf } from "./stamp.mjs";

const dist = join(root, "dist");
const stamp = join(dist, ".stamp");
const inputs = [
  "src",
  "tsconfig.json",
  "tsconfig.build.json",
  "environment/bundle.mjs",
  "environment/declarations.mjs",
  "package.json",
];

export const build = {
  name: "build (TypeScript to dist/)",
  needed: () => textOf(stamp) !== sources(),
  async run() {
    const before = sources();
    mkdirSync(dist, { recursive: true });
    removeOrphans(dist);
    const own = (what, file) => runStep(what, projectNode(), [join(root, "environment", file)]);
    const library = compile().then(() => own("the declarations", "declarations.mjs"));
    // The error of the compiler first: it names the line.
    const ends = await Promise.allSettled([library, own("the scripts of pages", "bundle.mjs")]);
    for (const { reason } of ends) if (reason) throw reason;
    writeFileSync(stamp, before);
  },
};

/** Types are not checked, which halves the time: `npm run lint` does that. */
async function compile() {
  // By its own path: tslab brings an older TypeScript whose tsc takes the place of ours in .bin.
  const compiler = join(modules, "typescript", "bin", "tsc");
  const args = ["-p", "tsconfig.build.json", "--noCheck", "--pretty", "false"];
  const { code, output } = await capture(projectNode(), [compiler, ...args]);
  if (code === 0) return;
  throw new Problem(
    `src does not compile: ${output.split("\n")[0]}`,
    "Fix it (npm run lint lists all such errors), then run the same command again.",
  );
}

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
    const source = /^(?!assets|candlebook)(.*?)(\.d\.ts|\.js)$/.exec(entry)?.[1];
    if (source && !existsSync(join(root, "src", `${source}.ts`))) rmSync(join(folder, entry));
  }
}
