import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { findPython, runProgram } from "../src/spark/programs.ts";
import { PROJECT } from "./candlebook.ts";

/** Where other readers of Parquet are installed for the tests; git ignores it. */
export const READERS = join(PROJECT, ".cache", "readers");

const PYTHON_PACKAGES = ["pandas==3.1.1", "pyarrow==26.0.1", "polars==2.1.0"];
const STATISTICS_PACKAGES = ["arch==8.0.0", "scoringrules==0.10.0", "scipy==1.17.1", "statsmodels==0.15.0"];
const JS_PACKAGES = ["@dsnp/parquetjs@1.8.9"];

/** A program to run the tool's code with, or why there is none. */
export type Reader = { program: string; reason: null } | { program: null; reason: string };

const lacking = (reason: string): Reader => ({ program: null, reason });

/** A Python of the tests' own with pandas, pyarrow and Polars; installed once, about 540 MB. */
export function pythonReaders(): Promise<Reader> {
  return pythonWith("python", PYTHON_PACKAGES);
}

/** A Python of the tests' own with other people's statistics; installed once, about 400 MB. */
export function pythonStatistics(): Promise<Reader> {
  return pythonWith("statistics", STATISTICS_PACKAGES);
}

async function pythonWith(name: string, packages: readonly string[]): Promise<Reader> {
  const folder = join(READERS, name);
  const bin = process.platform === "win32" ? ["Scripts", "python.exe"] : ["bin", "python"];
  const program = join(folder, ...bin);
  const found = await findPython().catch((error: Error) => error);
  if (found instanceof Error) return lacking(found.message);
  return installed(folder, packages, program, async () => {
    await rm(folder, { recursive: true, force: true });
    const made = await runProgram(found, ["-m", "venv", folder]);
    if (made.code !== 0) return made;
    const pip = ["-m", "pip", "install", "--disable-pip-version-check", "--no-input", "-q"];
    return runProgram(program, [...pip, ...packages]);
  });
}

/** Packages for Node that are no dependency of the project, found by programs that lie in `READERS`. */
export function nodeReaders(): Promise<Reader> {
  const folder = join(READERS, "node_modules");
  return installed(folder, JS_PACKAGES, process.execPath, () =>
    npm(["install", "--prefix", READERS, "--no-save", ...QUIET, ...JS_PACKAGES]),
  );
}

/** Where danfojs is installed: its overrides hold only in a project of its own. */
export const DANFO = join(READERS, "danfo");

/**
 * Danfojs, installed once, about 340 MB.
 * @param manifest the `package.json` that the documentation gives
 */
export function danfoReader(manifest: string): Promise<Reader> {
  const version = createHash("sha256").update(manifest).digest("hex").slice(0, 12);
  return installed(DANFO, [`danfo-${version}`], process.execPath, async () => {
    await rm(DANFO, { recursive: true, force: true });
    await mkdir(DANFO, { recursive: true });
    await writeFile(join(DANFO, "package.json"), manifest);
    return npm(["install", "--prefix", DANFO, "--no-package-lock", ...QUIET]);
  });
}

const QUIET = ["--ignore-scripts", "--no-audit", "--no-fund"];

function npm(words: string[]): ReturnType<typeof runProgram> {
  const script = process.env.npm_execpath;
  return script === undefined
    ? runProgram(process.platform === "win32" ? "npm.cmd" : "npm", words)
    : runProgram(process.execPath, [script, ...words]);
}

async function installed(
  folder: string,
  packages: readonly string[],
  program: string,
  install: () => ReturnType<typeof runProgram>,
): Promise<Reader> {
  const stamp = join(folder, `installed-${packages.join("-").replaceAll(/[^\w.=@-]/g, "_")}`);
  if (existsSync(stamp)) return { program, reason: null };
  await mkdir(READERS, { recursive: true });
  const ended = await install().catch((error: Error) => ({ code: 1, out: "", err: error.message }));
  if (ended.code !== 0) {
    const words = ended.err.trim().split("\n").at(-1) ?? "";
    return lacking(`${packages.join(", ")} could not be installed (${words.slice(0, 200)})`);
  }
  await writeFile(stamp, "");
  return { program, reason: null };
}
