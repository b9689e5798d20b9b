import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Application, ReflectionKind } from "typedoc";
import { expect, it } from "vitest";
import { PROJECT } from "../testkit/candlebook.ts";

it("API pages: one for each function that is exported, each with its description; nothing is loaded from elsewhere", async () => {
  const out = await mkdtemp(join(tmpdir(), "candlebook-api-"));
  try {
    const app = await Application.bootstrapWithPlugins({
      options: join(PROJECT, "typedoc.json"),
      out,
      logLevel: "Error",
    });
    const project = await app.convert();
    if (project === undefined) throw new Error("typedoc can't read src/index.ts");
    const functions = project.getChildrenByKind(ReflectionKind.Function);
    const silent = functions.filter(({ signatures = [] }) => !signatures.every((one) => one.hasComment()));
    expect(functions.length).toBeGreaterThan(60);
    expect(silent.map(({ name }) => name)).toEqual([]);
    await app.generateDocs(project, out);
    expect(app.logger.errorCount + app.logger.warningCount).toBe(0);
    const pages = (await readdir(join(out, "functions"))).sort();
    expect(pages).toEqual(functions.map(({ name }) => `${name}.html`).sort());
    const page = await readFile(join(out, "functions", "forecast.html"), "utf8");
    expect(page).not.toMatch(/<(script|img|link)[^>]*(src|href)="(https?:)?\/\//);
    expect(page).not.toContain(PROJECT);
  } finally {
    await rm(out, { recursive: true, force: true });
  }
});
