import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, connect as connectTcp, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runningServer } from "../../src/spark/sparkServer.ts";
import { connectSpark, type SparkSession } from "../../src/spark/sparkSession.ts";
import { PROJECT } from "../../testkit/candlebook.ts";
import { dailyTables, OPEN_TABLES, plainRows, timeOf, timeText } from "../../testkit/dailyTables.ts";
import type { TestSpark } from "../../testkit/spark.ts";

/** A way to the server whose connections can be cut. */
async function cuttableWay(port: number) {
  const sockets = new Set<Socket>();
  const proxy = createServer((from) => {
    const to = connectTcp(port, "127.0.0.1");
    from.pipe(to).pipe(from);
    for (const socket of [from, to]) {
      sockets.add(socket);
      socket.on("error", () => {});
    }
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  return {
    port: (proxy.address() as AddressInfo).port,
    cut: () => {
      for (const socket of sockets) socket.destroy();
      sockets.clear();
    },
    close: () => proxy.close(),
  };
}

/** What a session can do, on the shared server. */
export function sessionTests(spark: TestSpark): void {
  describe.skipIf(spark.reason !== null)("a session on a real server", () => {
    let folder: string;
    let session: SparkSession;
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), "candlebook-spark-out-"));
      session = await connectSpark(spark.home, undefined);
    });
    afterAll(async () => {
      await session.close();
      await rm(folder, { recursive: true, force: true });
    });

    it("reads every daily table as we do, by the example of docs/other-tools.md", async () => {
      const workspace = {
        root: join(folder, "tables"),
        clock: () => 0,
        resources: { threads: 1, memory: "512MB" },
      };
      await dailyTables(workspace);
      const page = await readFile(join(PROJECT, "docs", "other-tools.md"), "utf8");
      const [, example] = /## Spark\n\n```sql\n(.*)\n```/.exec(page) ?? [];
      for (const table of OPEN_TABLES) {
        const sql = example.replace(
          "data_analysis/daily_filled",
          join(workspace.root, "data_analysis", table),
        );
        const time = timeOf(table);
        const rows = await session.rows<Record<string, unknown>>(sql);
        const plain = rows.map((row) => ({ ...row, [time]: timeText(new Date(row[time] as string)) }));
        expect(plain).toEqual(await plainRows(workspace, table));
      }
    });

    it("answers with the types that JavaScript has", async () => {
      const [row] = await session.rows(`SELECT 1 AS small, 9007199254740993 AS large, 'Việt' AS text,
      DATE'2024-02-29' AS day, TIMESTAMP'2025-01-01 00:00:00.250Z' AS instant, CAST(NULL AS INT) AS nothing,
      CAST(-1.05 AS DECIMAL(38, 2)) AS exact, ARRAY(1.5D, NULL) AS list, true AS yes`);
      expect(row).toEqual({
        small: 1,
        large: 9007199254740993n,
        text: "Việt",
        day: "2024-02-29",
        instant: 1735689600250,
        nothing: null,
        exact: "-1.05",
        list: [1.5, null],
        yes: true,
      });
    });

    it("reads an answer of many batches whole", async () => {
      const rows = await session.rows<{ id: number }>("SELECT id FROM range(200000)");
      expect(rows).toHaveLength(200_000);
      expect(rows.reduce((sum, { id }) => sum + id, 0)).toBe((200_000 * 199_999) / 2);
    });

    it("keeps temporary views to itself", async () => {
      await session.view("mine", "SELECT 7 AS seven");
      expect(await session.rows("SELECT seven FROM mine")).toEqual([{ seven: 7 }]);
      const other = await connectSpark(spark.home, undefined);
      await expect(other.rows("SELECT seven FROM mine")).rejects.toMatchObject({
        code: "spark_failed",
        cause: { errorClass: "TABLE_OR_VIEW_NOT_FOUND", sqlState: "42P01" },
      });
      await other.close();
    });

    it("tells all that Spark said, however long", async () => {
      const words = "x".repeat(5000);
      await expect(session.rows(`SELECT raise_error('${words}')`)).rejects.toMatchObject({
        cause: { message: expect.stringContaining(words), errorClass: "USER_RAISED_EXCEPTION" },
      });
    });

    it("names a path that the server can't see", async () => {
      await expect(session.rows("SELECT * FROM parquet.`/nowhere/at/all`")).rejects.toMatchObject({
        code: "spark_path",
        exit: 2,
        message: expect.stringContaining("/nowhere/at/all"),
      });
    });

    it("goes on with a query whose connection was cut", async () => {
      const way = await cuttableWay(spark.port);
      const token = (await runningServer(spark.home))?.token;
      const other = await connectSpark(spark.home, `sc://127.0.0.1:${way.port}`, { token });
      const marks = join(folder, "marks");
      const slow = other.write("SELECT reflect('java.lang.Thread', 'sleep', 1500L) AS slept, 7 AS seven", {
        path: marks,
        format: "parquet",
      });
      await expect.poll(() => existsSync(marks)).toBe(true);
      way.cut();
      await slow;
      expect(await other.rows(`SELECT seven FROM parquet.\`${marks}\``)).toEqual([{ seven: 7 }]);
      await other.close();
      way.close();
    });

    it("stops the server's work when it is aborted", async () => {
      const controller = new AbortController();
      const other = await connectSpark(spark.home, undefined, {}, { signal: controller.signal });
      const started = "candlebook.test.started";
      const slow = other.rows(
        `SELECT reflect('java.lang.System', 'setProperty', '${started}', 'yes') AS before,
          reflect('java.lang.Thread', 'sleep', 600000L) AS slept`,
      );
      const failed = expect(slow).rejects.toMatchObject({ code: "interrupted", exit: 130 });
      const property = async () =>
        (await session.rows(`SELECT reflect('java.lang.System', 'getProperty', '${started}') AS value`))[0];
      await expect.poll(property).toEqual({ value: "yes" });
      controller.abort();
      await failed;
      await other.close();
    });

    it("reads and writes streams, and tells how they are", async () => {
      const input = join(folder, "in");
      await mkdir(input);
      await writeFile(join(input, "a.json"), '{"n":1}\n{"n":2}\n');
      await session.view("numbers", {
        read: { is_streaming: true, data_source: { format: "json", schema: "n INT", paths: [input] } },
      });
      const target = {
        path: join(folder, "out"),
        format: "parquet",
        checkpoint: join(folder, "checkpoint"),
        trigger: "availableNow",
      } as const;
      const first = await session.startStream("SELECT n * 10 AS n FROM numbers", target);
      expect(await first.awaitEnd(60_000)).toBe(true);
      expect(await first.status()).toMatchObject({ active: false });
      expect((await first.progress()).map(({ sources }) => sources[0].numInputRows)).toContain(2);
      expect(await first.exception()).toBeNull();
      await writeFile(join(input, "b.json"), '{"n":3}\n');
      const second = await session.startStream("SELECT n * 10 AS n FROM numbers", target);
      expect(await second.awaitEnd(60_000)).toBe(true);
      expect(second.id).toBe(first.id);
      const rows = await session.rows(`SELECT n FROM parquet.\`${target.path}\` ORDER BY n`);
      expect(rows).toEqual([{ n: 10 }, { n: 20 }, { n: 30 }]);
    });

    it("tells why a stream ended", async () => {
      const input = join(folder, "bad-in");
      await mkdir(input);
      await writeFile(join(input, "a.json"), '{"n":0}\n');
      await session.view("divisors", {
        read: { is_streaming: true, data_source: { format: "json", schema: "n INT", paths: [input] } },
      });
      const stream = await session.startStream("SELECT 1 DIV n AS n FROM divisors", {
        path: join(folder, "bad-out"),
        format: "parquet",
        checkpoint: join(folder, "bad-checkpoint"),
        trigger: { everySeconds: 1 },
      });
      await stream.awaitEnd(30_000).catch(() => {});
      expect(await stream.exception()).toMatch(/DIVIDE_BY_ZERO|Division by zero/);
    });
  });
}
