import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

// Worker threads strip the types of src in WebAssembly. V8's background compiler for it can trip over a worker that
// ends ("Check failed: jit_page.has_value()", the whole process aborts): without it the tests are stable.
const execArgv = ["--liftoff-only"];

const SWEEPS = "src/**/*.soak.test.ts";

/** Files that start a browser, a notebook's kernel or the project's own set-up. */
const SERVICES = ["test/**/*.browser.test.ts", "test/{endToEnd,package,readme,setup}.test.ts"];

// Of what hangs; nothing that works is refused for being slow on a machine with other work.
const patience = {
  testTimeout: 600_000,
  hookTimeout: 600_000,
  // A second, the default, is short where others use the machine too.
  expect: { poll: { timeout: 60_000 } },
};

export default defineConfig({
  test: {
    // Half of the tests' time is waiting for processes and clocks.
    maxWorkers: Math.ceil(availableParallelism() * 1.5),
    projects: [
      {
        test: {
          name: "unit",
          execArgv,
          include: ["src/**/*.test.ts"],
          exclude: [SWEEPS],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: "integration",
          execArgv,
          include: ["test/**/*.test.ts", SWEEPS],
          exclude: SERVICES,
          ...patience,
        },
      },
      {
        test: {
          name: "services",
          execArgv,
          include: SERVICES,
          // After the others: they start programs of their own, and often wait for them.
          sequence: { groupOrder: 1 },
          ...patience,
        },
      },
    ],
  },
});
