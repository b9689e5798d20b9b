import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { placesOf } from "../../src/spark/home.ts";
import { identityOf } from "../../src/spark/process.ts";
import { runningServer, startSpark, stopSpark } from "../../src/spark/sparkServer.ts";
import { connectSpark } from "../../src/spark/sparkSession.ts";
import { freePort, type TestSpark } from "../../testkit/spark.ts";

const NOWHERE = ["http", "https"].map((s) => `-D${s}.proxyHost=127.0.0.1 -D${s}.proxyPort=1`).join(" ");

/** What keeps the local server from starting, and who gets in. */
export function localServerTests(spark: TestSpark): void {
  describe.skipIf(spark.reason !== null)("the local server", () => {
    let folder: string;
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), "candlebook-spark-server-"));
    });
    afterAll(() => rm(folder, { recursive: true, force: true }));

    const { state, log } = placesOf(spark.home);

    it("starts once, lets in none without its token, and shows the token to no other user", async () => {
      const running = await runningServer(spark.home);
      const again = await startSpark(spark.home, { threads: 1, memory: "1GB" });
      expect(again).toMatchObject({ already: true, server: { port: running?.port } });
      await expect(connectSpark(spark.home, undefined, { token: "guessed" })).rejects.toMatchObject({
        code: "spark_refused",
      });
      if (process.platform !== "win32") expect((await stat(state)).mode & 0o077).toBe(0);
      expect(await readFile(log, "utf8")).not.toContain(again.server.token);
    });

    it("takes no port that is taken", async () => {
      const other = { folder: spark.home.folder, run: join(folder, "other") };
      await expect(startSpark(other, { port: spark.port, threads: 1, memory: "1GB" })).rejects.toMatchObject({
        code: "port_taken",
        exit: 2,
      });
    });

    it("does not take another process with the same number for its server, and leaves it alone", async () => {
      const run = join(folder, "stale");
      await mkdir(run);
      const stale = {
        schema: 1,
        pid: process.pid,
        identity: "1",
        port: 1,
        token: "t",
        version: "4.2.0",
        kafka: true,
      };
      await writeFile(join(run, "server.json"), JSON.stringify(stale));
      expect(await stopSpark({ folder: spark.home.folder, run })).toBe(false);
      expect(await readdir(run)).toEqual([]);
    });

    /** A home of its own where these parts are already installed, and programs that are found nowhere but here. */
    async function lacking(installed: readonly ("server" | "python")[], programs: readonly string[]) {
      const own = await mkdtemp(join(folder, "lacking-"));
      const home = { folder: own, run: join(own, "run") };
      const bin = join(home.folder, "bin");
      await mkdir(bin, { recursive: true });
      for (const part of installed) await symlink(placesOf(spark.home)[part], placesOf(home)[part]);
      for (const program of programs) {
        const found = (process.env.PATH ?? "").split(delimiter).map((path) => join(path, program));
        await symlink(found.find((path) => existsSync(path)) as string, join(bin, program));
      }
      return { home, bin };
    }

    it.each([
      ["Java", "no_java", { installed: [], programs: [], env: {} }],
      ["Python", "no_python", { installed: [], programs: ["java"], env: {} }],
      ["Maven", "no_maven", { installed: ["server"], programs: ["java"], env: {} }],
      // Their real tools, sent to a port that nobody listens on.
      [
        "a registry (pip)",
        "registry_unreachable",
        {
          installed: ["python"],
          programs: ["java"],
          env: { PIP_INDEX_URL: "http://127.0.0.1:1/simple", PIP_CONFIG_FILE: "/dev/null", PIP_RETRIES: "1" },
        },
      ],
      [
        "a registry (Maven)",
        "registry_unreachable",
        { installed: ["server"], programs: null, env: { MAVEN_OPTS: NOWHERE } },
      ],
    ] as const)(
      "says that %s is missing, and leaves no half of an installation",
      async (_, code, { installed, programs, env }) => {
        const { home, bin } = await lacking(installed, programs ?? []);
        const path = programs === null ? process.env.PATH : bin;
        const repository = `-Dmaven.repo.local=${join(home.folder, "m2")}`;
        const before = { ...process.env };
        Object.assign(process.env, { PATH: path, ...env });
        if ("MAVEN_OPTS" in env) process.env.MAVEN_OPTS += ` ${repository}`;
        delete process.env.JAVA_HOME;
        try {
          const port = await freePort();
          await expect(startSpark(home, { port, threads: 1, memory: "1GB" })).rejects.toMatchObject({
            code,
            exit: code === "registry_unreachable" ? 3 : 2,
            next: expect.stringMatching(/Install|network/),
          });
        } finally {
          for (const key of Object.keys(process.env)) delete process.env[key];
          Object.assign(process.env, before);
        }
        expect((await readdir(home.folder)).filter((entry) => entry.endsWith(".draft"))).toEqual([]);
        expect(await runningServer(home)).toBeNull();
      },
    );
  });
}

/** The end of the shared server: the last of the tests that use it. */
export function endTests(spark: TestSpark): void {
  it.skipIf(spark.reason !== null)("ends with all of its processes, and is found gone", async () => {
    const server = await runningServer(spark.home);
    expect(await stopSpark(spark.home)).toBe(true);
    expect(existsSync(placesOf(spark.home).state)).toBe(false);
    expect(await identityOf(server?.pid as number)).toBeNull();
    expect(await stopSpark(spark.home)).toBe(false);
  });
}
