import { readFile } from "node:fs/promises";
import { runProgram } from "./programs.ts";

/**
 * Distinguishes a running process from a later one with the same id: its start time in the system's units.
 * @returns null without such a process
 */
export async function identityOf(pid: number): Promise<string | null> {
  if (process.platform === "linux") {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => null);
    if (stat === null) return null;
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    // A process that has ended but was not waited for (a zombie) does not count.
    return fields[0] === "Z" ? null : fields[19];
  }
  if (process.platform === "win32") return isAlive(pid) ? "alive" : null;
  const ended = await runProgram("ps", ["-o", "lstart=", "-p", String(pid)]).catch(() => null);
  return ended?.out.trim() || null;
}

export async function isSameProcess(pid: number, identity: string): Promise<boolean> {
  return (await identityOf(pid)) === identity;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
