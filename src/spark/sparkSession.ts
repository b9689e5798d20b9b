import { delay } from "../core/delay.ts";
import type { Effects } from "../core/effects.ts";
import { inputError } from "../core/errors.ts";
import { environment } from "../core/machine.ts";
import { parseSparkUrl, type SparkAddress } from "./address.ts";
import { rowsOf } from "./arrowRows.ts";
import { type Channel, type ChannelOptions, call, isCallFailure, openChannel } from "./channel.ts";
import { type ExecuteOptions, execute } from "./execute.ts";
import type { SparkHome } from "./home.ts";
import { ensureProtocol } from "./install.ts";
import { type ExecuteResponse, loadProtocol, type Plan, type Relation } from "./protocol.ts";
import { entries, relationOf } from "./relation.ts";
import { isPassing, otherServer } from "./sparkErrors.ts";
import { runningServer } from "./sparkServer.ts";
import { type SparkStream, streamOf } from "./sparkStream.ts";

/** A session on a Spark server, with its own temporary views and settings. */
export interface SparkSession {
  id: string;
  /** The server's, `4.2.0`. */
  version: string;
  /** All rows of a SELECT (see `rowsOf` for the types). */
  rows<Row>(sql: string): Promise<Row[]>;
  /** A statement that changes something: CREATE, INSERT, SET … */
  run(sql: string): Promise<void>;
  /** Creates a named relation for later statements of this session. */
  view(name: string, relation: string | Relation): Promise<void>;
  /** Writes a SELECT's rows into a new folder. */
  write(sql: string, target: WriteTarget): Promise<void>;
  /** Starts a streaming query; it continues after this process ends, as long as the session lives. */
  startStream(source: string | Relation, target: StreamTarget): Promise<SparkStream>;
  /** A streaming query that an earlier process started in this session. */
  stream(id: string, runId: string): SparkStream;
  /** Ends the session with everything that runs in it, and the connection. */
  close(): Promise<void>;
  /** Ends only the connection: queries in the session continue. */
  leave(): void;
}

export interface WriteTarget {
  /** Absolute, as the server sees it; must not exist yet. */
  path: string;
  format: "parquet" | "text";
  /** `snappy`, `zstd`. */
  compression?: string;
  partitionBy?: readonly string[];
}

export interface StreamTarget {
  name?: string;
  path: string;
  format: "parquet";
  checkpoint: string;
  /** Everything available now, then stop; or a micro-batch at an interval. */
  trigger: "availableNow" | { everySeconds: number };
}

export interface ConnectOptions extends ChannelOptions, Pick<ExecuteOptions, "attempts" | "firstWaitMs"> {
  /** Used if the address has none; default: the local server's, else `CANDLEBOOK_SPARK_TOKEN`. */
  token?: string;
}

/**
 * Opens a session.
 *
 * @param url `sc://host:port`; without one, the local server started by `startSpark`
 *
 * @throws CandlebookError `no_spark_server`, `bad_spark_url`, `spark_unreachable`, `spark_refused`,
 *   `spark_other_version`
 */
export async function connectSpark(
  home: SparkHome,
  url: string | undefined,
  options: ConnectOptions = {},
  effects: Effects = {},
): Promise<SparkSession> {
  const address = await addressOf(home, url, options.token);
  const protocol = await loadProtocol(await ensureProtocol(home, effects));
  const channel = openChannel(protocol, address, options);
  try {
    const version = await versionOf(channel, options);
    return sessionOn(channel, version, { ...options, signal: effects.signal });
  } catch (error) {
    channel.service.close();
    throw await channel.fail(error);
  }
}

async function addressOf(
  home: SparkHome,
  url: string | undefined,
  token: string | undefined,
): Promise<SparkAddress> {
  const local = await runningServer(home);
  if (url === undefined && local === null) {
    throw inputError(
      "no_spark_server",
      "No Spark server is named, and none is running here.",
      "Start one (candlebook spark start), or name one: --spark-url sc://host:port",
    );
  }
  const text = url ?? `sc://127.0.0.1:${local?.port}`;
  const { host, port } = parseSparkUrl(text);
  const isLocal = local?.port === port && /^(localhost|127\.0\.0\.1)$/.test(host);
  const known = isLocal ? local.token : environment.CANDLEBOOK_SPARK_TOKEN || null;
  return parseSparkUrl(text, token ?? known);
}

async function versionOf(
  channel: Channel,
  { attempts = 3, firstWaitMs = 200 }: ConnectOptions,
): Promise<string> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const answer = await call<{ spark_version?: { version?: string } }>(channel, "AnalyzePlan", {
        spark_version: {},
      });
      const version = answer.spark_version?.version ?? "none";
      if (!/^4\./.test(version)) throw otherServer(channel.where, `it is ${version}`);
      return version;
    } catch (error) {
      if (!isCallFailure(error) || !isPassing(error) || attempt >= attempts) throw error;
      await delay(firstWaitMs * attempt);
    }
  }
}

function sessionOn(channel: Channel, version: string, options: ExecuteOptions): SparkSession {
  const all = async (plan: Plan): Promise<ExecuteResponse[]> => {
    const responses: ExecuteResponse[] = [];
    for await (const response of execute(channel, plan, options)) responses.push(response);
    return responses;
  };
  const command = (sql: string) => all({ command: { sql_command: { input: relationOf(sql) } } });
  return {
    id: channel.sessionId,
    version,
    rows: async <Row>(sql: string) => {
      const rows: Row[] = [];
      for await (const { arrow_batch } of execute(channel, { root: relationOf(sql) }, options)) {
        if (arrow_batch) for (const row of rowsOf<Row>(arrow_batch.data)) rows.push(row);
      }
      return rows;
    },
    run: async (sql) => {
      await command(sql);
    },
    view: async (name, relation) => {
      const view = { name, is_global: false, replace: true, input: relationOf(relation) } as const;
      await all({ command: { create_dataframe_view: view } });
    },
    write: async (sql, { path, format, compression, partitionBy = [] }) => {
      const operation = {
        input: relationOf(sql),
        source: format,
        path,
        mode: "SAVE_MODE_ERROR_IF_EXISTS",
        partitioning_columns: [...partitionBy],
        options: entries(compression === undefined ? {} : { compression }),
      } as const;
      await all({ command: { write_operation: operation } });
    },
    startStream: async (source, { name, path, format, checkpoint, trigger }) => {
      const when =
        trigger === "availableNow"
          ? { available_now: true }
          : { processing_time_interval: `${trigger.everySeconds} seconds` };
      const responses = await all({
        command: {
          write_stream_operation_start: {
            input: relationOf(source),
            format,
            path,
            output_mode: "append",
            options: entries({ checkpointLocation: checkpoint }),
            ...(name === undefined ? {} : { query_name: name }),
            ...when,
          },
        },
      });
      const started = responses.find((response) => response.write_stream_operation_start_result);
      return streamOf(all, started?.write_stream_operation_start_result?.query_id ?? { id: "", run_id: "" });
    },
    stream: (id, runId) => streamOf(all, { id, run_id: runId }),
    close: async () => {
      await call(channel, "ReleaseSession", {}).catch(() => {});
      channel.service.close();
    },
    leave: () => channel.service.close(),
  };
}
