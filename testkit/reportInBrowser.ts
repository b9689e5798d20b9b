import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { expect } from "vitest";
import type { Workspace } from "../src/core/workspace.ts";
import { openWorkspace } from "../src/lake/openWorkspace.ts";
import { report } from "../src/report/report.ts";
import { launchBrowser, type Misdeeds, noBrowser, openPage } from "./browser.ts";
import { noKernels } from "./kernels.ts";
import { simulatedRun } from "./simulatedRun.ts";

/** Why the report can't be opened here, or null. */
export const noReport = noKernels ?? noBrowser;
if (noReport !== null) console.log(`report in a browser: skipped, ${noReport}`);

/** The report of the simulated run, open in a browser without a network. */
export interface ReportInBrowser {
  workspace: Workspace;
  browser: Browser;
  page: Page;
  misdeeds: Misdeeds;
  close(): Promise<void>;
}

export async function openReport(): Promise<ReportInBrowser> {
  const { asked, root } = await simulatedRun();
  const workspace = await openWorkspace({ root, threads: 2, memory: "512MB" });
  const cover = { title: "A title", author: "Ann <b>" };
  await writeFile(join(root, "report.json"), JSON.stringify(cover));
  const { path, bytes } = await report(workspace);
  expect(bytes).toBeLessThan(5e6);
  const browser = await launchBrowser();
  const { page, misdeeds } = await openPage(browser, pathToFileURL(join(root, path)).href);
  const close = async () => {
    await browser.close();
    await rm(asked, { recursive: true, force: true });
  };
  return { workspace, browser, page, misdeeds, close };
}
