import type { Command } from "commander";
import { inputError } from "../core/errors.ts";
import { sparkHome } from "../spark/home.ts";
import { startSpark, stopSpark } from "../spark/sparkServer.ts";
import { attach, type Reply, type Shell, wholeNumber } from "./shell.ts";

interface Options {
  port?: string;
  kafka?: boolean;
}

export function registerSpark(program: Command, shell: Shell): void {
  const command = program
    .command("spark <action>")
    .description("start or stop of a local Spark Connect server on 127.0.0.1, for --engine spark")
    .option("--port <n>", "port of the server (default: 15002)")
    .option("--no-kafka", "no Kafka source: needs no Maven, reads no topic");
  const example = "candlebook spark start --memory 2GB --threads 2";
  attach<Options>(shell, command, example, async (workspace, options, effects, [action]): Promise<Reply> => {
    const home = sparkHome();
    if (action === "stop") {
      const stopped = await stopSpark(home);
      return { json: { stopped }, text: stopped ? "Spark has stopped." : "No Spark server was running." };
    }
    if (action !== "start") {
      throw inputError("wrong_use", `The action of spark is start or stop, not "${action}".`, "See --help.");
    }
    const port = options.port === undefined ? undefined : wholeNumber("--port", options.port, 1, 65_535);
    const { threads, memory } = workspace.resources;
    const { server, already } = await startSpark(
      home,
      { port, threads, memory, kafka: options.kafka },
      effects,
    );
    const url = `sc://127.0.0.1:${server.port}`;
    return {
      json: { url, pid: server.pid, version: server.version, kafka: server.kafka, already },
      text: [
        `Spark ${server.version} ${already ? "was already running" : "is running"} at ${url} (process ${server.pid}).`,
        "Use it with --engine spark; stop it with candlebook spark stop.",
      ].join("\n"),
    };
  });
}
