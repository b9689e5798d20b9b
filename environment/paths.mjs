import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const windows = process.platform === "win32";

/** The project's folder, or that of the installed package. */
export const root = join(dirname(fileURLToPath(import.meta.url)), "..");
export const checkout = existsSync(join(root, "src"));
export const cache = join(root, ".cache");
export const modules = join(root, "node_modules");
export const venv = join(root, "environment", ".venv");
export const venvPython = windows ? join(venv, "Scripts", "python.exe") : join(venv, "bin", "python");
export const kernels = join(venv, "share", "jupyter", "kernels");

/** The Node that everything of ours runs on: the one that runs now when it is 24 or newer, else the packaged one. */
export function projectNode() {
  if (Number(process.versions.node.split(".")[0]) >= 24) return process.execPath;
  const program = join(`node-${platformName()}-${process.arch}`, "bin", windows ? "node.exe" : "node");
  // An installed package has its dependencies beside it.
  const places = checkout ? [modules] : [modules, dirname(root)];
  return places.map((place) => join(place, program)).find(existsSync) ?? null;
}

/** The Deno binary itself: the package's own starter would copy it at first use. */
export function denoBinary() {
  const libc = process.platform === "linux" ? "-glibc" : "";
  const path = join(
    modules,
    "@deno",
    `${process.platform}-${process.arch}${libc}`,
    windows ? "deno.exe" : "deno",
  );
  return existsSync(path) ? path : null;
}

function platformName() {
  return windows ? "win" : process.platform;
}
