import type { ProgressEvent } from "../core/progress.ts";
import type { ArchiveFile } from "../venues/venue.ts";

const REPORT_EVERY_MS = 500;

/** Progress of a download: files done and open, bytes, speed, time left. */
export class Throughput {
  /** Bytes fetched so far. */
  bytes = 0;
  readonly #now: () => number;
  readonly #progress: (event: ProgressEvent) => void;
  readonly #started: number;
  readonly #open: Set<ArchiveFile>;
  #total: number;
  /** How much time the fetched files cover. */
  #fetchedMs = 0;
  #reportedAt: number;

  /**
   * @param now milliseconds; the time left is judged from the stretch that the fetched files cover, as a month's file
   *   is as large as those of its days
   */
  constructor(files: readonly ArchiveFile[], now: () => number, progress: (event: ProgressEvent) => void) {
    this.#now = now;
    this.#progress = progress;
    this.#open = new Set(files);
    this.#total = files.length;
    this.#started = now();
    this.#reportedAt = this.#started;
  }

  /** Files that are neither there nor given up yet, in the order in which they were planned. */
  open(): ArchiveFile[] {
    return [...this.#open];
  }

  /** Counts bytes; reports at most twice a second. */
  add(bytes: number, name: string): void {
    this.bytes += bytes;
    if (this.#now() - this.#reportedAt >= REPORT_EVERY_MS) this.#report(name);
  }

  /** A file is done; `instead` are those to be fetched in its place. */
  close(file: ArchiveFile, fetched: boolean, instead: readonly ArchiveFile[] = []): void {
    this.#open.delete(file);
    for (const one of instead) this.#open.add(one);
    this.#total += instead.length;
    if (fetched) this.#fetchedMs += file.to - file.from;
    this.#report(file.name);
  }

  note(note: string): void {
    const done = this.#total - this.#open.size;
    this.#progress({ stage: "download", note, done, total: this.#total });
  }

  #report(name: string): void {
    this.#reportedAt = this.#now();
    const elapsed = this.#reportedAt - this.#started;
    const leftMs = [...this.#open].reduce((sum, { from, to }) => sum + to - from, 0);
    const parts = [`${this.#total - this.#open.size} of ${this.#total} files`, megabytes(this.bytes)];
    if (elapsed > 0 && this.bytes > 0) parts.push(`${megabytes((1000 * this.bytes) / elapsed)}/s`);
    if (elapsed > 0 && this.#fetchedMs > 0 && leftMs > 0)
      parts.push(`${duration((elapsed * leftMs) / this.#fetchedMs)} left`);
    this.note(`${name}, ${parts.join(", ")}`);
  }
}

const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;

/** Rounded up: `40 s`, `3 min`, `2.5 h`. */
function duration(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  if (seconds < 100) return `${seconds} s`;
  return seconds < 6000 ? `${Math.ceil(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}
