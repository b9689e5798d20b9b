import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";

const SECTOR = 512;
const ROOT = 0;

type Inode = { kind: "file" } | { kind: "folder" } | { kind: "link"; target: string };

interface NameChange {
  folder: number;
  name: string;
  /** Null: removed. */
  inode: number | null;
}

/** A change, in the order in which the calls returned. */
type Change =
  | { kind: "write"; inode: number; from: number; data: Buffer }
  | { kind: "truncate"; inode: number; size: number }
  /** Names of folders, set or removed at once. */
  | { kind: "names"; names: NameChange[] }
  | { kind: "sync"; inode: number }
  | { kind: "acknowledge"; text: string };

/** What a crash does to changes that were not synced: none, all, or any of them is on the disk. */
export type Loss = "all" | "nothing" | "data" | "names" | "any";
export const LOSSES: readonly Loss[] = ["all", "nothing", "data", "names", "any"];

/**
 * A folder on a disk that keeps what POSIX promises and no more: a write, or a change of a name, is kept when its file
 * or folder was synced after it; until then it may be lost alone, and a write be torn at 512 bytes. The changes of one
 * rename are kept together. See T. Pillai et al., All file systems are not created equal (OSDI 2014).
 */
export class Disk {
  readonly changes: Change[] = [];
  readonly #root: string;
  readonly #inodes: Inode[] = [{ kind: "folder" }];
  /** The names as the program sees them, by folder. */
  readonly #names = new Map<number, Map<string, number>>([[ROOT, new Map()]]);
  /** As the program sees them. */
  readonly #contents = new Map<number, Buffer>();
  /** What was there before is on the disk. */
  readonly #before: number;

  constructor(root: string) {
    this.#root = root;
    this.#load(root);
    this.#before = this.changes.length;
  }

  #load(path: string): void {
    for (const name of readdirSync(path)) {
      const child = join(path, name);
      const found = lstatSync(child);
      if (found.isSymbolicLink()) this.symlink(readlinkSync(child), child);
      else if (found.isDirectory()) {
        this.mkdir(child);
        this.#load(child);
      } else if (!/-shm$/.test(name)) {
        this.create(child);
        this.write(child, 0, readFileSync(child));
      }
    }
  }

  #find(path: string): number | undefined {
    if (path === this.#root) return ROOT;
    const folder = this.#find(dirname(path));
    return folder === undefined ? undefined : this.#names.get(folder)?.get(basename(path));
  }

  #inodeOf(path: string): number {
    const inode = this.#find(path);
    if (inode === undefined) throw new Error(`The record does not know ${path}.`);
    return inode;
  }

  #add(inode: Inode): number {
    this.#inodes.push(inode);
    const id = this.#inodes.length - 1;
    if (inode.kind === "folder") this.#names.set(id, new Map());
    return id;
  }

  #setNames(...entries: [path: string, inode: number | null][]): void {
    const names = entries.map(([path, inode]) => ({
      folder: this.#inodeOf(dirname(path)),
      name: basename(path),
      inode,
    }));
    for (const { folder, name, inode } of names) {
      const own = this.#names.get(folder) as Map<string, number>;
      if (inode === null) own.delete(name);
      else own.set(name, inode);
    }
    this.changes.push({ kind: "names", names });
  }

  create(path: string): void {
    if (this.#find(path) === undefined) this.#setNames([path, this.#add({ kind: "file" })]);
  }

  mkdir(path: string): void {
    this.#setNames([path, this.#add({ kind: "folder" })]);
  }

  symlink(target: string, path: string): void {
    this.#setNames([path, this.#add({ kind: "link", target })]);
  }

  link(from: string, to: string): void {
    this.#setNames([to, this.#inodeOf(from)]);
  }

  rename(from: string, to: string): void {
    this.#setNames([from, null], [to, this.#inodeOf(from)]);
  }

  remove(path: string): void {
    if (this.#find(path) !== undefined) this.#setNames([path, null]);
  }

  write(path: string, from: number, data: Buffer): void {
    const inode = this.#inodeOf(path);
    put(this.#contents, { inode, from }, data);
    this.changes.push({ kind: "write", inode, from, data });
  }

  truncate(path: string, size: number): void {
    const inode = this.#inodeOf(path);
    resize(this.#contents, { inode, size });
    this.changes.push({ kind: "truncate", inode, size });
  }

  contentOf(path: string): Buffer {
    return this.#contents.get(this.#inodeOf(path)) ?? Buffer.alloc(0);
  }

  sync(path: string): void {
    const inode = this.#find(path);
    if (inode !== undefined) this.changes.push({ kind: "sync", inode });
  }

  acknowledge(text: string): void {
    this.changes.push({ kind: "acknowledge", text });
  }

  /** The number of changes of the program; a crash is after one of them. */
  get length(): number {
    return this.changes.length - this.#before;
  }

  /** What was acknowledged before a crash. */
  acknowledged(crash: number): string {
    const done = this.changes.slice(0, this.#before + crash);
    return done.map((change) => (change.kind === "acknowledge" ? change.text : "")).join("");
  }

  /**
   * Makes the folder as a crash may leave it.
   * @param crash number of changes before it
   * @param random uniform in [0, 1)
   */
  crashInto(target: string, crash: number, { loss, random }: { loss: Loss; random: () => number }): void {
    const end = this.#before + crash;
    const synced = new Map<number, number>();
    this.changes.slice(0, end).forEach((change, i) => {
      if (change.kind === "sync") synced.set(change.inode, i);
    });
    const state = new CrashState(loss, random);
    const safe = (i: number, inode: number) => i < this.#before || (synced.get(inode) ?? -1) > i;
    this.changes.slice(0, end).forEach((change, i) => {
      if (change.kind === "names")
        state.setNames(
          change.names,
          change.names.every(({ folder }) => safe(i, folder)),
        );
      else if (change.kind === "write") state.write(change, safe(i, change.inode));
      else if (change.kind === "truncate") state.truncate(change, safe(i, change.inode));
    });
    this.#make(target, ROOT, state);
  }

  #make(path: string, folder: number, state: CrashState): void {
    mkdirSync(path, { recursive: true });
    for (const [name, id] of state.names.get(folder) ?? []) {
      const inode = this.#inodes[id];
      const child = join(path, name);
      if (inode.kind === "folder") this.#make(child, id, state);
      else if (inode.kind === "link") symlinkSync(inode.target, child);
      else writeFileSync(child, state.contents.get(id) ?? Buffer.alloc(0));
    }
  }
}

/** What of the changes reaches the disk. */
class CrashState {
  readonly contents = new Map<number, Buffer>();
  readonly names = new Map<number, Map<string, number>>();
  readonly #loss: Loss;
  readonly #random: () => number;

  constructor(loss: Loss, random: () => number) {
    this.#loss = loss;
    this.#random = random;
  }

  #kept(kind: "data" | "names"): boolean {
    if (this.#loss === "any") return this.#random() < 0.5;
    return this.#loss !== "all" && this.#loss !== kind;
  }

  setNames(names: readonly NameChange[], safe: boolean): void {
    if (!safe && !this.#kept("names")) return;
    for (const { folder, name, inode } of names) {
      const own = this.names.get(folder) ?? new Map<string, number>();
      this.names.set(folder, own);
      if (inode === null) own.delete(name);
      else own.set(name, inode);
    }
  }

  write(change: { inode: number; from: number; data: Buffer }, safe: boolean): void {
    if (safe) put(this.contents, change, change.data);
    else if (this.#kept("data")) {
      const torn = tear(change, this.#loss, this.#random);
      if (torn !== null) put(this.contents, change, torn);
    }
  }

  truncate(change: { inode: number; size: number }, safe: boolean): void {
    if (safe || this.#kept("data")) resize(this.contents, change);
  }
}

/** A write of which some sectors are lost. */
function tear(
  { data, from }: { data: Buffer; from: number },
  loss: Loss,
  random: () => number,
): Buffer | null {
  if (loss !== "any" || random() < 0.5) return data;
  const whole = Math.floor((from + data.length * random()) / SECTOR) * SECTOR - from;
  return whole <= 0 ? null : data.subarray(0, whole);
}

function put(
  contents: Map<number, Buffer>,
  { inode, from }: { inode: number; from: number },
  data: Buffer,
): void {
  const old = contents.get(inode) ?? Buffer.alloc(0);
  const grown = Buffer.alloc(Math.max(old.length, from + data.length));
  old.copy(grown);
  data.copy(grown, from);
  contents.set(inode, grown);
}

function resize(contents: Map<number, Buffer>, { inode, size }: { inode: number; size: number }): void {
  const resized = Buffer.alloc(size);
  contents.get(inode)?.copy(resized);
  contents.set(inode, resized);
}
