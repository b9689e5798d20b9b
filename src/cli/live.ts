import type { Command } from "commander";
import { followStream } from "../live/follow.ts";
import { startLiveServer } from "../live/liveServer.ts";
import { attach, type Shell, wholeNumber } from "./shell.ts";
import { duration, type StreamOptions, withStreamOptions, withTopic } from "./streamOptions.ts";

interface Options extends StreamOptions {
  port: string;
  lateness?: string;
}

export function registerLive(program: Command, shell: Shell): void {
  const command = withStreamOptions(
    program
      .command("live")
      .description("a live page on 127.0.0.1: the open day's candles, windows, watermarks and lag")
      .option("--port <n>", "port of the page; 0: any free port", "8765")
      .option("--lateness <time>", "lateness of the consumer (default: 1h)"),
  );
  attach<Options>(shell, command, "candlebook live", async (workspace, options, effects) => {
    const port = wholeNumber("--port", options.port, 0, 65_535);
    const lateness = options.lateness === undefined ? undefined : duration("--lateness", options.lateness);
    return withTopic(workspace, options, async (topic) => {
      const following = await followStream(workspace, topic, { lateness }, effects);
      try {
        const server = await startLiveServer(following, port);
        const { url } = server;
        shell.terminal.out(options.json ? `${JSON.stringify({ url })}\n` : `${url}\n`);
        await following.done.finally(server.close);
        return { json: { ended: true }, text: "" };
      } finally {
        await following.close();
      }
    });
  });
}
