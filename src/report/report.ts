import { stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { pageScripts, readAsset } from "../charts/assets.ts";
import type { Effects } from "../core/effects.ts";
import { inputError } from "../core/errors.ts";
import { readJson, sha256OfFile, sha256OfValue, writeFileWhole } from "../core/files.ts";
import { CODE_VERSION } from "../core/version.ts";
import { inWorkspace, type Workspace } from "../core/workspace.ts";
import { claims } from "../course/claims.ts";
import { runNumbers } from "../course/runNumbers.ts";
import { abstractOf, syllabusOf } from "../course/syllabus.ts";
import { readSeries } from "../forecasting/inputSeries.ts";
import { publishedTables } from "../lake/catalog.ts";
import { readManifest } from "../lake/manifest.ts";
import { readClaim } from "../lake/marketClaim.ts";
import { readTable } from "../lake/read.ts";
import { executedNotebooks } from "../notebooks/executedNotebooks.ts";
import { emptyWorkspace } from "../serving/emptyWorkspace.ts";
import { rawFiles } from "../serving/rawFiles.ts";
import { buildReport, type ReportFile } from "./build.ts";
import { readCover } from "./cover.ts";
import type { ReportFacts } from "./facts.ts";
import { headlinesOf } from "./headline.ts";

export interface ReportResult extends ReportFile {
  skipped: boolean;
}

const NOTEBOOKS = ["report", "notebooks"] as const;

const receiptForm = z.object({
  schema: z.literal(1),
  fingerprint: z.string(),
  path: z.string(),
  bytes: z.number().int(),
  notebooks: z.number().int(),
});

/**
 * Makes `report/index.html` of the executed notebooks and of the tables as they are; publishes no table. Skipped where
 * neither notebooks nor tables changed since.
 * @throws CandlebookError `empty_workspace`, `no_notebooks`, `bad_report_json` (exit 2); `damaged_notebook`, `no_bundle`
 */
export async function report(workspace: Workspace, effects: Effects = {}): Promise<ReportResult> {
  const facts = await collectFacts(workspace, effects);
  const executed = await executedNotebooks(inWorkspace(workspace, ...NOTEBOOKS));
  if (executed.length === 0) {
    throw inputError(
      "no_notebooks",
      "There is no executed notebook to report on.",
      "Run them first: candlebook notebooks.",
    );
  }
  const fingerprint = await fingerprintOf(workspace, facts, executed);
  const receiptPath = inWorkspace(workspace, "report", "receipt.json");
  const receipt = receiptForm.safeParse(await readJson(receiptPath)).data;
  if (receipt?.fingerprint === fingerprint) {
    const { path, bytes, notebooks } = receipt;
    const size = await stat(inWorkspace(workspace, path)).then(
      (file) => file.size,
      () => -1,
    );
    if (size === bytes) return { path, bytes, notebooks, skipped: true };
  }
  const decided = await claims(workspace, effects);
  const numbers = await runNumbers(workspace, { notebooks: executed.length, claims: decided }, effects);
  const input = await readTable(workspace, "prophet_input");
  const series = input === null ? [] : await readSeries(workspace, input, undefined, effects);
  const course = { claims: decided, abstract: abstractOf(numbers), syllabus: syllabusOf(numbers) };
  const file = await buildReport(workspace, { ...facts, ...course, series }, effects);
  await writeFileWhole(receiptPath, `${JSON.stringify({ schema: 1, fingerprint, ...file }, null, 2)}\n`);
  return { ...file, skipped: false };
}

async function collectFacts(workspace: Workspace, effects: Effects): Promise<ReportFacts> {
  const names = await publishedTables(workspace);
  const found = await Promise.all(names.map((name) => readManifest(workspace, name)));
  const manifests = found.filter((manifest) => manifest !== null);
  // The table that people read says when the data was looked at; the clock moves on without it.
  const served = manifests.find(({ table }) => table === "daily_filled") ?? manifests[0];
  if (served === undefined) throw emptyWorkspace();
  const claim = await readClaim(workspace);
  const { now, source } = served;
  return {
    headlines: await headlinesOf(workspace, Date.parse(now), effects),
    cover: readCover(await readJson(inWorkspace(workspace, "report.json"))),
    source: claim?.market === "simulated" ? "simulated" : source,
    now,
    files: (await rawFiles(workspace)).map(({ name, bytes, sha256, rows }) => ({
      name,
      bytes: Math.max(0, bytes),
      sha256: sha256 ?? "not read",
      rows: rows ?? undefined,
    })),
    tables: manifests.map(({ table, rows, id }) => ({ table, rows, version: id })),
    versions: { candlebook: CODE_VERSION, Node: process.versions.node },
  };
}

async function fingerprintOf(
  workspace: Workspace,
  facts: ReportFacts,
  executed: readonly string[],
): Promise<string> {
  const folder = inWorkspace(workspace, ...NOTEBOOKS);
  const notebooks: Record<string, string> = {};
  for (const name of executed) notebooks[name] = await sha256OfFile(join(folder, name));
  const scripts = sha256OfValue([...pageScripts(), readAsset("report.min.js")]);
  return sha256OfValue({ CODE_VERSION, facts, notebooks, scripts });
}
