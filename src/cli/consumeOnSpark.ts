import type { Effects } from "../core/effects.ts";
import { inputError } from "../core/errors.ts";
import type { Workspace } from "../core/workspace.ts";
import { streamTable } from "../lake/seriesTables.ts";
import { consumeOnSpark, type SparkConsumeOptions } from "../spark/consumeOnSpark.ts";
import { PRICE_TOPIC } from "../topic/topic.ts";
import { dayTable } from "./dayTable.ts";
import { type EngineOptions, onSpark } from "./engine.ts";
import type { Reply } from "./shell.ts";
import { brokersOf, type StreamOptions } from "./streamOptions.ts";
import { grouped } from "./table.ts";

/** `consume --engine spark`. @throws CandlebookError `bad_option` for options that Spark's consumer does not support */
export async function consumeWithSpark(
  workspace: Workspace,
  options: StreamOptions & EngineOptions & Pick<SparkConsumeOptions, "once" | "latenessMs" | "windows">,
  unsupported: readonly (string | false)[],
  effects: Effects,
): Promise<Reply> {
  const brokers = brokersOf(options);
  const found = unsupported.filter((name) => name !== false);
  if (brokers.length === 0 || found.length > 0) {
    throw inputError(
      "bad_option",
      brokers.length === 0
        ? "Spark reads from Kafka only, and no broker is named."
        : `${found.join(", ")}: not supported on Spark.`,
      "Write consume --engine spark --brokers host:port [--window 1h,1d] [--once] [--lateness 1h]; without --engine spark consume has every option.",
    );
  }
  const { once, latenessMs, windows } = options;
  const topic = options.topic ?? PRICE_TOPIC;
  const result = await onSpark(options.sparkUrl, effects, (session) =>
    consumeOnSpark(session, workspace, { brokers, topic, once, latenessMs, windows }, effects),
  );
  const { days, read, late, poison, tickers, unknown, unseen } = result;
  const text = [
    `${grouped(read)} messages read. So far ${grouped(late)} late updates, ${grouped(poison)} poison messages, ` +
      `${grouped(tickers)} tickers and ${grouped(unknown)} of an unknown type, which create no window`,
    ...(unseen === 0
      ? []
      : [
          `${grouped(unseen)} messages are no longer in the topic: late and poison messages among them are not counted.`,
        ]),
    ...(result.windows.some(({ closed }) => closed > 0) ? [] : ["No window has closed."]),
    ...(days.length === 0 ? [] : [`${days.length} days have closed:\n${dayTable(days)}`]),
    ...result.windows
      .filter(({ length }) => length !== "1d")
      .map(({ length, closed }) => `${streamTable(length)}: ${grouped(closed)} windows closed`),
  ];
  return { json: result, text: text.join("\n") };
}
