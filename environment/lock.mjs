import {
  closeSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeSync,
} from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

const silentFor = 30_000;

/**
 * Runs `work` while no other process holds the lock file. The holder touches the file every few seconds, so that a
 * lock is stale when its process is gone or the file is old.
 */
export async function withLock(path, work, say) {
  let told = false;
  while (!take(path)) {
    const holder = leftOver(path);
    if (holder === null) {
      // Renamed before it is removed: two waiters can't both remove it.
      const aside = `${path}.${process.pid}`;
      try {
        renameSync(path, aside);
        rmSync(aside, { force: true });
      } catch (error) {
        if (error.code !== "ENOENT") throw error;
      }
      continue;
    }
    if (!told) say(`Another set-up is running here (process ${holder}); waiting for it.`);
    told = true;
    await sleep(500);
  }
  const heart = setInterval(() => utimesSync(path, new Date(), new Date()), 5_000);
  const drop = () => rmSync(path, { force: true });
  process.on("exit", drop);
  try {
    return await work();
  } finally {
    clearInterval(heart);
    drop();
    process.off("exit", drop);
  }
}

function take(path) {
  try {
    const file = openSync(path, "wx");
    writeSync(file, String(process.pid));
    closeSync(file);
    return true;
  } catch (error) {
    if (error.code === "EEXIST") return false;
    throw error;
  }
}

/** The holder's process id; null when the lock is stale or just released. */
function leftOver(path) {
  try {
    const age = Date.now() - statSync(path).mtimeMs;
    const pid = Number(readFileSync(path, "utf8"));
    if (age > silentFor) return null;
    if (!pid) return "just started";
    process.kill(pid, 0);
    return pid;
  } catch (error) {
    return error.code === "EPERM" ? "of another user" : null;
  }
}
