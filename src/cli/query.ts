import type { Command } from "commander";
import { csvText } from "../lake/write.ts";
import { query } from "../serving/query.ts";
import { attach, type Shell } from "./shell.ts";
import { textTable } from "./table.ts";

export function registerQuery(program: Command, shell: Shell): void {
  const command = program
    .command("query <sql>")
    .description("one SELECT over the published tables, each a view named as its folder; read-only")
    .option("--csv", "CSV instead of a table");
  const example = 'candlebook query "SELECT symbol, max(high) FROM daily_filled GROUP BY symbol"';
  attach<{ csv?: boolean }>(shell, command, example, async (workspace, options, effects, [sql]) => {
    const { columns, rows } = await query(workspace, sql, effects);
    const text = options.csv ? csvText(columns, rows).trimEnd() : textTable(rows, columns);
    return { json: { columns, rows }, text: text || "(no rows)" };
  });
}
