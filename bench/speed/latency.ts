// From frame to open window at 100 messages a second: frame → producer → topic → consumer's committed state.
// Usage: latency.ts [SECONDS] [BROKER]; without a broker the embedded topic.
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WebSocketServer } from "ws";
import { consume } from "../../src/speed/consume/consume.ts";
import { openWindows } from "../../src/speed/consume/openWindows.ts";
import { exchangeClock } from "../../src/speed/produce/exchangeClock.ts";
import { produce } from "../../src/speed/produce/produce.ts";
import { openTopic } from "../../src/topic/openTopic.ts";

const [seconds = "20", broker] = process.argv.slice(2);
const RATE = 100;
const root = mkdtempSync(join(tmpdir(), "candlebook-latency-"));
const workspace = { root, clock: () => Date.now(), resources: { threads: 1, memory: "256MB" } };
const options = { brokers: broker === undefined ? undefined : [broker], name: `latency-${process.pid}` };
const [writer, reader] = [await openTopic(workspace, options), await openTopic(workspace, options)];
const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
await once(server, "listening");
const { port } = server.address() as AddressInfo;
const sentAt: number[] = [];
server.on("connection", (socket) => {
  const began = performance.now();
  const timer = setInterval(() => {
    while (sentAt.length < ((performance.now() - began) / 1_000) * RATE) {
      sentAt.push(performance.now());
      socket.send(JSON.stringify({ e: "24hrTicker", E: Date.now(), s: "BTCUSDT", c: String(sentAt.length) }));
    }
  }, 1);
  socket.on("close", () => clearInterval(timer));
});
const controller = new AbortController();
const latencies: number[] = [];
let read = 0;
const consuming = consume(
  workspace,
  reader,
  {
    // A batch for each message that is there: the shortest way to an open window's state.
    batch: { messages: 1, ms: 10_000 },
    onStep: (step) => {
      if (step !== "committed") return;
      const now = performance.now();
      const { tickers } = openWindows(workspace).counts;
      for (; read < tickers; read += 1) latencies.push(now - sentAt[read]);
    },
  },
  { signal: controller.signal },
);
consuming.catch(() => {});
await produce(workspace, {
  symbols: ["BTCUSDT"],
  topic: writer,
  clock: exchangeClock(workspace.clock),
  streamUrl: `ws://127.0.0.1:${port}`,
  forMs: Number(seconds) * 1_000,
});
await new Promise((resolve) => setTimeout(resolve, 500));
controller.abort();
await consuming.catch(() => {});
server.close();
for (const client of server.clients) client.terminate();
await Promise.all([writer.close(), reader.close()]);
rmSync(root, { recursive: true, force: true });
const sorted = latencies.toSorted((a, b) => a - b);
const quantile = (q: number) => sorted[Math.floor(q * (sorted.length - 1))].toFixed(1);
console.log(
  `${broker === undefined ? "embedded" : "Kafka"}: ${sorted.length} messages at ${RATE}/s, frame to committed open window: p50 ${quantile(0.5)} ms, p99 ${quantile(0.99)} ms`,
);
