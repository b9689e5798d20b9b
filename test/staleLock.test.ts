import { spawn } from "node:child_process";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { resolve } from "node:path";
import { expect, it } from "vitest";
import { withTableLock } from "../src/lake/lock.ts";
import { scratchWorkspace } from "../testkit/tables.ts";

it("a lock whose process was killed -9 holds nobody up; while it lives, its process id is told", async () => {
  const workspace = await scratchWorkspace();
  const lock = resolve(import.meta.dirname, "../src/lake/lock.ts");
  const script = `
    import { withTableLock } from ${JSON.stringify(lock)};
    await withTableLock({ root: ${JSON.stringify(workspace.root)} }, "days", async () => {
      console.log("held");
      await new Promise((resolve) => setTimeout(resolve, 600_000));
    });`;
  const holder = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(holder, "exit");
  try {
    await once(holder.stdout, "data");
    await expect(withTableLock(workspace, "days", async () => "mine", 0)).rejects.toMatchObject({
      code: "table_locked",
      message: expect.stringContaining(`(${holder.pid})`),
    });
  } finally {
    holder.kill("SIGKILL");
    await ended;
  }
  expect(await withTableLock(workspace, "days", async () => "mine", 0)).toBe("mine");
  await rm(workspace.root, { recursive: true });
});
