import { once } from "node:events";
import type { Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loopbackServer, requestUrl } from "./loopbackServer.ts";

let server: Server;
let port: number;

beforeEach(async () => {
  server = loopbackServer((request, response) => void response.end(requestUrl(request).pathname));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  port = (server.address() as AddressInfo).port;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

/** The whole response to bytes as they are. */
async function answerTo(text: string): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  socket.write(text);
  let answer = "";
  for await (const piece of socket) answer += piece;
  return answer;
}

const get = (path: string, headers: string[]) =>
  answerTo([`GET ${path} HTTP/1.1`, ...headers, "Connection: close", "", ""].join("\r\n"));

describe("loopbackServer", () => {
  it.each(["127.0.0.1", "localhost"])("answers requests for %s", async (name) => {
    const host = `Host: ${name}:${port}`;
    expect(await get("/x", [host])).toMatch(/^HTTP\/1.1 200 [\s\S]*\/x/);
    expect(await get("/x", [host, `Origin: http://${name}:${port}`])).toMatch(/^HTTP\/1.1 200 /);
  });

  it("refuses other hosts, and pages of other sites", async () => {
    const own = `Host: 127.0.0.1:${port}`;
    for (const host of ["evil.example", `evil.example:${port}`, "127.0.0.1:1", "127.0.0.1", "[::1]"]) {
      expect(await get("/", [`Host: ${host}`])).toMatch(/^HTTP\/1.1 403 /);
    }
    for (const origin of ["http://evil.example", "null", `https://127.0.0.1:${port}`, "http://127.0.0.1:1"]) {
      expect(await get("/", [own, `Origin: ${origin}`])).toMatch(/^HTTP\/1.1 403 /);
    }
  });

  it.each([
    "//",
    "///",
    "//evil.example/x",
    "/%",
    "/%ff",
    "/\\",
    "/:80",
    "/..//",
    "*",
    "http://evil.example/",
  ])("survives the path %s", async (path) => {
    expect(await get(path, [`Host: 127.0.0.1:${port}`])).toMatch(/^HTTP\/1.1 (200|400) /);
    expect(await get("/", [`Host: 127.0.0.1:${port}`])).toMatch(/^HTTP\/1.1 200 /);
  });

  it("limits connections, and the time of a request", async () => {
    expect(server.maxConnections).toBe(500);
    expect([server.headersTimeout, server.requestTimeout]).toEqual([10_000, 30_000]);
    server.maxConnections = 2;
    const held = [connect(port, "127.0.0.1"), connect(port, "127.0.0.1")];
    await Promise.all(held.map((socket) => once(socket, "connect")));
    const third = connect(port, "127.0.0.1").on("error", () => {});
    await once(third, "close");
    for (const socket of held) socket.destroy();
  });
});
