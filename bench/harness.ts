import { spawn } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

/** A program that does the same work as the others. */
export interface Rival {
  name: string;
  /** @param out an empty folder for its output */
  command(out: string): { file: string; args: string[]; env?: Record<string, string> };
}

export interface Measured {
  name: string;
  seconds: number;
  /** Seconds of processor time of the process and all that it started. */
  cpu: number;
  /** The largest sum of the processes' resident memory that was seen, bytes. */
  peak: number;
}

export interface Comparison {
  rivals: readonly Rival[];
  rounds: number;
  scratch: string;
  /** Called with each output before it is removed; throws where it isn't what it should be. */
  check(name: string, out: string): Promise<void>;
}

const SAMPLE_MS = 50;

/**
 * Runs the rivals one after the other, round by round, so that what else the machine does meets all alike.
 * Processor time and memory are read from /proc (Linux).
 * @returns of each rival its fastest round
 */
export async function compare({ rivals, rounds, scratch, check }: Comparison): Promise<Measured[]> {
  const best = new Map<string, Measured>();
  for (let round = 0; round < rounds; round += 1) {
    for (const rival of rivals) {
      const out = join(scratch, "out");
      rmSync(out, { recursive: true, force: true });
      mkdirSync(out, { recursive: true });
      const measured = await measure(rival, out);
      await check(rival.name, out);
      rmSync(out, { recursive: true, force: true });
      console.error(`round ${round + 1}: ${line(measured)}`);
      const before = best.get(rival.name);
      if (before === undefined || measured.seconds < before.seconds) best.set(rival.name, measured);
    }
  }
  return rivals.map(({ name }) => best.get(name) as Measured);
}

/** Runs a rival once. @param out an empty folder for its output */
export async function measure(rival: Rival, out: string): Promise<Measured> {
  const { file, args, env } = rival.command(out);
  const started = performance.now();
  const child = spawn(file, args, { stdio: ["ignore", "ignore", "pipe"], env: { ...process.env, ...env } });
  let said = "";
  child.stderr.on("data", (part) => {
    said = (said + part).slice(-4000);
  });
  const seen = new Map<number, number>();
  let peak = 0;
  const sample = () => {
    const tree = processTree(child.pid as number);
    peak = Math.max(
      peak,
      tree.reduce((sum, { resident }) => sum + resident, 0),
    );
    for (const { pid, cpu } of tree) seen.set(pid, cpu);
  };
  const timer = setInterval(sample, SAMPLE_MS);
  const exit = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  clearInterval(timer);
  if (exit !== 0) throw new Error(`${rival.name} failed (${exit}): ${said}`);
  const cpu = [...seen.values()].reduce((sum, ticks) => sum + ticks, 0);
  return { name: rival.name, seconds: (performance.now() - started) / 1000, cpu, peak };
}

const TICKS_PER_SECOND = 100;
const PAGE = 4096;

interface Process {
  pid: number;
  cpu: number;
  resident: number;
}

/** The process and all below it. A process that ends while it is looked at is passed over. */
function processTree(root: number): Process[] {
  const children = new Map<number, Process[]>();
  let top: Process | undefined;
  for (const name of readdirSync("/proc").filter((entry) => /^\d+$/.test(entry))) {
    const fields = statOf(name);
    if (fields === null) continue;
    const [parent, user, system, pages] = [fields[1], fields[11], fields[12], fields[21]].map(Number);
    const found = { pid: Number(name), cpu: (user + system) / TICKS_PER_SECOND, resident: pages * PAGE };
    if (found.pid === root) top = found;
    children.set(parent, [...(children.get(parent) ?? []), found]);
  }
  const below = (process: Process): Process[] => [
    process,
    ...(children.get(process.pid) ?? []).flatMap(below),
  ];
  return top === undefined ? [] : below(top);
}

/** The fields of /proc/<pid>/stat after the name: state, parent … */
function statOf(pid: string): string[] | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch {
    return null;
  }
}

function line({ name, seconds, cpu, peak }: Measured): string {
  return `${name}: ${seconds.toFixed(1)} s, ${cpu.toFixed(1)} s of processor, ${Math.round(peak / 1e6)} MB`;
}

/** A table in Markdown, with every rival's ratio to the first. */
export function resultTable(results: readonly Measured[]): string {
  const [ours] = results;
  const ratio = (mine: number, theirs: number) => (theirs / mine).toFixed(2);
  const rows = results.map(
    (one) =>
      `| ${one.name} | ${one.seconds.toFixed(1)} | ${ratio(ours.seconds, one.seconds)} | ${one.cpu.toFixed(1)} | ` +
      `${ratio(ours.cpu, one.cpu)} | ${Math.round(one.peak / 1e6)} |`,
  );
  return [
    "| | wall, s | ratio | processor, s | ratio | peak, MB |",
    "|---|---:|---:|---:|---:|---:|",
    ...rows,
  ].join("\n");
}
