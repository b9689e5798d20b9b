import { createRequire } from "node:module";
import { join } from "node:path";
import { expect, it } from "vitest";

it.each([
  ["figures", "browser/figures/figurePage.ts"],
  ["figure", "browser/languageSwitch.ts"],
  ["report", "forecast/prophet/map.ts"],
  ["live", "browser/live/livePage.ts"],
])("the script %s has nothing that only Node has, and no eval", async (name, part) => {
  const require = createRequire(import.meta.url);
  const { build } = require("esbuild") as typeof import("esbuild");
  const { outputFiles, metafile } = await build({
    entryPoints: [join(import.meta.dirname, `${name}.ts`)],
    bundle: true,
    format: "iife",
    platform: "browser",
    write: false,
    metafile: true,
    logLevel: "silent",
  });
  expect(Object.keys(metafile.inputs).some((path) => path.endsWith(`src/${part}`))).toBe(true);
  expect(outputFiles[0].text).not.toMatch(/\beval\(|new Function|node:/);
});
