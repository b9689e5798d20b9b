import { WebSocket } from "ws";

/** Why a connection ended. */
export type Ending = "closed" | "refused" | "silent" | "replaced" | "stopped";

export interface ConnectionOptions {
  url: string;
  /** A connection without a data frame for this long is closed, pings or not. */
  silenceMs: number;
  connectMs: number;
  onOpen(headers: Record<string, string | string[] | undefined>): void;
  onFrame(text: string): void;
  onEnd(ending: Ending): void;
}

/** One socket to the exchange. */
export interface Connection {
  /** Stops reading: the exchange's side fills, and nothing is dropped here. */
  pause(): void;
  resume(): void;
  end(why: "replaced" | "stopped"): void;
}

const LARGEST_FRAME = 1 << 20;

/** Opens a socket. It answers pings by itself; only the age of the data decides that it is silent. */
export function openConnection(options: ConnectionOptions): Connection {
  const socket = new WebSocket(options.url, {
    handshakeTimeout: options.connectMs,
    maxPayload: LARGEST_FRAME,
    followRedirects: false,
  });
  let ended = false;
  let opened = false;
  let paused = false;
  let timer: NodeJS.Timeout | undefined;

  const finish = (ending: Ending) => {
    if (ended) return;
    ended = true;
    clearTimeout(timer);
    socket.removeAllListeners();
    socket.on("error", () => {});
    socket.terminate();
    options.onEnd(ending);
  };
  const alive = () => {
    clearTimeout(timer);
    if (!ended && !paused) timer = setTimeout(() => finish("silent"), options.silenceMs);
  };
  socket.on("upgrade", ({ headers }) => {
    opened = true;
    options.onOpen(headers);
  });
  socket.on("open", () => {
    if (paused) socket.pause();
    alive();
  });
  socket.on("message", (data) => {
    alive();
    options.onFrame(String(data));
  });
  socket.on("close", () => finish(opened ? "closed" : "refused"));
  socket.on("error", () => finish(opened ? "closed" : "refused"));
  return {
    pause: () => {
      paused = true;
      clearTimeout(timer);
      if (socket.readyState === WebSocket.OPEN) socket.pause();
    },
    resume: () => {
      paused = false;
      if (socket.readyState === WebSocket.OPEN) socket.resume();
      alive();
    },
    end: finish,
  };
}
