import { randomUUID } from "node:crypto";

/** What is displayed: mime type → content. */
export type Bundle = Record<string, string>;

/** The kernel that runs this process, as far as displaying goes. */
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
    display: (bundle) => jupyter.display(bundle, { raw: true }),
    place: () => {
      const id = randomUUID();
      let type = "display_data";
      return (data) => {
        const sent = jupyter.broadcast(type, { data, metadata: {}, transient: { display_id: id } });
        type = "update_display_data";
        return sent;
      };
    },
  };
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
