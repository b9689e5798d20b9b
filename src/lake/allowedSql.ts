import type { DuckDBConnection } from "@duckdb/node-api";
import { inputError } from "../core/errors.ts";
import { didYouMean } from "../core/nearNames.ts";

/** Functions in FROM: they compute their rows, everything else there reads files, settings or the catalog. */
const TABLE_FUNCTIONS = new Set(["range", "generate_series", "unnest", "json_each", "json_tree"]);

/** What the syntax tree of a SELECT may consist of besides expressions. */
const NODES =
  /^(SELECT_NODE|SET_OPERATION_NODE|RECURSIVE_CTE_NODE|CTE_NODE|\w+_MODIFIER|ORDER_DEFAULT|ASCENDING|DESCENDING|EMPTY|BASE_TABLE|SUBQUERY|JOIN|TABLE_FUNCTION|EXPRESSION_LIST|PIVOT|SHOW_REF|\w+_TYPE_INFO)$/;

/**
 * The engine's own pure functions, aggregates and macros over them. Not among them: what reads settings or the
 * session, and what allocates as much as an argument says (the engine's memory limit does not count that).
 */
const FUNCTIONS_SQL = `
  SELECT DISTINCT function_name AS name FROM duckdb_functions()
  WHERE internal AND schema_name = 'main'
    AND (function_type = 'aggregate'
      OR function_type = 'scalar' AND (stability = 'CONSISTENT' OR function_name IN ('random', 'now', 'today', 'current_date'))
      OR function_type = 'macro' AND NOT regexp_matches(macro_definition, '\\bFROM\\b'))
    AND function_name NOT IN ('current_setting', 'getvariable', 'json_serialize_plan', 'parse_duckdb_log_message', 'version',
      'current_database', 'current_schema', 'current_schemas', 'current_catalog',
      'repeat', 'lpad', 'rpad', 'format', 'printf', 'list_resize', 'array_resize', 'range', 'generate_series')`;

type Tree = Record<string, unknown>;

/**
 * Checks that one SELECT refers to nothing but the given tables, its own common table expressions and functions that
 * compute: the engine's parser names each of them, and what is not on a list is refused.
 * @throws CandlebookError `bad_query`; `not_a_question` for another statement
 */
export async function checkReferences(
  connection: DuckDBConnection,
  sql: string,
  { tables, folders }: { tables: readonly string[]; folders: readonly string[] },
): Promise<void> {
  const parsed = await connection.runAndReadAll("SELECT json_serialize_sql($sql::VARCHAR)", { sql });
  const tree = JSON.parse(String(parsed.getRowsJS()[0][0])) as Tree;
  if (tree.error === true) throw notOneSelect();
  const rows = (await connection.runAndReadAll(FUNCTIONS_SQL)).getRowObjectsJS();
  const functions = new Set(rows.map((row) => String(row.name)));
  const refuse = (what: string, name = "", among: Iterable<string> = tables) =>
    inputError(
      "bad_query",
      `A query can't use ${what}${folders.includes(name) ? ": it is a folder of files without a table, to be opened as they are" : ""}.`,
      `${didYouMean(name, [...among])}Published tables: ${tables.join(", ") || "none yet (candlebook run)"}. Functions: those that only compute.`,
    );
  new References(functions, refuse).check(tree.statements, new Set(tables.map((name) => name.toLowerCase())));
}

export function notOneSelect(): Error {
  return inputError(
    "not_a_question",
    "The statement is not a single SELECT.",
    "Ask one question: SELECT … FROM a published table. Nothing can be written.",
  );
}

/** @param name what the query wrote, for the nearest of `among`, which are the tables by default */
type Refuse = (what: string, name?: string, among?: Iterable<string>) => Error;

class References {
  readonly #functions: ReadonlySet<string>;
  readonly #refuse: Refuse;

  constructor(functions: ReadonlySet<string>, refuse: Refuse) {
    this.#functions = functions;
    this.#refuse = refuse;
  }

  /** @param names the tables and common table expressions that are visible here, in lower case */
  check(value: unknown, names: ReadonlySet<string>): void {
    if (Array.isArray(value)) for (const item of value) this.check(item, names);
    if (value === null || typeof value !== "object" || Array.isArray(value)) return;
    const tree = value as Tree;
    this.#checkNode(tree, names);
    const inner = this.#withCommonTables(tree, names);
    for (const [key, child] of Object.entries(tree)) {
      if (key === "function" && tree.type === "TABLE_FUNCTION")
        this.#checkTableFunction(child as Tree, inner);
      else if (key !== "cte_map") this.check(child, inner);
    }
  }

  #checkNode(tree: Tree, names: ReadonlySet<string>): void {
    if (typeof tree.type === "string" && tree.class === undefined && !NODES.test(tree.type)) {
      throw this.#refuse(`this syntax (${tree.type})`);
    }
    if (tree.type === "SHOW_REF") this.#checkShow(tree);
    else if ("table_name" in tree) this.#checkTable(tree, names);
    if ("function_name" in tree) this.#checkFunction(tree, this.#functions);
  }

  /** A common table expression sees those before it; itself only where it is recursive. */
  #withCommonTables(tree: Tree, names: ReadonlySet<string>): ReadonlySet<string> {
    const visible = new Set(names);
    if (tree.type === "RECURSIVE_CTE_NODE") visible.add(String(tree.cte_name).toLowerCase());
    const map = (tree.cte_map as { map?: { key: string; value: unknown }[] } | undefined)?.map ?? [];
    for (const { key, value } of map) {
      this.check(value, visible);
      visible.add(key.toLowerCase());
    }
    return visible;
  }

  #checkTable({ table_name, schema_name, catalog_name }: Tree, names: ReadonlySet<string>): void {
    const known = names.has(String(table_name).toLowerCase());
    const plain = catalog_name === "" && ["", "main", "recurring"].includes(String(schema_name));
    if (known && plain) return;
    const path = [catalog_name, schema_name, table_name].filter((part) => part !== "").join(".");
    throw this.#refuse(`the table "${path}"`, path);
  }

  #checkShow({ query, table_name }: Tree): void {
    if (query === null && table_name !== '"tables"') throw this.#refuse(`SHOW ${table_name}`);
  }

  #checkTableFunction(call: Tree, names: ReadonlySet<string>): void {
    this.#checkFunction(call, TABLE_FUNCTIONS);
    this.check(call.children, names);
  }

  #checkFunction({ function_name, schema, catalog }: Tree, allowed: ReadonlySet<string>): void {
    const name = String(function_name).toLowerCase();
    const plain = catalog === "" && (schema === "" || schema === "main");
    if (plain && (allowed.has(name) || name === "unnest")) return;
    throw this.#refuse(
      `the function ${[schema, name].filter((part) => part !== "").join(".")}`,
      name,
      allowed,
    );
  }
}
