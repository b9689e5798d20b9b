import { readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { readJournal } from "../src/sources/journal.ts";
import type { Day } from "../src/time/day.ts";
import { DAY_MS, MINUTE_MS } from "../src/time/epoch.ts";
import { banList } from "../src/venues/ban.ts";
import { archiveClient, archiveFiles } from "../src/venues/binance/archiveClient.ts";
import { restClient } from "../src/venues/binance/restClient.ts";
import { fill, workspaceWith } from "../testkit/backfill.ts";
import { scratchWorkspace } from "../testkit/tables.ts";

const NOW = Date.UTC(2025, 5, 3, 12);

type Respond = (request: IncomingMessage, response: ServerResponse, count: number) => void;

/** An exchange that answers as it likes; `waits` are the delays of the client, which do not happen. */
async function hostile(respond: Respond, timeoutMs = 5_000) {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    respond(request, response, requests.length);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const waits: number[] = [];
  let now = NOW;
  const network = {
    now: () => now,
    random: () => 0.5,
    timeoutMs,
    wait: async (ms: number) => void waits.push(ms),
  };
  const advance = (ms: number) => {
    now += ms;
  };
  return { base, network, requests, waits, advance };
}

async function restOf(respond: Respond) {
  const exchange = await hostile(respond);
  const workspace = await scratchWorkspace();
  onTestFinished(() => rm(workspace.root, { recursive: true, force: true }));
  const bans = join(workspace.root, "bans.json");
  const rest = restClient({ ...exchange, bans: banList(bans), market: async () => null });
  return { ...exchange, rest, bans };
}

const refusing = (status: number, headers: Record<string, string>, body = ""): Respond => {
  return (_request, response) => void response.writeHead(status, headers).end(body);
};

describe("limits and bans", () => {
  it("ends three days from now at the latest, where the clock was ahead when it was written", async () => {
    const { rest, bans, base, requests, advance } = await restOf((_request, response) =>
      response.end(JSON.stringify({ serverTime: NOW })),
    );
    await writeFile(bans, JSON.stringify({ [base]: NOW + 400 * DAY_MS }));
    await expect(rest.time()).rejects.toMatchObject({ code: "banned" });
    advance(3 * DAY_MS - 1);
    await expect(rest.time()).rejects.toMatchObject({ code: "banned" });
    expect(requests).toEqual([]);
    advance(1);
    await rest.time();
    expect(requests).toHaveLength(1);
  });

  it.each(["-1", "NaN", "", "1.5", "Infinity"])("ignore Retry-After: %s", async (value) => {
    const { rest, waits, requests } = await restOf(refusing(429, { "retry-after": value }));
    await expect(rest.time()).rejects.toMatchObject({ code: "exchange_unreachable", exit: 3 });
    expect([requests.length, waits]).toEqual([5, [500, 1_000, 2_000, 4_000]]);
  });

  it.each(["2147484", "31536000", "9999999"])("stop at Retry-After: %s, and say so", async (value) => {
    const { rest, waits, requests } = await restOf(refusing(429, { "retry-after": value }));
    await expect(rest.time()).rejects.toMatchObject({ code: "banned", exit: 3 });
    await expect(rest.time()).rejects.toMatchObject({ code: "banned" });
    expect([requests.length, waits]).toEqual([1, []]);
  });

  it("of the archive too", async () => {
    const { base, network, requests, waits } = await hostile(refusing(503, { "retry-after": "2147484" }));
    const [file] = archiveFiles("BTCUSDT", "1m", "2025-05-01" as Day, "2025-05-01" as Day);
    await expect(archiveClient({ base, network }).checksum(file)).rejects.toMatchObject({
      code: "archive_unreachable",
      message: expect.stringContaining("35792 minutes"),
    });
    expect([requests.length, waits]).toEqual([1, []]);
  });

  it.each([
    ["Retry-After: 0", { "retry-after": "0" }, "", 2 * MINUTE_MS],
    ["no hint", {}, "", 2 * MINUTE_MS],
    ["the past", {}, "banned until 1000000000000", 2 * MINUTE_MS],
    ["an hour", { "retry-after": "3600" }, "", 60 * MINUTE_MS],
    ["a far future", {}, "banned until 9999999999999", 3 * DAY_MS],
    ["a year", { "retry-after": "31536000" }, "", 3 * DAY_MS],
  ])("last two minutes to three days after a 418 with %s", async (_name, headers, body, lasts) => {
    const { rest, requests, advance, bans } = await restOf(refusing(418, headers as never, body));
    const error = await rest.time().catch((caught) => caught);
    expect(error).toMatchObject({ code: "banned", next: expect.stringContaining("data/bans.json") });
    expect(Object.values(JSON.parse(await readFile(bans, "utf8")))).toEqual([NOW + lasts]);
    advance(lasts - 1);
    await expect(rest.time()).rejects.toMatchObject({ code: "banned" });
    expect(requests).toHaveLength(1);
    advance(1);
    await rest.time().catch(() => {});
    expect(requests).toHaveLength(2);
  });
});

describe("an answer that can't be true", () => {
  const answering = (klines: (from: number, to: number) => unknown): Respond => {
    return (request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? "", "http://x");
      const [from, to] = ["startTime", "endTime"].map((name) => Number(searchParams.get(name)));
      const body = pathname.endsWith("/time") ? { serverTime: NOW } : klines(from, to);
      response.end(JSON.stringify(body));
    };
  };
  const kline = (time: number, length = MINUTE_MS): unknown[] => [
    ...[time, "10", "12", "9", "11", "2", time + length - 1, "22", 4, "1", "11", "0"],
  ];
  const minutes = (change: (row: unknown[]) => unknown) =>
    answering((from, to) => {
      const rows: unknown[] = [];
      for (let time = from; time <= Math.min(to, NOW) && rows.length < 1_000; time += MINUTE_MS) {
        rows.push(change(kline(time)));
      }
      return rows;
    });

  it.each([
    ["a thirteenth field", minutes((row) => [...row, "0"])],
    ["empty volumes", minutes((row) => row.with(5, ""))],
    ["trades below 0", minutes((row) => row.with(8, -7))],
    ["hours", minutes((row) => kline(Number(row[0]), 60 * MINUTE_MS))],
    ["an object", answering(() => ({}))],
  ])("is no proof that there is nothing: %s", async (_name, respond) => {
    const workspace = await workspaceWith("2025-06-03T12:00", {
      BTCUSDT: [
        ["2025-06-01T00:00", "2025-06-01T10:00"],
        ["2025-06-01T12:00", "2025-06-03T12:00"],
      ],
    });
    const { base, network } = await hostile(respond);
    const backfilled = fill(workspace, { simulator: { restUrl: base }, network } as never, { minutes: true });
    await expect(backfilled).rejects.toMatchObject({ code: "invalid_answer", exit: 3 });
    expect(await readJournal(workspace)).toEqual([]);
  });

  it.each([null, {}, { serverTime: "x" }, { serverTime: 1e15 }, { serverTime: -1 }])(
    "as a clock is an error: %j",
    async (body) => {
      const { rest } = await restOf((_request, response) => void response.end(JSON.stringify(body)));
      await expect(rest.time()).rejects.toMatchObject({ code: "invalid_answer", exit: 3 });
      await expect(rest.symbols()).rejects.toMatchObject({ code: "invalid_answer" });
    },
  );
});

describe("a download", () => {
  const [file] = archiveFiles("BTCUSDT", "1m", "2025-05-01" as Day, "2025-05-01" as Day);
  const content = Buffer.from(Array.from({ length: 40_000 }, (_, i) => i % 251));
  const fetched = async (respond: Respond, timeoutMs?: number) => {
    const exchange = await hostile(respond, timeoutMs);
    let bytes = Buffer.alloc(0);
    let begins = 0;
    const result = await archiveClient(exchange).fetch(file, async () => {
      begins += 1;
      bytes = Buffer.alloc(0);
      return async (piece) => {
        bytes = Buffer.concat([bytes, piece]);
      };
    });
    return { result, bytes, begins, ranges: exchange.requests.map(({ headers }) => headers.range) };
  };

  it("may take longer than the time limit, as long as bytes arrive", async () => {
    const { bytes } = await fetched((_request, response) => {
      let at = 0;
      const timer = setInterval(() => {
        response.write(content.subarray(at, at + 2_000));
        at += 2_000;
        if (at < content.length) return;
        clearInterval(timer);
        response.end();
      }, 100);
    }, 1_000);
    expect(bytes.equals(content)).toBe(true);
  });

  it("that drips is given up", async () => {
    const dripping: Respond = (_request, response) => {
      const timer = setInterval(() => response.write("x"), 20);
      response.on("close", () => clearInterval(timer));
    };
    await expect(fetched(dripping, 200)).rejects.toMatchObject({ code: "archive_unreachable" });
  });

  const cutAt = (response: ServerResponse, from: number, length: number) => {
    response.write(content.subarray(from, from + length), () => response.destroy());
  };

  it("is resumed where it ended", async () => {
    const { bytes, begins, ranges } = await fetched((request, response, count) => {
      const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 0);
      if (from > 0)
        response.setHeader("content-range", `bytes ${from}-${content.length - 1}/${content.length}`);
      response.writeHead(from > 0 ? 206 : 200, { etag: '"one"', "content-length": content.length - from });
      if (count < 4) return cutAt(response, from, 10_000);
      response.end(content.subarray(from));
    });
    expect([bytes.equals(content), begins]).toEqual([true, 1]);
    expect(ranges).toEqual([undefined, "bytes=10000-", "bytes=20000-", "bytes=30000-"]);
  });

  it.each(["the content changed", "the server can't"])("begins again where %s", async (why) => {
    const { bytes, begins } = await fetched((_request, response, count) => {
      response.writeHead(200, {
        "content-length": content.length,
        ...(why !== "the server can't" && { etag: `"${count}"` }),
      });
      if (count === 1) return cutAt(response, 0, 10_000);
      response.end(content);
    });
    expect([bytes.equals(content), begins]).toEqual([true, 2]);
  });

  it("without an end is refused", async () => {
    const endless: Respond = (_request, response) => {
      const more = () => {
        while (response.write(Buffer.alloc(65_536)));
      };
      response.on("drain", more);
      more();
    };
    await expect(fetched(endless)).rejects.toMatchObject({ code: "strange_archive" });
  });
});
