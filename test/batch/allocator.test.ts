import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { expect, it } from "vitest";

it("the engine's allocator is told of its one arena before the library is loaded", () => {
  const session = resolve(import.meta.dirname, "../../src/lake/session.ts");
  const script = `
    const load = process.dlopen;
    process.dlopen = (module, path, ...more) => {
      if (path.includes("duckdb")) console.log(process.env.DUCKDB_JE_MALLOC_CONF);
      return load(module, path, ...more);
    };
    await import(${JSON.stringify(session)});`;
  const { DUCKDB_JE_MALLOC_CONF: _, ...env } = process.env;
  const told = spawnSync(process.execPath, ["--input-type=module", "-e", script], { env, encoding: "utf8" });
  expect(told.stdout.trim()).toBe("narenas:1");
});
