import { spawn } from "node:child_process";
import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { cache, root } from "./paths.mjs";
import { explain } from "./problem.mjs";

/** Runs a program to its end. Rejects only when it can't be started. */
export function capture(program, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"], ...options });
    let output = "";
    child.stdout.on("data", (part) => (output += part));
    child.stderr.on("data", (part) => (output += part));
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, output }));
  });
}

/** What is running, with its start. */
const running = new Map();
let ticker = null;

/** One line for all that is running: rewritten each second on a terminal, elsewhere a new one every 20 seconds. */
function tick() {
  const parts = [...running].map(
    ([what, started]) => `${what} … ${Math.round((Date.now() - started) / 1000)} s`,
  );
  const line = `  ${parts.join("   ")}`;
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${line.slice(0, process.stderr.columns - 1)}`);
  else if (ticker.seconds++ % 20 === 19) process.stderr.write(`${line}\n`);
}

function show(what) {
  running.set(what, Date.now());
  ticker ??= { timer: setInterval(tick, 1000), seconds: 0 };
}

function hide(what) {
  running.delete(what);
  if (running.size > 0) return;
  clearInterval(ticker.timer);
  ticker = null;
  if (process.stderr.isTTY) process.stderr.write("\r\u001b[K");
}

/** Runs one step's program, shows that it goes on, and throws a Problem when it fails. */
export async function runStep(what, program, args, options = {}) {
  let result;
  show(what);
  try {
    result = await capture(program, args, options);
  } catch (error) {
    throw explain(what, String(error));
  } finally {
    hide(what);
  }
  await appendFile(join(cache, "setup.log"), `== ${what}\n${result.output}\n`);
  if (result.code !== 0) throw explain(what, result.output);
  return result.output;
}

/**
 * Replaces this process by a program, as far as that goes: its output, its exit code, its signals. With an IPC channel
 * (`stdio`) a program of ours ends when this process is killed.
 */
export async function become(program, args, options = {}) {
  const child = spawn(program, args, { cwd: root, stdio: "inherit", ...options });
  // Ctrl-C in a terminal reaches the child by itself; a signal sent to this process alone does not.
  process.on("SIGINT", () => process.stdin.isTTY || child.kill("SIGINT"));
  for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve(code ?? (signal === "SIGINT" ? 130 : 143)));
  });
}
