import type { Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { failure, inputError } from "../core/errors.ts";
import { loopbackServer } from "../core/loopbackServer.ts";
import type { Following } from "./follow.ts";
import { type PageFile, pageFiles } from "./pageFiles.ts";
import type { LivePicture } from "./picture.ts";

export interface LiveServer {
  /** On 127.0.0.1. */
  url: string;
  /** Pages that listen now. */
  listeners(): number;
  close(): Promise<void>;
}

/** Only the page's own files, from this machine; no other page may embed them. */
const HEADERS = {
  "Content-Security-Policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Cache-Control": "no-store",
};

const HEARTBEAT_MS = 10_000;

/**
 * Serves the live page on 127.0.0.1. Each page receives the whole picture first and then changes, as server-sent
 * events; a page that reconnects, or could not keep up, receives the whole picture again.
 * @param port 0: any free port
 * @throws CandlebookError `port_in_use`
 */
export async function startLiveServer(
  following: Pick<Following, "picture" | "onChange">,
  port: number,
): Promise<LiveServer> {
  const files = pageFiles();
  const pages = new Set<ServerResponse>();
  const lagging = new Set<ServerResponse>();
  const server = loopbackServer(({ method, url = "" }, response) => {
    if (method !== "GET") return answer(response, null, 403);
    if (url === "/events") return listen(response);
    answer(response, files.get(url) ?? null, 404);
  });
  const listen = (response: ServerResponse) => {
    response.writeHead(200, { ...HEADERS, "Content-Type": "text/event-stream" });
    response.write("retry: 1000\n\n");
    response.write(eventOf(following.picture()));
    pages.add(response);
    response.on("close", () => {
      pages.delete(response);
      lagging.delete(response);
    });
  };
  await listening(server, port);
  const stop = following.onChange((change) => {
    const event = eventOf(change);
    for (const page of pages) {
      if (page.writableNeedDrain) lagging.add(page);
      else if (lagging.delete(page)) page.write(eventOf(following.picture()));
      else page.write(event);
    }
  });
  const heart = setInterval(() => {
    for (const page of pages) if (!page.writableNeedDrain) page.write(": still here\n\n");
  }, HEARTBEAT_MS);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    listeners: () => pages.size,
    close: async () => {
      clearInterval(heart);
      stop();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const page of pages) page.end();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** One line: JSON text has no line breaks. */
function eventOf(picture: LivePicture): string {
  return `event: picture\ndata: ${JSON.stringify(picture)}\n\n`;
}

function answer(response: ServerResponse, file: PageFile | null, otherwise: number): void {
  const { type, text } = file ?? { type: "text/plain", text: "" };
  response.writeHead(file === null ? otherwise : 200, {
    ...HEADERS,
    "Content-Type": `${type}; charset=utf-8`,
  });
  response.end(text);
}

function listening(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      if (cause.code !== "EADDRINUSE")
        return reject(
          failure(
            "no_server",
            `The page can't be served: ${cause.code}.`,
            "Use another port: --port.",
            cause,
          ),
        );
      reject(
        inputError(
          "port_in_use",
          `Port ${port} of this machine is in use.`,
          "Use another one: --port N, or 0 for any free port.",
          cause,
        ),
      );
    });
    server.listen(port, "127.0.0.1", resolve);
  });
}
