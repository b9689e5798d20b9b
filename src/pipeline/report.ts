import { stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { readRawManifest } from "../batch/rawManifest.ts";
import { pageScripts, readAsset } from "../charts/assets.ts";
import type { Effects } from "../core/effects.ts";
import { readJson, sha256OfFile, sha256OfValue, writeFileWhole } from "../core/files.ts";
import { CODE_VERSION } from "../core/version.ts";
import { inWorkspace, type Workspace } from "../core/workspace.ts";
import { publishedTables } from "../lake/catalog.ts";
import { type Manifest, readManifest } from "../lake/manifest.ts";
import { readTable } from "../lake/read.ts";
import { readClaim } from "../lake/source.ts";
import { buildReport, type ReportFile } from "../report/build.ts";
import { readCover } from "../report/cover.ts";
import type { ReportFacts } from "../report/facts.ts";
import { executedNotebooks } from "../report/notebook.ts";
import { type EpochMs, toIso } from "../time/epoch.ts";
import { evidence } from "./evidence.ts";
import { findings } from "./findings.ts";
import { openingsOf } from "./openings.ts";
import { readSeries } from "./series.ts";

export interface ReportResult extends ReportFile {
  skipped: boolean;
}

const receiptForm = z.object({
  schema: z.literal(1),
  fingerprint: z.string(),
  path: z.string(),
  bytes: z.number().int(),
  notebooks: z.number().int(),
});

/**
 * Makes `report/index.html` of the executed notebooks, with what the manifests say of the data; skipped where neither
 * notebooks nor tables changed since.
 * @throws CandlebookError `no_notebooks`, `bad_report_json` (exit 2); `damaged_notebook`, `no_bundle`
 */
export async function report(workspace: Workspace, effects: Effects = {}): Promise<ReportResult> {
  const facts = await collectFacts(workspace, effects);
  const fingerprint = await fingerprintOf(workspace, facts);
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
  const claims = await findings(workspace, effects);
  const executed = await executedNotebooks(inWorkspace(workspace, "report", "notebooks"));
  const { abstract, syllabus } = await evidence(workspace, claims, executed.length, effects);
  const input = await readTable(workspace, "prophet_input");
  const series = input === null ? [] : await readSeries(workspace, input, undefined, effects);
  const file = await buildReport(workspace, { ...facts, claims, abstract, syllabus, series }, effects);
  await writeFileWhole(receiptPath, `${JSON.stringify({ schema: 1, fingerprint, ...file }, null, 2)}\n`);
  return { ...file, skipped: false };
}

async function collectFacts(workspace: Workspace, effects: Effects): Promise<ReportFacts> {
  const names = await publishedTables(workspace);
  const manifests = (await Promise.all(names.map((name) => readManifest(workspace, name)))).filter(
    (manifest): manifest is Manifest => manifest !== null,
  );
  const raw = await readRawManifest(workspace);
  const claim = await readClaim(workspace);
  // The table that people read says when the data was looked at; the clock moves on without it.
  const served = manifests.find(({ table }) => table === "daily_filled") ?? manifests[0];
  const now = served?.now ?? toIso(workspace.clock() as EpochMs);
  return {
    openings: await openingsOf(workspace, Date.parse(now), effects),
    cover: readCover(await readJson(inWorkspace(workspace, "report.json"))),
    source: claim?.market === "simulated" ? "simulated" : (served?.source ?? raw?.source ?? "csv"),
    now,
    files: (raw?.files ?? []).map(({ name, bytes, facts }) => ({
      name,
      bytes: Math.max(0, bytes),
      sha256: facts?.sha256 ?? "not read",
      rows: facts?.rows.in,
    })),
    tables: manifests.map(({ table, rows, id }) => ({ table, rows, version: id })),
    versions: { candlebook: CODE_VERSION, Node: process.versions.node },
  };
}

async function fingerprintOf(workspace: Workspace, facts: ReportFacts): Promise<string> {
  const folder = inWorkspace(workspace, "report", "notebooks");
  const notebooks: Record<string, string> = {};
  for (const name of await executedNotebooks(folder)) {
    notebooks[name] = await sha256OfFile(join(folder, name));
  }
  const scripts = sha256OfValue([...pageScripts(), readAsset("report.min.js")]);
  return sha256OfValue({ CODE_VERSION, facts, notebooks, scripts });
}
