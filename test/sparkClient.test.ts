import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseSparkUrl } from "../src/spark/address.ts";
import { openChannel } from "../src/spark/channel.ts";
import { execute } from "../src/spark/execute.ts";
import { sparkHome } from "../src/spark/home.ts";
import { ensureProtocol } from "../src/spark/install.ts";
import { loadProtocol, type Protocol } from "../src/spark/protocol.ts";
import { connectSpark } from "../src/spark/sparkSession.ts";
import { selfSigned, startFakeSpark } from "../testkit/fakeSpark.ts";
import { freePort, noProtocol } from "../testkit/spark.ts";

const reason = await noProtocol();
if (reason !== null) console.log(`skipped: the Spark client. ${reason}`);
const protocol = (reason === null ? await loadProtocol(await ensureProtocol(sparkHome())) : null) as Protocol;

const plan = { root: { sql: { query: "SELECT 1" } } };
const fast = { firstWaitMs: 1 };

describe.skipIf(reason !== null)("an execution whose connection breaks", () => {
  const run = async (port: number, options = {}) => {
    const channel = openChannel(protocol, parseSparkUrl(`sc://127.0.0.1:${port}`));
    const ids: string[] = [];
    try {
      for await (const { response_id } of execute(channel, plan, { ...fast, ...options }))
        ids.push(response_id as string);
    } finally {
      channel.service.close();
    }
    return ids;
  };

  it("hands out every answer once, in order, wherever it is cut", async () => {
    const cut = fc.record({
      after: fc.integer({ min: 0, max: 4 }),
      how: fc.constantFrom<"end" | "unavailable">("end", "unavailable"),
    });
    await fc.assert(
      fc.asyncProperty(fc.nat(12), fc.array(cut, { maxLength: 6 }), async (responses, cuts) => {
        const fake = await startFakeSpark(protocol, { responses, cuts });
        try {
          expect(await run(fake.port)).toEqual(Array.from({ length: responses }, (_, i) => `r${i}`));
          const methods = fake.requests.map(({ method }) => method);
          expect(methods.filter((method) => method === "ExecutePlan")).toHaveLength(1);
          expect(methods.filter((method) => method === "ReattachExecute")).toHaveLength(cuts.length);
        } finally {
          fake.close();
        }
      }),
      { numRuns: 30 },
    );
  });

  it("starts again where the server never got the plan", async () => {
    const fake = await startFakeSpark(protocol, {
      responses: 3,
      cuts: [{ after: 0, how: "unavailable" }],
      forgetsOnce: true,
    });
    expect(await run(fake.port)).toEqual(["r0", "r1", "r2"]);
    const plans = fake.requests.filter(({ method }) => method === "ExecutePlan");
    expect(plans).toHaveLength(2);
    expect(plans[0].request.operation_id).toBe(plans[1].request.operation_id);
    fake.close();
  });

  it("does not start again what was answered in part, and says that the session is lost", async () => {
    const fake = await startFakeSpark(protocol, {
      responses: 3,
      cuts: [{ after: 2, how: "unavailable" }],
      forgetsOnce: true,
    });
    await expect(run(fake.port)).rejects.toMatchObject({ code: "spark_session_lost", exit: 3 });
    expect(fake.requests.filter(({ method }) => method === "ExecutePlan")).toHaveLength(1);
    fake.close();
  });

  it("gives up after so many tries without an answer", async () => {
    const cuts = Array.from({ length: 20 }, () => ({ after: 0, how: "unavailable" as const }));
    const fake = await startFakeSpark(protocol, { responses: 1, cuts });
    await expect(run(fake.port, { attempts: 4 })).rejects.toMatchObject({ code: "spark_unreachable" });
    expect(
      fake.requests.filter(({ method }) => /Execut/.test(method) && method !== "ReleaseExecute").length,
    ).toBe(5);
    fake.close();
  });

  it("stops the server's work when it is aborted", async () => {
    const fake = await startFakeSpark(protocol, { responses: 5, cuts: [{ after: 1, how: "unavailable" }] });
    const controller = new AbortController();
    const channel = openChannel(protocol, parseSparkUrl(`sc://127.0.0.1:${fake.port}`));
    const work = async () => {
      for await (const _ of execute(channel, plan, { signal: controller.signal, firstWaitMs: 60_000 }))
        setImmediate(() => controller.abort());
    };
    await expect(work()).rejects.toMatchObject({ code: "interrupted", exit: 130 });
    await expect.poll(() => fake.requests.map(({ method }) => method)).toContain("Interrupt");
    channel.service.close();
    fake.close();
  });
});

describe.skipIf(reason !== null)("a session", () => {
  const connect = (url: string, options = {}) => connectSpark(sparkHome(), url, { ...fast, ...options });

  it("is released at its end", async () => {
    const fake = await startFakeSpark(protocol);
    const session = await connect(`sc://127.0.0.1:${fake.port}`);
    expect(session.version).toBe("4.2.0");
    await session.close();
    const released = fake.requests.filter(({ method }) => method === "ReleaseSession");
    expect(released.map(({ request }) => request.session_id)).toEqual([session.id]);
    fake.close();
  });

  it("says that nobody answers", async () => {
    const port = await freePort();
    await expect(connect(`sc://127.0.0.1:${port}`)).rejects.toMatchObject({
      code: "spark_unreachable",
      exit: 3,
      message: expect.stringContaining(`127.0.0.1:${port}`),
      next: expect.stringContaining("candlebook spark start"),
    });
  });

  it("refuses a server of another version", async () => {
    const fake = await startFakeSpark(protocol, { version: "3.5.1" });
    await expect(connect(`sc://127.0.0.1:${fake.port}`)).rejects.toMatchObject({
      code: "spark_other_version",
      message: expect.stringContaining("3.5.1"),
    });
    fake.close();
  });

  it("passes Spark's message on", async () => {
    const fake = await startFakeSpark(protocol, {
      failWith: { code: 13, details: "[DIVIDE_BY_ZERO] Division by zero." },
    });
    const session = await connect(`sc://127.0.0.1:${fake.port}`);
    await expect(session.rows("SELECT 1 / 0")).rejects.toMatchObject({
      code: "spark_failed",
      message: "Spark: [DIVIDE_BY_ZERO] Division by zero.",
    });
    await session.close();
    fake.close();
  });

  const tls = selfSigned();
  if (tls === null) console.log("skipped: Spark over TLS. openssl was not found");
  it.skipIf(tls === null)("goes over TLS with its token, and trusts no stranger's certificate", async () => {
    const fake = await startFakeSpark(protocol, { tls: tls ?? undefined, token: "secret" });
    const url = `sc://localhost:${fake.port}/;use_ssl=true`;
    const authority = tls?.certificate;
    const session = await connect(`${url};token=secret`, { authority });
    await session.close();
    expect(new Set(fake.requests.map(({ authorization }) => authorization))).toEqual(
      new Set(["Bearer secret"]),
    );
    await expect(connect(`${url};token=wrong`, { authority })).rejects.toMatchObject({
      code: "spark_refused",
    });
    await expect(connect(`${url};token=secret`)).rejects.toMatchObject({ code: "spark_unreachable" });
    fake.close();
  });
});
