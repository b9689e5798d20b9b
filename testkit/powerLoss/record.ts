import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, sep } from "node:path";
import { Disk } from "./disk.ts";

/** Whether the machine can record system calls. */
export const canRecord = (() => {
  try {
    execFileSync("strace", ["-V"], { stdio: "ignore" });
    return process.platform === "linux";
  } catch {
    return false;
  }
})();

const CALLS =
  "openat,write,pwrite64,writev,pwritev,ftruncate,fsync,fdatasync,rename,renameat,renameat2,link,linkat,symlink,symlinkat,unlink,unlinkat,rmdir,mkdir,mkdirat,lseek,copy_file_range,sendfile,fallocate";

/**
 * Runs a program of the testkit and records what it and its native code change below a folder: writes, syncs, renames,
 * links. Lines that it prints become acknowledgements.
 * @returns the disk with all changes, of which crash states are made
 */
export function record(root: string, program: string, words: readonly string[]): Disk {
  const disk = new Disk(root);
  const folder = mkdtempSync(join(tmpdir(), "candlebook-strace-"));
  const log = join(folder, "calls");
  const strace = ["-f", "-y", "-xx", "-s", "100000000", "-o", log, "-e", `trace=${CALLS}`];
  const { status, stderr } = spawnSync("strace", [...strace, process.execPath, program, ...words], {
    encoding: "utf8",
    env: { ...process.env, UV_USE_IO_URING: "0" },
  });
  if (status !== 0) throw new Error(`The recorded program failed: ${stderr}`);
  const reader = new CallReader(disk, root);
  for (const line of wholeLines(readFileSync(log, "latin1").split("\n"))) reader.read(line);
  rmSync(folder, { recursive: true });
  return disk;
}

/** Joins the two halves of calls that another thread has interrupted; a call counts when it has returned. */
function* wholeLines(lines: Iterable<string>): Generator<string> {
  const begun = new Map<string, string>();
  for (const line of lines) {
    const thread = line.slice(0, line.indexOf(" "));
    const unfinished = line.indexOf(" <unfinished ...>");
    const resumed = /^\d+ +<\.\.\. \w+ resumed>/.exec(line);
    if (unfinished >= 0) begun.set(thread, line.slice(0, unfinished));
    else if (resumed !== null) yield `${begun.get(thread) ?? ""}${line.slice(resumed[0].length)}`;
    else yield line;
  }
}

const CALL = /^\d+ +(\w+)\(([\s\S]*)\) += (-?\d+)(?:<([^>]*)>)?/;
const bytesOf = (hex: string): Buffer => Buffer.from(hex.replaceAll("\\x", ""), "hex");
const textOf = (hex: string): string => (hex.startsWith("\\x") ? bytesOf(hex).toString() : hex);

const LAST_NUMBER = /, (\d+)$/;

interface OpenFile {
  fd: number;
  path: string;
}

/** Translates calls into changes of the disk; a call that it can't translate is an error. */
class CallReader {
  readonly #disk: Disk;
  readonly #root: string;
  /** Position of `write` by file descriptor. */
  readonly #positions = new Map<number, number | "end">();

  constructor(disk: Disk, root: string) {
    this.#disk = disk;
    this.#root = root;
  }

  read(line: string): void {
    const [, name, args, result, opened] = CALL.exec(line) ?? [];
    if (name === undefined || Number(result) < 0) return;
    const strings = [...args.matchAll(/"((?:\\x[0-9a-f]{2})*)"/g)].map(([, hex]) => bytesOf(hex));
    const files = [...args.matchAll(/(\d+)<([^>]*)>/g)].map(([, fd, path]) => ({
      fd: Number(fd),
      path: textOf(path),
    }));
    if (name === "openat")
      this.#open(String(strings[0]), args, { fd: Number(result), path: textOf(opened ?? "") });
    else if (/^(rename|link|symlink|unlink|rmdir|mkdir)/.test(name)) this.#entry(name, strings.map(String));
    else if (name === "write" && files[0].fd === 1) this.#disk.acknowledge(String(strings[0] ?? ""));
    else this.#content(name, files, { args, result: Number(result), data: Buffer.concat(strings) });
  }

  #content(name: string, files: OpenFile[], call: { args: string; result: number; data: Buffer }): void {
    const file = files[files.length - 1];
    if (!this.#own(file.path)) return;
    if (name === "lseek") this.#positions.set(file.fd, call.result);
    else if (name === "fsync" || name === "fdatasync") this.#disk.sync(file.path);
    else if (name === "ftruncate") this.#disk.truncate(file.path, Number(LAST_NUMBER.exec(call.args)?.[1]));
    else if (/^p.*write/.test(name)) {
      this.#disk.write(file.path, Number(LAST_NUMBER.exec(call.args)?.[1]), call.data);
    } else if (/write/.test(name)) this.#append(file, call.data);
    else if (name === "copy_file_range") this.#append(file, this.#taken(files[0], call.result));
    else throw new Error(`${name} of ${file.path} can't be recorded`);
  }

  #own(path: string): boolean {
    return (path === this.#root || path.startsWith(this.#root + sep)) && !/-shm$| \(deleted\)$/.test(path);
  }

  #open(path: string, args: string, { fd, path: opened }: OpenFile): void {
    const whole = opened || path;
    this.#positions.set(fd, args.includes("O_APPEND") ? "end" : 0);
    if (!this.#own(whole) || args.includes("O_DIRECTORY")) return;
    if (args.includes("O_CREAT")) this.#disk.create(whole);
    if (args.includes("O_TRUNC")) this.#disk.truncate(whole, 0);
  }

  /** Writes where the last write to the file ended. */
  #append({ fd, path }: OpenFile, data: Buffer): void {
    const position = this.#positions.get(fd) ?? 0;
    const from = position === "end" ? this.#disk.contentOf(path).length : position;
    this.#disk.write(path, from, data);
    if (position !== "end") this.#positions.set(fd, from + data.length);
  }

  /** What was read from a file for a copy. */
  #taken({ fd, path }: OpenFile, length: number): Buffer {
    const from = Number(this.#positions.get(fd) ?? 0);
    this.#positions.set(fd, from + length);
    return this.#disk.contentOf(path).subarray(from, from + length);
  }

  #entry(name: string, [first, second]: string[]): void {
    const own = this.#own(/^(symlink|rename)/.test(name) ? second : first);
    if (!own) return;
    if (name.startsWith("rename")) this.#disk.rename(first, second);
    else if (name.startsWith("link")) this.#disk.link(first, second);
    else if (name.startsWith("symlink")) this.#disk.symlink(first, second);
    else if (name.startsWith("mkdir")) this.#disk.mkdir(first);
    else this.#disk.remove(first);
  }
}
