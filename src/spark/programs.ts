import { spawn } from "node:child_process";
import { appendFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Effects } from "../core/effects.ts";
import { type CandlebookError, failure, inputError, interrupted, outsideError } from "../core/errors.ts";
import { environment } from "../core/machine.ts";
import type { SparkHome } from "./home.ts";

export interface Ended {
  /** Null if a signal ended it. */
  code: number | null;
  out: string;
  err: string;
}

/** Runs a program to its end. Rejects if it can't be started (`ENOENT`: it is not installed). */
export function runProgram(
  program: string,
  words: readonly string[],
  options: { env?: NodeJS.ProcessEnv; cwd?: string; signal?: AbortSignal } = {},
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, words, { ...options, stdio: ["ignore", "pipe", "pipe"] });
    const said = { out: "", err: "" };
    child.stdout.on("data", (part) => {
      said.out += part;
    });
    child.stderr.on("data", (part) => {
      said.err += part;
    });
    child.on("error", (error) => reject(options.signal?.aborted ? interrupted() : error));
    child.on("close", (code) => resolve({ code, ...said }));
  });
}

/** A program that installs something. */
export interface Step {
  /** For people. */
  what: string;
  program: string;
  words: readonly string[];
}

/** Runs a step of the installation; what it says is kept in `install.log`. @throws CandlebookError why it failed */
export async function installStep(
  home: SparkHome,
  { what, program, words }: Step,
  { progress, signal }: Effects,
): Promise<void> {
  progress?.({ stage: "spark", note: what });
  const ended = await runProgram(program, words, { signal });
  await mkdir(home.folder, { recursive: true });
  await appendFile(join(home.folder, "install.log"), `== ${what}\n${ended.out}${ended.err}\n`);
  if (ended.code !== 0) throw stepFailed(what, `${ended.out}${ended.err}`);
}

const NO_ROOM = /No space left|Errno 28|Disk quota exceeded/i;
// Without a network, quiet Maven reports only that its own plugin was not found.
const NO_NETWORK =
  /No plugin found for prefix|name resolution|Max retries exceeded|NewConnectionError|Connection refused|Read timed out|ConnectTimeout|SSLError|CERTIFICATE_VERIFY|Unknown host|UnknownHostException|Connect(ion)? timed out|Could not transfer artifact|Network is unreachable/i;
const NOT_THERE =
  /No matching distribution|Could not find artifact|was not found in|Could not find a version/i;

function stepFailed(what: string, output: string): CandlebookError {
  if (NO_ROOM.test(output)) {
    return failure(
      "disk_full",
      `${what}: the disk is full.`,
      "Free 2 GB, then run again: it continues where it stopped.",
    );
  }
  if (NO_NETWORK.test(output)) {
    return outsideError(
      "registry_unreachable",
      `${what}: the package registry can't be reached.`,
      "Check the network (behind a proxy: HTTPS_PROXY, and Maven's settings.xml), then run again.",
    );
  }
  const lines = output.split("\n").map((line) => line.trim());
  const telling = lines.find((line) => /error/i.test(line)) ?? lines.findLast((line) => line !== "") ?? "";
  const next = "Its output is in install.log, in Spark's folder (.cache/spark).";
  if (NOT_THERE.test(output)) return outsideError("package_missing", `${what}: ${cut(telling)}`, next);
  return failure("install_failed", `${what} failed: ${cut(telling)}`, next);
}

function cut(text: string): string {
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}

/** The first sufficiently new Python. @throws CandlebookError `no_python` */
export async function findPython(): Promise<string> {
  const test = "import sys, venv, ensurepip; sys.exit(0 if sys.version_info >= (3, 10) else 1)";
  for (const program of ["python3", "python"]) {
    const ended = await runProgram(program, ["-c", test]).catch(() => null);
    if (ended?.code === 0) return program;
  }
  throw inputError(
    "no_python",
    "Python 3.10 or newer, with its venv module, was not found: Spark is installed as a Python package.",
    "Install it (python.org, or the system's packages python3 and python3-venv), then run again.",
  );
}

/**
 * The Java for Spark: that of `JAVA_HOME`, else that on the path.
 * @throws CandlebookError `no_java`, `old_java`
 */
export async function findJava(): Promise<string> {
  const { JAVA_HOME } = environment;
  const program = JAVA_HOME ? join(JAVA_HOME, "bin", "java") : "java";
  const next = "Install Java 17 or newer (the system's package openjdk-17-jre-headless, or adoptium.net).";
  const ended = await runProgram(program, ["-version"]).catch(() => null);
  const version = /version "(?:1\.)?(\d+)/.exec(ended?.err ?? "");
  if (version === null) {
    const where = JAVA_HOME ? "in JAVA_HOME" : "on the path";
    throw inputError("no_java", `Java was not found ${where}: Spark needs it.`, next);
  }
  if (Number(version[1]) >= 17) return program;
  throw inputError("old_java", `Java ${version[1]} is too old: Spark needs 17 or newer.`, next);
}

/** @throws CandlebookError `no_maven` */
export async function findMaven(): Promise<string> {
  const program = process.platform === "win32" ? "mvn.cmd" : "mvn";
  const ended = await runProgram(program, ["-v"]).catch(() => null);
  if (ended?.code === 0) return program;
  throw inputError(
    "no_maven",
    "Maven (mvn) was not found: Spark's Kafka source is resolved through it.",
    "Install it (the system's package maven), or start without Kafka: candlebook spark start --no-kafka",
  );
}
