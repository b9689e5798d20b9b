import { rm } from "node:fs/promises";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { scratchWorkspace } from "../../testkit/tables.ts";
import { chosenFor } from "./ingest.ts";

it("ingest reads what a simulated workspace downloaded, its whole folder too, and no other file", async () => {
  const empty = await scratchWorkspace();
  onTestFinished(() => rm(empty.root, { recursive: true }));
  const workspace = {
    ...empty,
    market: { schema: 1, market: "simulated", seed: 1, now: empty.clock() } as const,
  };
  const raw = join(workspace.root, "data", "raw");
  for (const path of [raw, `${raw}/`, join(raw, "BTCUSDT")])
    expect(await chosenFor(workspace, [{ path }])).toEqual({ source: "simulated" });
  for (const path of [join(workspace.root, "data"), `${raw}2`])
    await expect(chosenFor(workspace, [{ path }])).rejects.toMatchObject({ code: "mixed_markets" });
});
