#!/usr/bin/env node
// Starts the command line on the project's own Node, from any Node that is here.
import { existsSync } from "node:fs";
import nodeModule from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { cache, checkout, projectNode } from "../environment/paths.mjs";
import { become } from "../environment/process.mjs";

const here = fileURLToPath(import.meta.url);
const entry = join(dirname(here), "..", "dist", "cli", "main.js");
const node = projectNode();
const folder = currentFolder();

if (folder === null || node === null || !existsSync(entry)) {
  const gone = {
    code: "no_folder",
    message: "The current folder no longer exists.",
    next: "Change to another folder.",
  };
  const missing = checkout
    ? {
        code: "not_set_up",
        message: "candlebook has not been set up in this folder.",
        next: "Run `npm run setup` in the project's folder, then the same command again.",
      }
    : {
        code: "no_node",
        message: `candlebook runs on Node 24 or newer; this is Node ${process.versions.node}.`,
        next: "Install Node 24, or install candlebook again with its optional packages, which have a Node 24.",
      };
  const error = folder === null ? gone : missing;
  if (process.argv.includes("--json")) process.stdout.write(`${JSON.stringify({ error })}\n`);
  process.stderr.write(`${error.message}\n${error.next}\n`);
  process.exitCode = 2;
} else if (node === process.execPath) {
  // node:sqlite announces itself as an experiment, and kafkajs sets timers in the past
  // (https://github.com/tulios/kafkajs/issues/1751); every other warning is shown.
  process.removeAllListeners("warning");
  process.on("warning", ({ name, message, stack = "" }) => {
    const known =
      name === "ExperimentalWarning" ||
      (name === "TimeoutNegativeWarning" && /[\\/]kafkajs[\\/]/.test(stack));
    if (!known) process.stderr.write(`${name}: ${message}\n`);
  });
  // Compiled code is kept from one command to the next. Not imported by name: the Node 20 that may start this lacks it.
  nodeModule.enableCompileCache(checkout ? join(cache, "compile") : undefined);
  const { start } = await import(pathToFileURL(entry).href);
  await start();
} else {
  process.exitCode = await become(node, [here, ...process.argv.slice(2)], {
    cwd: folder,
    stdio: ["inherit", "inherit", "inherit", "ipc"],
  });
}

function currentFolder() {
  try {
    return process.cwd();
  } catch {
    return null;
  }
}
