import type { Command } from "commander";
import { query } from "../serving/query.ts";
import { type TableDiff, tableDiff } from "../serving/tableDiff.ts";
import { type AnswerOptions, answer, withAnswerOptions } from "./answer.ts";
import { attach, type Shell } from "./shell.ts";
import { counted } from "./table.ts";

export function registerDiff(program: Command, shell: Shell): void {
  const command = withAnswerOptions(
    program
      .command("diff <table> <before> <after>")
      .description("rows that differ between two versions of a table, each an instant or a version"),
  );
  attach<AnswerOptions>(
    shell,
    command,
    "candlebook diff daily_filled 2025-08-17 2025-08-18",
    async (workspace, options, effects, [table, before, after]) => {
      const { sql, views, key, ...versions } = await tableDiff(workspace, table, [before, after]);
      if (options.output !== undefined || options.format !== undefined)
        return answer(shell, workspace, { sql, views }, { ...options, ...effects });
      const totals = await query(workspace, totalsSql({ sql, key }), { views, ...effects });
      const [{ added, changed, removed }] = totals.rows as Record<string, number>[];
      const between = [versions.before, versions.after].map(({ id, at, rows }) => ({
        version: id,
        at,
        rows,
      }));
      const facts = { table, before: between[0], after: between[1], added, changed, removed };
      const { otherColumns } = versions;
      if (options.json) {
        const { rows } = await query(workspace, sql, { views, ...effects });
        return { json: { ...facts, otherColumns, rows }, text: "" };
      }
      const head =
        `${table}, ${between.map(({ version, at }) => `${version} (${at})`).join(" and ")}: ` +
        `${counted(added, "row")} added, ${removed} removed, ${changed} changed.`;
      const missing =
        otherColumns.length > 0 ? `\nColumns of one version only: ${otherColumns.join(", ")}.` : "";
      if (added + changed + removed === 0) return { text: head + missing };
      const { text } = await answer(shell, workspace, { sql, views }, { ...options, ...effects });
      return { text: `${head}${missing}\n${text}` };
    },
  );
}

/** Rows by their change: a changed row has a line for each of its fields. */
function totalsSql({ sql, key }: Pick<TableDiff, "sql" | "key">): string {
  const row = key.map((name) => `"${name}"`).join(", ");
  const count = (change: string) =>
    `count(DISTINCT (${row})) FILTER (WHERE change = '${change}') AS ${change}`;
  return `SELECT ${["added", "changed", "removed"].map(count).join(", ")} FROM (${sql})`;
}
