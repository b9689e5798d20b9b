import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** A request must be complete soon; responses may last. */
const LIMITS = { headersTimeout: 10_000, requestTimeout: 30_000, connectionsCheckingInterval: 5_000 };
const MOST_CONNECTIONS = 500;

/**
 * A server for this machine's own programs, to listen on 127.0.0.1: it refuses what a page of another site sends
 * (403), more connections than 500, and requests that are not complete within seconds.
 */
export function loopbackServer(answer: RequestListener): Server {
  const server = createServer(LIMITS, (request, response) => {
    if (isOwnRequest(server, request)) return answer(request, response);
    response.writeHead(403, { "Content-Type": "text/plain", Connection: "close" }).end();
  });
  server.maxConnections = MOST_CONNECTIONS;
  return server;
}

/**
 * Whether a request names this server as its host, and comes from its own pages or from no page: a foreign site can
 * let its own name resolve to this machine (DNS rebinding).
 */
export function isOwnRequest(server: Server, { headers }: IncomingMessage): boolean {
  const { port } = server.address() as AddressInfo;
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
  const { host = "", origin } = headers;
  return hosts.includes(host) && (origin === undefined || hosts.some((own) => origin === `http://${own}`));
}

/** The path and query of a request; `/` for anything else. Never throws. */
export function requestUrl({ url = "/" }: IncomingMessage): URL {
  // With a base, a path of two slashes would be a host.
  const text = `http://127.0.0.1${url.startsWith("/") ? url : "/"}`;
  return new URL(URL.canParse(text) ? text : "http://127.0.0.1/");
}
