import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Effects } from "../core/effects.ts";
import { throwIfAborted } from "../core/errors.ts";
import { placesOf, SPARK_VERSION, type SparkHome } from "./home.ts";
import { findMaven, findPython, installStep, runProgram } from "./programs.ts";

const DESCRIPTORS = "connect.fds";

/**
 * Spark's own file descriptors of its protocol, from the installed package; installs the small client package first
 * if neither it nor the server is installed.
 *
 * @returns the path of a serialized FileDescriptorSet
 *
 * @throws CandlebookError `no_python`, `registry_unreachable`, `disk_full`, `install_failed`
 */
export async function ensureProtocol(home: SparkHome, effects: Effects = {}): Promise<string> {
  const { client, server } = placesOf(home);
  const there = [server, client].find((folder) => existsSync(join(folder, DESCRIPTORS)));
  if (there !== undefined) return join(there, DESCRIPTORS);
  const wanted = { name: "pyspark-client", folder: client, what: "Spark's protocol (pip)" };
  await installPackage(home, wanted, effects);
  return join(client, DESCRIPTORS);
}

/** Spark itself with its jars. @returns SPARK_HOME @throws as `ensureProtocol` */
export async function ensureServer(home: SparkHome, effects: Effects = {}): Promise<string> {
  const { server } = placesOf(home);
  if (!existsSync(join(server, DESCRIPTORS))) {
    const wanted = { name: "pyspark", folder: server, what: "Spark, 450 MB (pip)" };
    await installPackage(home, wanted, effects);
  }
  return join(server, "pyspark");
}

/**
 * Installs into a draft folder that is renamed when it is complete: a crash leaves nothing that looks installed.
 */
async function installPackage(
  home: SparkHome,
  { name, folder, what }: { name: string; folder: string; what: string },
  effects: Effects,
): Promise<void> {
  throwIfAborted(effects.signal);
  const python = await ensurePython(home, effects);
  await whole(folder, async (draft) => {
    const packages = [`${name}==${SPARK_VERSION}`, "protobuf>=6", "googleapis-common-protos"];
    const pip = ["-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--no-deps"];
    const words = [...pip, "--target", draft, ...packages];
    await installStep(home, { what, program: python, words }, effects);
    const script = join(draft, "descriptors.py");
    await writeFile(script, DESCRIPTORS_PY);
    const read = [script, draft, join(draft, DESCRIPTORS)];
    const step = { what: "Spark's protocol (descriptors)", program: python, words: read };
    await installStep(home, step, effects);
  });
}

async function ensurePython(home: SparkHome, effects: Effects): Promise<string> {
  const { python } = placesOf(home);
  const program =
    process.platform === "win32" ? join(python, "Scripts", "python.exe") : join(python, "bin", "python");
  const works = await runProgram(program, ["-m", "pip", "--version"]).catch(() => null);
  if (works?.code === 0) return program;
  const found = await findPython();
  await rm(python, { recursive: true, force: true });
  const words = ["-m", "venv", python];
  await installStep(home, { what: "Python environment", program: found, words }, effects);
  return program;
}

/**
 * Copies the message and service descriptors out of the generated modules. The packages above them are replaced by
 * empty ones: Spark's own would import pandas and grpcio, which are not needed here.
 */
const DESCRIPTORS_PY = `
import os, sys, types
root, target = sys.argv[1:]
sys.path.insert(0, root)
name, path = "", root
for part in ("pyspark", "sql", "connect", "proto"):
    name, path = f"{name}.{part}".lstrip("."), os.path.join(path, part)
    module = types.ModuleType(name)
    module.__path__ = [path]
    sys.modules[name] = module
from google.protobuf import descriptor_pb2
from google.rpc import error_details_pb2, status_pb2
from pyspark.sql.connect.proto import base_pb2
found, seen = descriptor_pb2.FileDescriptorSet(), set()
def add(file):
    if file.name not in seen:
        seen.add(file.name)
        for needed in file.dependencies:
            add(needed)
        file.CopyToProto(found.file.add())
for module in (base_pb2, status_pb2, error_details_pb2):
    add(module.DESCRIPTOR)
with open(target, "wb") as out:
    out.write(found.SerializeToString())
`;

/**
 * The jars of Spark's Kafka source that Spark itself doesn't have, resolved by Maven.
 * @param sparkFolder SPARK_HOME
 * @returns their folder
 * @throws CandlebookError `no_maven`, `registry_unreachable`, `package_missing`
 */
export async function ensureKafkaSource(
  home: SparkHome,
  sparkFolder: string,
  effects: Effects = {},
): Promise<string> {
  const { kafka } = placesOf(home);
  if (existsSync(kafka)) return kafka;
  const maven = await findMaven();
  const own = await readdir(join(sparkFolder, "jars"));
  await whole(kafka, async (draft) => {
    const pom = join(draft, "pom.xml");
    await writeFile(pom, pomOf(scalaOf(own)));
    const copy = ["dependency:copy-dependencies", `-DoutputDirectory=${draft}`, "-DincludeScope=runtime"];
    const words = ["-B", "-q", "-f", pom, ...copy];
    await installStep(home, { what: "Spark's Kafka source (Maven)", program: maven, words }, effects);
    const artifacts = new Set(own.map(artifactOf));
    const taken = (await readdir(draft)).filter((jar) => jar === "pom.xml" || artifacts.has(artifactOf(jar)));
    await Promise.all(taken.map((jar) => rm(join(draft, jar))));
  });
  return kafka;
}

/** The Scala version that Spark's jars are built for, from their names: `spark-connect_2.13-4.2.0.jar`. */
export function scalaOf(jars: readonly string[]): string {
  const named = jars.map((jar) => /^spark-connect_([\d.]+)-/.exec(jar)?.[1]);
  return named.find((version) => version !== undefined) ?? "2.13";
}

function artifactOf(jar: string): string {
  return jar.replace(/-\d[^_]*\.jar$/, "");
}

function pomOf(scala: string): string {
  return `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>candlebook</groupId>
  <artifactId>spark-kafka</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies>
    <dependency>
      <groupId>org.apache.spark</groupId>
      <artifactId>spark-sql-kafka-0-10_${scala}</artifactId>
      <version>${SPARK_VERSION}</version>
    </dependency>
  </dependencies>
</project>
`;
}

async function whole(folder: string, fill: (draft: string) => Promise<void>): Promise<void> {
  const draft = `${folder}.${randomUUID()}.draft`;
  await removeDrafts(folder);
  await mkdir(draft, { recursive: true });
  try {
    await fill(draft);
    await rm(folder, { recursive: true, force: true });
    await rename(draft, folder);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

async function removeDrafts(folder: string): Promise<void> {
  const base = dirname(folder);
  for (const name of await readdir(base).catch(() => [] as string[])) {
    const path = join(base, name);
    if (path.startsWith(`${folder}.`) && name.endsWith(".draft"))
      await rm(path, { recursive: true, force: true });
  }
}
