import { describe, expect, it } from "vitest";
import type { ProgressEvent } from "../core/progress.ts";
import type { Day } from "../time/day.ts";
import { venue } from "../venues/registry.ts";
import { Throughput } from "./throughput.ts";

describe("a download's progress", () => {
  it("has the files done and in all, the bytes, the speed and the time left", () => {
    const files = venue.archive.files("BTCUSDT", "1m", "2025-04-01" as Day, "2025-05-10" as Day);
    let now = 0;
    const events: ProgressEvent[] = [];
    const throughput = new Throughput(
      files,
      () => now,
      (event) => events.push(event),
    );
    const [april, ...days] = files;
    now = 400;
    throughput.add(1e6, april.name);
    expect(events).toEqual([]);
    now = 10_000;
    throughput.add(19e6, april.name);
    now = 15_000;
    throughput.add(10e6, april.name);
    throughput.close(april, true);
    expect(events).toEqual([
      { stage: "download", done: 0, total: 11, note: "BTCUSDT-1m-2025-04, 0 of 11 files, 20.0 MB, 2.0 MB/s" },
      { stage: "download", done: 0, total: 11, note: "BTCUSDT-1m-2025-04, 0 of 11 files, 30.0 MB, 2.0 MB/s" },
      {
        stage: "download",
        done: 1,
        total: 11,
        // 30 days took 15 s, so 10 days take 5.
        note: "BTCUSDT-1m-2025-04, 1 of 11 files, 30.0 MB, 2.0 MB/s, 5 s left",
      },
    ]);
    expect(throughput.open()).toEqual(days);
  });

  it("counts the days that are brought in a month's place", () => {
    const [month] = venue.archive.files("BTCUSDT", "1m", "2025-04-01" as Day, "2025-04-30" as Day);
    const events: ProgressEvent[] = [];
    const throughput = new Throughput(
      [month],
      () => 0,
      (event) => events.push(event),
    );
    throughput.close(month, false, venue.archive.dailyFiles(month));
    expect(events[0]).toMatchObject({ done: 1, total: 31 });
    expect(throughput.open()).toHaveLength(30);
  });
});
