import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { z } from "zod";
import { inputError } from "../core/errors.ts";
import { environment, wallClock } from "../core/machine.ts";
import type { Clock, Workspace } from "../core/workspace.ts";
import { parseInstant } from "../time/epoch.ts";
import { chooseWorkspace } from "./lastWorkspace.ts";
import { readClaim } from "./marketClaim.ts";

export interface WorkspaceOptions {
  /**
   * Default: the environment's `CANDLEBOOK_WORKSPACE`, else the workspace of the checkout's last run, else the
   * checkout; for an installed package the current folder.
   */
  root?: string;
  /** The instant that counts as now, ISO 8601; default: `CANDLEBOOK_NOW`, else the machine's clock. */
  now?: string;
  /** Default: all cores. */
  threads?: number;
  /** Upper limit of the engine's buffers; default 1GB. */
  memory?: string;
}

const optionsForm = z.object({
  root: z.string().min(1),
  now: z
    .string()
    .refine((text) => parseInstant(text) !== null, "is not an instant such as 2025-08-18T12:00:00Z")
    .optional(),
  threads: z.number().int().min(1).max(256),
  memory: z.string().regex(/^\d+(\.\d+)?(MB|GB|MiB|GiB)$/, "is not a size such as 512MB or 2GB"),
});

/**
 * Opens a workspace, by default with the machine's clock; one with the simulated market uses that market's own *now*
 * instead.
 * @throws CandlebookError `bad_option` if an option is invalid
 */
export async function openWorkspace(options: WorkspaceOptions = {}): Promise<Workspace> {
  const { CANDLEBOOK_NOW } = environment;
  const settings = optionsForm.safeParse({
    root: (await chooseWorkspace(options.root)).root,
    now: options.now ?? (CANDLEBOOK_NOW || undefined),
    threads: options.threads ?? availableParallelism(),
    memory: options.memory ?? "1GB",
  });
  if (!settings.success) {
    const [issue] = settings.error.issues;
    throw inputError(
      "bad_option",
      `The option ${issue.path.join(".")} is invalid: ${issue.message}.`,
      "See candlebook --help.",
    );
  }
  const { root, now, threads, memory } = settings.data;
  const folder = resolve(root);
  const claim = await readClaim({ root: folder });
  const clock = clockOf(
    claim?.market === "simulated" ? claim.now : now === undefined ? null : parseInstant(now),
  );
  return { root: folder, clock, resources: { threads, memory } };
}

function clockOf(fixed: number | null): Clock {
  return fixed === null ? wallClock : () => fixed;
}
