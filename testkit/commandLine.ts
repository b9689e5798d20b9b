import { main } from "../src/cli/main.ts";

/** Runs a command line in this process; its outputs and exit code. */
export async function commandLine(...words: string[]): Promise<{ out: string; err: string; exit: number }> {
  const said = { out: "", err: "", exit: 0 };
  await main(words, {
    terminal: {
      out: (text) => {
        said.out += text;
      },
      err: (text) => {
        said.err += text;
      },
      live: false,
    },
    signal: new AbortController().signal,
    setExit: (code) => {
      said.exit = code;
    },
  });
  return said;
}
