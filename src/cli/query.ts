import type { Command } from "commander";
import { type AnswerOptions, answer, withAnswerOptions } from "./answer.ts";
import { attach, type Shell } from "./shell.ts";

export function registerQuery(program: Command, shell: Shell): void {
  const command = withAnswerOptions(
    program
      .command("query <sql>")
      .description("one SELECT over the published tables, each a view named as its folder; read-only"),
  ).option(
    "--at <instant>",
    "the tables as they were published at an instant, or with a version of one of them",
  );
  const example = 'candlebook query "SELECT symbol, max(high) FROM daily_filled GROUP BY symbol"';
  attach<AnswerOptions & { at?: string }>(
    shell,
    command,
    example,
    (workspace, { at, ...options }, effects, [sql]) =>
      answer(shell, workspace, { sql, at }, { ...options, ...effects }),
  );
}
