import { randomUUID } from "node:crypto";
import { setTimeout } from "node:timers/promises";

const BYTES_PER_MS = 10_000;

/** What is displayed: mime type → content. */
export type Bundle = Record<string, string>;

/** The kernel that runs this process, as far as displaying is concerned. */
export interface Screen {
  display(bundle: Bundle): Promise<void>;
  /** A place in the cell's output that each call overwrites. */
  place(): (bundle: Bundle) => Promise<void>;
}

interface DenoJupyter {
  display(bundle: Bundle, options: { raw: true }): Promise<void>;
  broadcast(type: string, content: unknown): Promise<void>;
}

interface TslabDisplay {
  raw(mime: string, content: string): void;
}

/** @returns null outside a notebook: in a script, a test, the command line */
export function currentScreen(): Screen | null {
  const deno = denoJupyter();
  if (deno !== null) return denoScreen(deno);
  return process.argv.some((part) => /[\\/]tslab(_kernel\.cjs|[\\/]|$)/.test(part)) ? tslabScreen : null;
}

function denoJupyter(): DenoJupyter | null {
  const { Deno } = globalThis as { Deno?: { jupyter: DenoJupyter } };
  try {
    return Deno?.jupyter ?? null;
  } catch {
    // Deno has the property everywhere, and throws outside its kernel when it is read.
    return null;
  }
}

function denoScreen(jupyter: DenoJupyter): Screen {
  return {
    display: async (bundle) => {
      await jupyter.display(bundle, { raw: true });
      await underWay(bundle);
    },
    place: () => {
      const id = randomUUID();
      let type = "display_data";
      return async (data) => {
        const sent = jupyter.broadcast(type, { data, metadata: {}, transient: { display_id: id } });
        type = "update_display_data";
        await sent;
        await underWay(data);
      };
    },
  };
}

/**
 * Deno's kernel (2.9.5) drops a message while an earlier, large one is being sent (of 20 messages of 1.9 MB on a busy
 * machine 5 were lost; with a pause after each, none of 50), and may send the last one after the cell's end.
 */
async function underWay(bundle: Bundle): Promise<void> {
  const size = Object.values(bundle).reduce((sum, content) => sum + content.length, 0);
  await setTimeout(20 + size / BYTES_PER_MS);
}

const tslabScreen: Screen = {
  display: async (bundle) => put((await tslab()).display, bundle),
  place: () => {
    const display = tslab().then(({ newDisplay }) => newDisplay());
    return async (bundle) => put(await display, bundle);
  },
};

// tslab sends one mime type at a time: the richest is taken.
function put(display: TslabDisplay, bundle: Bundle): void {
  const mime = "text/html" in bundle ? "text/html" : "text/plain";
  display.raw(mime, bundle[mime] ?? "");
}

/** The running kernel's own instance: it has no other way in, and outside the kernel it must not be loaded. */
function tslab(): Promise<{ display: TslabDisplay; newDisplay: () => TslabDisplay }> {
  const name = "tslab";
  return import(name);
}
