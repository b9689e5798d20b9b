import type { Entry, Relation } from "./protocol.ts";

/** A SELECT, or a relation as it is. */
export function relationOf(source: string | Relation): Relation {
  return typeof source === "string" ? { sql: { query: source } } : source;
}

/** Options in the protocol's form. */
export function entries(options: Record<string, string>): Entry[] {
  return Object.entries(options).map(([key, value]) => ({ key, value }));
}
