import type { Workspace } from "../core/workspace.ts";
import { type Manifest, readManifest } from "../lake/manifest.ts";

/** Whether a table was made from the versions of its input tables that are published now. */
export async function isCurrent(
  workspace: Workspace,
  { inputs }: Pick<Manifest, "inputs">,
): Promise<boolean> {
  const found = await Promise.all(
    inputs.map(async ({ name, version }) => {
      const input = await readManifest(workspace, name);
      return input !== null && [input.id, input.fingerprint].includes(version);
    }),
  );
  return found.every((current) => current);
}
