import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PROJECT } from "./candlebook.ts";

const VERSION = "4.3.1";
const FILES = join(import.meta.dirname, "broker");
const LIBRARIES = join(PROJECT, ".cache", `kafka-${VERSION}`);
const READY_WITHIN_MS = 90_000;

const answers = (program: string, word: string) =>
  spawnSync(program, [word], { stdio: "ignore" }).status === 0;

/** Why no broker can be started here, or null where one can. */
export const noBroker = !answers("java", "-version")
  ? "Java 17 is not on the path: the tests of a real Kafka broker are skipped"
  : !existsSync(LIBRARIES) && !answers("mvn", "-version")
    ? "Maven is not on the path, and it fetches the broker: the tests of a real Kafka broker are skipped"
    : null;

/** One broker of Apache Kafka, in a process of its own. */
export interface Node {
  address: string;
  /** SIGKILL, and waits for the end; what was appended stays. */
  kill(): Promise<void>;
  /** SIGSTOP and SIGCONT: a broker that hangs. */
  freeze(): void;
  thaw(): void;
  /** Starts it again on the same port, with the same data. */
  start(): Promise<void>;
}

/** A real broker, the first of its cluster. */
export interface Broker extends Node {
  /** Starts a second broker in the same cluster. */
  join(): Promise<Node>;
  /** Ends all and removes their data. */
  stop(): Promise<void>;
  /** Runs one of Kafka's own tools to its end; what it prints. */
  tool(name: string, words: readonly string[], env?: Record<string, string>): string;
}

/** Starts a broker on a free port; the first time Maven fetches it. */
export async function startBroker(settings: Record<string, string> = {}): Promise<Broker> {
  fetchLibraries();
  const folder = await mkdtemp(join(tmpdir(), "candlebook-kafka-"));
  const [port, second, controller] = await freePorts(3);
  // Kafka's form of an id; with a dash in front it would be taken for an option.
  const cluster = `c${randomBytes(16).toString("base64url").slice(0, 21)}`;
  const node = (id: number, own: number) =>
    startNode({ folder, cluster, id, port: own, controller, settings });
  const first = await node(1, port);
  let joined: Node | null = null;
  return {
    ...first,
    join: async () => {
      joined = await node(2, second);
      return joined;
    },
    stop: async () => {
      await Promise.all([joined?.kill(), first.kill()]);
      await rm(folder, { recursive: true, force: true });
    },
    tool,
  };
}

function tool(name: string, words: readonly string[], env: Record<string, string> = {}): string {
  return execFileSync("java", ["-Xmx512m", ...logging(), "-cp", join(LIBRARIES, "*"), name, ...words], {
    encoding: "utf8",
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "ignore"],
    maxBuffer: 64 * 1024 * 1024,
  });
}

interface NodeOptions {
  folder: string;
  cluster: string;
  /** The first one is the controller too. */
  id: number;
  port: number;
  controller: number;
  settings: Record<string, string>;
}

async function startNode({ folder, cluster, id, port, controller, settings }: NodeOptions): Promise<Node> {
  const configuration = join(folder, `server-${id}.properties`);
  const own = `PLAINTEXT://127.0.0.1:${port}`;
  const text = readFileSync(join(FILES, "server.properties"), "utf8")
    .replaceAll("@ROLES@", id === 1 ? "broker,controller" : "broker")
    .replaceAll("@NODE@", String(id))
    .replaceAll("@LISTENERS@", id === 1 ? `${own},CONTROLLER://127.0.0.1:${controller}` : own)
    .replaceAll("@PORT@", String(port))
    .replaceAll("@CONTROLLER@", String(controller))
    .replaceAll("@DATA@", join(folder, `data-${id}`).replaceAll("\\", "/"));
  const more = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`);
  writeFileSync(configuration, text + more.join(""));
  tool("kafka.tools.StorageTool", ["format", "-t", cluster, "-c", configuration]);

  let child: ChildProcess | null = null;
  const kill = async () => {
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  };
  const start = async () => {
    child = spawn(
      "java",
      ["-Xms128m", "-Xmx512m", ...logging(), "-cp", join(LIBRARIES, "*"), "kafka.Kafka", configuration],
      {
        cwd: folder,
        stdio: ["ignore", "ignore", "pipe"],
      },
    );
    await started(child, port);
  };
  await start();
  return {
    address: `127.0.0.1:${port}`,
    kill,
    freeze: () => void child?.kill("SIGSTOP"),
    thaw: () => void child?.kill("SIGCONT"),
    start,
  };
}

const logging = () => [
  "-Djava.awt.headless=true",
  `-Dlog4j2.configurationFile=${join(FILES, "log4j2.properties")}`,
];

/** Into a folder beside, then renamed: a fetch that was cut short is never taken for whole. */
function fetchLibraries(): void {
  if (existsSync(LIBRARIES)) return;
  const draft = `${LIBRARIES}.${process.pid}.draft`;
  mkdirSync(draft, { recursive: true });
  const words = [
    ...[
      "-B",
      "-q",
      "-f",
      join(FILES, "pom.xml"),
      `-Dkafka.version=${VERSION}`,
      "dependency:copy-dependencies",
    ],
    ...[`-DoutputDirectory=${draft}`, "-DincludeScope=runtime"],
  ];
  execFileSync("mvn", words, { stdio: ["ignore", "ignore", "inherit"] });
  try {
    renameSync(draft, LIBRARIES);
  } catch {
    rmSync(draft, { recursive: true, force: true });
  }
}

/** Ready is: it says so in its log, and the port answers. */
async function started(child: ChildProcess, port: number): Promise<void> {
  let log = "";
  child.stderr?.on("data", (part) => {
    log = (log + part).slice(-20_000);
  });
  const began = performance.now();
  while (!(log.includes("Kafka Server started") && (await portAnswers(port)))) {
    if (child.exitCode !== null) throw new Error(`the broker ended:\n${log.slice(-2_000)}`);
    if (performance.now() - began > READY_WITHIN_MS)
      throw new Error(`the broker is not ready:\n${log.slice(-2_000)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function portAnswers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  for (const server of servers) await once(server.listen(0, "127.0.0.1"), "listening");
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  for (const server of servers) await once(server.close(), "close");
  return ports;
}
