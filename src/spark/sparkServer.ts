import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { closeSync, openSync } from "node:fs";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { z } from "zod";
import { delay } from "../core/delay.ts";
import type { Effects } from "../core/effects.ts";
import { failure, inputError, interrupted, throwIfAborted } from "../core/errors.ts";
import { readJson, writeFileWhole } from "../core/files.ts";
import { environment } from "../core/machine.ts";
import { placesOf, SPARK_VERSION, type SparkHome } from "./home.ts";
import { ensureKafkaSource, ensureServer, scalaOf } from "./install.ts";
import { identityOf, isSameProcess } from "./process.ts";
import { findJava, runProgram } from "./programs.ts";

export interface ServerOptions {
  /** Of 127.0.0.1; default 15002. */
  port?: number;
  /** Number of cores. */
  threads: number;
  /** Java heap, `2GB`, `1536MB`. */
  memory: string;
  /** Without the Kafka source, Maven is not needed and streams can't be read. */
  kafka?: boolean;
}

/** The running local server, as stored in `server.json`. */
export interface LocalServer {
  schema: 1;
  pid: number;
  /** Distinguishes the process from a later one with the same id. */
  identity: string;
  port: number;
  /** Its clients must know it: a client of a Spark server can run arbitrary code. */
  token: string;
  version: string;
  kafka: boolean;
}

const stateForm: z.ZodType<LocalServer> = z.object({
  schema: z.literal(1),
  pid: z.number().int(),
  identity: z.string(),
  port: z.number().int(),
  token: z.string(),
  version: z.string(),
  kafka: z.boolean(),
});

export interface Started {
  server: LocalServer;
  /** It was already running. */
  already: boolean;
}

const START_LIMIT_MS = 120_000;

/** The local server if one is running; a state file without its process is removed. */
export async function runningServer(home: SparkHome): Promise<LocalServer | null> {
  const { state } = placesOf(home);
  const parsed = stateForm.safeParse(await readJson(state).catch(() => null));
  if (parsed.success && (await isSameProcess(parsed.data.pid, parsed.data.identity))) return parsed.data;
  await rm(state, { force: true });
  return null;
}

/**
 * Starts a Spark Connect server on 127.0.0.1 that outlives this process; installs Spark first if it is missing. Only
 * clients with its token are accepted.
 *
 * @throws CandlebookError `no_java`, `old_java`, `no_python`, `no_maven`, `registry_unreachable`, `port_taken`,
 *   `spark_start`
 */
export async function startSpark(
  home: SparkHome,
  options: ServerOptions,
  effects: Effects = {},
): Promise<Started> {
  const running = await runningServer(home);
  if (running !== null) return { server: running, already: true };
  const java = await findJava();
  const port = options.port ?? 15002;
  await refuseTakenPort(port);
  const spark = await ensureServer(home, effects);
  const jars = options.kafka === false ? null : await ensureKafkaSource(home, spark, effects);
  throwIfAborted(effects.signal);
  effects.progress?.({ stage: "spark", note: "starting the server" });
  const { run, log, state } = placesOf(home);
  await mkdir(run, { recursive: true });
  const command = await commandLine({ java, spark, run, kafkaJars: jars }, { ...options, port });
  const token = randomBytes(24).toString("hex");
  const output = openSync(log, "w");
  const child = spawn(command[0], command.slice(1), {
    cwd: run,
    detached: true,
    stdio: ["ignore", output, output],
    env: { ...environment, SPARK_HOME: spark, SPARK_CONNECT_AUTHENTICATE_TOKEN: token },
  });
  closeSync(output);
  child.on("error", () => {});
  child.unref();
  const pid = child.pid as number;
  const identity = await identityOf(pid);
  const server: LocalServer = {
    schema: 1,
    pid,
    identity: identity ?? "",
    port,
    token,
    version: SPARK_VERSION,
    kafka: jars !== null,
  };
  await writeFileWhole(state, `${JSON.stringify(server, null, 2)}\n`, 0o600);
  try {
    await untilReady(home, server, effects);
  } catch (error) {
    await stopSpark(home);
    throw error;
  }
  return { server, already: false };
}

/** Stops the local server: SIGTERM, then SIGKILL after 20 seconds. @returns whether one was running */
export async function stopSpark(home: SparkHome): Promise<boolean> {
  const server = await runningServer(home);
  if (server === null) return false;
  signalTo(server.pid, "SIGTERM");
  for (let waited = 0; await isSameProcess(server.pid, server.identity); waited += 100) {
    if (waited >= 20_000) signalTo(server.pid, "SIGKILL");
    await delay(100);
  }
  await rm(placesOf(home).state, { force: true });
  return true;
}

function signalTo(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** Paths of what the server needs. */
interface Installed {
  java: string;
  spark: string;
  /** The folder that it runs in. */
  run: string;
  /** Null: without the Kafka source. */
  kafkaJars: string | null;
}

/** The command line from Spark's own launcher, which knows the options that this version of Java needs. */
async function commandLine(
  { java, spark, run, kafkaJars }: Installed,
  { port, threads, memory }: ServerOptions,
): Promise<string[]> {
  const scala = scalaOf(await readdir(join(spark, "jars")));
  const logging = join(run, "log4j2.properties");
  await writeFile(logging, LOGGING);
  const conf: Record<string, string> = {
    "spark.driver.memory": heapOf(memory),
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.connect.grpc.binding.address": "127.0.0.1",
    "spark.connect.grpc.binding.port": String(port),
    "spark.ui.enabled": "false",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.warehouse.dir": join(run, "warehouse"),
    "spark.local.dir": join(run, "local"),
    "spark.driver.extraJavaOptions": `-Duser.timezone=UTC -Dlog4j2.configurationFile=${logging}`,
    // Small groups of symbols: 200 shuffle partitions would be 200 empty tasks.
    "spark.sql.shuffle.partitions": String(Math.max(2, threads)),
    ...(kafkaJars === null ? {} : { "spark.driver.extraClassPath": join(kafkaJars, "*") }),
  };
  const words = [
    "-cp",
    join(spark, "jars", "*"),
    "org.apache.spark.launcher.Main",
    "org.apache.spark.deploy.SparkSubmit",
    "--class",
    "org.apache.spark.sql.connect.service.SparkConnectServer",
    "--master",
    `local[${threads}]`,
    ...Object.entries(conf).flatMap(([name, value]) => ["--conf", `${name}=${value}`]),
    "spark-internal",
  ];
  const env = { ...environment, SPARK_HOME: spark, SPARK_SCALA_VERSION: scala };
  const { code, out, err } = await runProgram(java, words, { env });
  const command = out.split("\0").filter((word) => word.trim() !== "");
  if (code !== 0 || command.length === 0) throw startFailed(err);
  return command.map((word) => word.replace(/^\s+/, ""));
}

const LOGGING = `rootLogger.level = warn
rootLogger.appenderRef.stdout.ref = console
appender.console.type = Console
appender.console.name = console
appender.console.target = SYSTEM_OUT
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d{ISO8601} %p %c{1}: %m%n%ex
`;

/** `1.5GB` in Java's syntax, in MiB; Spark refuses less than 512. */
function heapOf(memory: string): string {
  const [, size, unit] = /^([\d.]+)(MB|GB|MiB|GiB)$/.exec(memory) as RegExpExecArray;
  const mebibytes = Math.round(Number(size) * (unit.startsWith("G") ? 1024 : 1));
  return `${Math.max(512, mebibytes)}m`;
}

async function untilReady(home: SparkHome, server: LocalServer, { signal }: Effects): Promise<void> {
  const { log } = placesOf(home);
  for (let waited = 0; waited < START_LIMIT_MS; waited += 100) {
    if (signal?.aborted) throw interrupted();
    if (await listens(server.port)) return;
    if (!(await isSameProcess(server.pid, server.identity))) break;
    await delay(100);
  }
  throw startFailed(await readFile(log, "utf8").catch(() => ""));
}

function startFailed(output: string): Error {
  const lines = output.split("\n").filter((line) => line.trim() !== "");
  const telling = lines.find((line) => /exception|error/i.test(line)) ?? lines.at(-1) ?? "no output";
  return failure(
    "spark_start",
    `The Spark server did not start: ${telling.trim().slice(0, 300)}`,
    "Its output is in run/server.log, in Spark's folder (.cache/spark).",
  );
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1" });
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.on("connect", () => end(true));
    socket.on("error", () => end(false));
  });
}

function refuseTakenPort(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on("error", (cause) =>
      reject(
        inputError(
          "port_taken",
          `Port ${port} of 127.0.0.1 is in use by another program.`,
          "Use another: candlebook spark start --port 15003",
          cause,
        ),
      ),
    );
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve()));
  });
}
