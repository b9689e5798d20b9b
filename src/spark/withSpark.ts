import type { Effects } from "../core/effects.ts";
import { sparkHome } from "./home.ts";
import { settleSession } from "./sparkEngine.ts";
import type { SparkSession } from "./sparkSession.ts";

/**
 * Opens a session for the stages, passes it to `use` and always closes it.
 * @param url `sc://host:port`; without one, the local server started by `spark start`
 *
 * @throws CandlebookError as `connectSpark`
 */
export async function withSpark<Result>(
  url: string | undefined,
  effects: Effects,
  use: (session: SparkSession) => Promise<Result>,
): Promise<Result> {
  // The client's libraries take a fifth of the start time of the whole library: they are loaded on demand.
  const { connectSpark } = await import("./sparkSession.ts");
  const session = await connectSpark(sparkHome(), url, {}, effects);
  try {
    await settleSession(session);
    return await use(session);
  } finally {
    await session.close();
  }
}
