import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { PROJECT_ROOT } from "../src/core/projectRoot.ts";
import { lockReport, UNMAINTAINED } from "../tools/sbom.ts";

const lock = JSON.parse(readFileSync(join(PROJECT_ROOT, "package-lock.json"), "utf8"));

it("every package of the lock file has a permitted licence, and no install script runs", () => {
  const { packages, unclear, scripts } = lockReport(lock);
  expect({ many: packages > 300, unclear }).toEqual({ many: true, unclear: [] });
  expect(scripts.length).toBeGreaterThan(0);
  expect(readFileSync(join(PROJECT_ROOT, ".npmrc"), "utf8")).toContain("ignore-scripts=true");
  for (const name of Object.keys(UNMAINTAINED))
    expect(lock.packages).toHaveProperty([`node_modules/${name}`]);
});

it("a licence that permits less is named, also as one of several", () => {
  const entry = (license: string) => ({ "node_modules/x": { version: "1.0.0", license } });
  for (const license of ["GPL-3.0", "MIT AND GPL-3.0", "SEE LICENSE IN x"]) {
    expect(lockReport({ packages: entry(license) }).unclear).toEqual([`x@1.0.0: ${license}`]);
  }
  expect(lockReport({ packages: entry("(MIT OR Apache-2.0)") }).unclear).toEqual([]);
});
