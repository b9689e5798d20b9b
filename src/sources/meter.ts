import type { ProgressEvent } from "../core/progress.ts";
import type { ArchiveFile } from "../venues/venue.ts";

const REPORT_EVERY_MS = 500;

/** The progress of a download: files done and open, bytes, speed, time left. */
export interface Meter {
  /** Bytes fetched so far. */
  readonly bytes: number;
  /** Files that are neither stored nor given up yet, in the order of the plan. */
  open(): ArchiveFile[];
  /** Bytes were received; reported at most twice a second. */
  add(bytes: number, name: string): void;
  /** A file is done; `instead` are the files to fetch in its place. */
  close(file: ArchiveFile, fetched: boolean, instead?: readonly ArchiveFile[]): void;
  say(note: string): void;
}

/**
 * @param now milliseconds; the time left is estimated from the days that the fetched files cover, because a month's
 *   file is as large as those of its days
 */
export function makeMeter(
  files: readonly ArchiveFile[],
  now: () => number,
  progress: (event: ProgressEvent) => void,
): Meter {
  const started = now();
  const open = new Set(files);
  let total = files.length;
  let bytes = 0;
  let fetchedMs = 0;
  let told = started;
  const say = (note: string) => progress({ stage: "download", note, done: total - open.size, total });
  const pace = (name: string) => {
    const elapsed = now() - started;
    const leftMs = [...open].reduce((sum, { from, to }) => sum + to - from, 0);
    const parts = [`${total - open.size} of ${total} files`, megabytes(bytes)];
    if (elapsed > 0 && bytes > 0) parts.push(`${megabytes((1000 * bytes) / elapsed)}/s`);
    if (elapsed > 0 && fetchedMs > 0 && leftMs > 0)
      parts.push(`${duration((elapsed * leftMs) / fetchedMs)} left`);
    say(`${name}, ${parts.join(", ")}`);
  };
  return {
    get bytes() {
      return bytes;
    },
    open: () => [...open],
    add: (more, name) => {
      bytes += more;
      if (now() - told < REPORT_EVERY_MS) return;
      told = now();
      pace(name);
    },
    close: (file, fetched, instead = []) => {
      open.delete(file);
      for (const one of instead) open.add(one);
      total += instead.length;
      if (fetched) fetchedMs += file.to - file.from;
      told = now();
      pace(file.name);
    },
    say,
  };
}

const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;

/** Rounded up: `40 s`, `3 min`, `2.5 h`. */
function duration(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  if (seconds < 100) return `${seconds} s`;
  return seconds < 6000 ? `${Math.ceil(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}
