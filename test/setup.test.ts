import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { PROJECT } from "../testkit/candlebook.ts";

let clone: string;

/** A clone with nothing prepared: what set-up reads, and no more. */
beforeEach(() => {
  clone = mkdtempSync(join(tmpdir(), "candlebook-setup-"));
  const parts = ["environment", "bin", "src", "package.json", "package-lock.json", ".npmrc"];
  for (const name of [...parts, "tsconfig.json", "tsconfig.build.json"]) {
    const filter = (path: string) => !path.endsWith(".venv");
    cpSync(join(PROJECT, name), join(clone, name), { recursive: true, filter });
  }
});
afterEach(() => rmSync(clone, { recursive: true, force: true }));

function setUp(env: Record<string, string>, ...words: string[]) {
  const options = { cwd: clone, env: { ...process.env, ...env }, encoding: "utf8" } as const;
  const { status, stderr } = spawnSync(process.execPath, ["environment/setup.mjs", ...words], options);
  return { exit: status, said: stderr };
}

describe("set-up", () => {
  it("says in one sentence that the network is not there, and what to do", () => {
    // Port 9 of this machine: nobody listens there.
    const env = {
      npm_config_registry: "http://127.0.0.1:9/",
      npm_config_cache: join(clone, "cache"),
      // Else 17 seconds of waiting.
      npm_config_fetch_retries: "0",
    };
    const { exit, said } = setUp(env, "--core");
    expect(said).toMatch(
      /Set-up stopped: Node packages \(npm ci\): the package registry can't be reached\.\n/,
    );
    expect(said).toMatch(/What to do: Check the network .+ then run the same command again\./);
    expect(exit).toBe(3);
    expect(readFileSync(join(clone, ".cache", "setup.log"), "utf8")).toContain("== Node packages (npm ci)");
  });

  it("says that Python is missing, and that the pipeline needs none", () => {
    symlinkSync(join(PROJECT, "node_modules"), join(clone, "node_modules"));
    const { exit, said } = setUp({ PATH: "/nonexistent" });
    expect(said).toMatch(/Set-up stopped: Python was not found \(tried python3, python and py\)\.\n/);
    expect(said).toMatch(/What to do: Install Python 3\.10 or newer .+npm run setup -- --core/);
    expect(exit).toBe(2);
  });
});

describe("Python's packages", () => {
  it.skipIf(process.platform === "win32")(
    "are those that run notebooks; JupyterLab only where it is opened",
    () => {
      symlinkSync(join(PROJECT, "node_modules"), join(clone, "node_modules"));
      const [bin, log] = [join(clone, "fake"), join(clone, "pip.log")];
      mkdirSync(bin);
      // A Python that states its version, makes an environment of itself, and writes down what pip is to install.
      const fake = `#!/bin/sh
case "$2" in
  venv) /bin/mkdir -p "$3/bin"; /bin/cp "$0" "$3/bin/python" ;;
  pip) for file in "$@"; do :; done; /bin/cat "$file" >> "${log}" ;;
  *) echo 3.12 ;;
esac
`;
      writeFileSync(join(bin, "python3"), fake, { mode: 0o755 });
      const installed = () => readFileSync(log, "utf8").trim().split("\n");
      expect(setUp({ PATH: bin })).toMatchObject({ exit: 0 });
      expect(installed()).toEqual([expect.stringMatching(/^nbclient==/)]);
      expect(setUp({ PATH: bin }).said).toContain("nothing to do");
      expect(setUp({ PATH: bin }, "--lab")).toMatchObject({ exit: 0 });
      expect(installed()).toEqual([
        expect.stringMatching(/^nbclient==/),
        expect.stringMatching(/^jupyterlab==/),
      ]);
    },
  );
});

describe("a step's failure as a sentence", () => {
  it.each([
    ["npm error code ENOSPC", "the disk is full.", "Free about 2 GB", 1],
    ["OSError: [Errno 28] No space left on device", "the disk is full.", "Free about 2 GB", 1],
    ["getaddrinfo EAI_AGAIN example.org", "the package registry can't be reached.", "Check the network", 3],
    ["EACCES: permission denied, mkdir", "permission denied.", "Make the project's folder", 1],
    ["first\nan error of another kind\n", "failed: an error of another kind", "Its output is in", 1],
  ])("%j", async (output, message, next, exit) => {
    const { explain } = await import(join(PROJECT, "environment", "problem.mjs"));
    const problem = explain("Step", output);
    expect(problem.message).toContain(message);
    expect(problem.next).toContain(next);
    expect(problem.exit).toBe(exit);
  });
});
