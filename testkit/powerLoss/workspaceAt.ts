import type { Workspace } from "../../src/core/workspace.ts";

/** A workspace at a folder, with a clock that stands still. */
export const workspaceAt = (root: string): Workspace => ({
  root,
  clock: () => Date.UTC(2025, 5, 10),
  resources: { threads: 1, memory: "256MB" },
});
