import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

// Worker threads strip the types of src in WebAssembly. V8's background compiler for it can trip over a worker that
// ends ("Check failed: jit_page.has_value()", the whole process aborts): without it the tests are stable.
const execArgv = ["--liftoff-only"];

const SWEEPS = "src/**/*.soak.test.ts";

/** A quarter of the whole is one file, which shares one server: what begins last, the others wait for. */
const LONGEST = /\/spark\.test\.ts$/;

/** The same figures in whatever zone the machine is. */
const FARTHER = { TZ: "Asia/Ho_Chi_Minh" };

/** Of what hangs; nothing that works is refused for being slow: with other work, one took over ten minutes. */
const patience = { testTimeout: 1_800_000, hookTimeout: 1_800_000 };

/**
 * Files share a process: importing the same modules for each cost as much as the tests. Whatever a test puts in the
 * place of a global or a variable of the environment is taken back before the next.
 */
const unit = {
  execArgv,
  include: ["src/**/*.test.ts"],
  exclude: [SWEEPS],
  isolate: false,
  restoreMocks: true,
  unstubGlobals: true,
  unstubEnvs: true,
  ...patience,
};

/** The longest file first; then the projects by name, so that the short files of the last one fill every worker. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]) {
    const sorted = await super.sort(files);
    const isLongest = ({ moduleId }: TestSpecification) => LONGEST.test(moduleId);
    return [...sorted.filter(isLongest), ...sorted.filter((file) => !isLongest(file))];
  }
}

export default defineConfig({
  test: {
    // Half of the tests' time is waiting for processes and clocks.
    maxWorkers: Math.ceil(availableParallelism() * 1.5),
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: "integration",
          execArgv,
          env: FARTHER,
          include: ["test/**/*.test.ts", SWEEPS],
          ...patience,
          // A second, the default, is short where others use the machine too.
          expect: { poll: { timeout: 60_000 } },
        },
      },
      { test: { name: "unit", env: { TZ: "UTC" }, ...unit } },
      { test: { name: "unit in a farther zone", env: FARTHER, ...unit } },
    ],
  },
});
