import type { Effects } from "../core/effects.ts";
import { sparkHome } from "./home.ts";
import { settleSession } from "./sparkEngine.ts";
import type { SparkSession } from "./sparkSession.ts";

/**
 * Opens a session for the stages, uses it and closes it, whatever happens.
 * @param url `sc://host:port`; without one, the local server that `spark start` brought up
 * @throws CandlebookError as `connectSpark`
 */
export async function withSpark<Result>(
  url: string | undefined,
  effects: Effects,
  use: (session: SparkSession) => Promise<Result>,
): Promise<Result> {
  // The client's libraries take a fifth of the whole library's start: loaded by whoever asks for a session.
  const { connectSpark } = await import("./sparkSession.ts");
  const session = await connectSpark(sparkHome(), url, {}, effects);
  try {
    await settleSession(session);
    return await use(session);
  } finally {
    await session.close();
  }
}
