// A download or a backfill in a process of its own, to be killed: node testkit/sourcesChild.ts KIND ROOT URL NOW

import type { Workspace } from "../src/core/workspace.ts";
import { backfill } from "../src/sources/backfill.ts";
import { download } from "../src/sources/download.ts";
import type { Day } from "../src/time/day.ts";
import { systemNetwork } from "../src/venues/http.ts";

const [kind, root, url, now] = process.argv.slice(2);
const workspace: Workspace = {
  root,
  clock: () => Number(now),
  resources: { threads: 1, memory: "512MB" },
};
const network = { ...systemNetwork, now: workspace.clock };

if (kind === "download") {
  void download(workspace, {
    archiveUrl: url,
    network,
    symbols: ["BTCUSDT", "ETHUSDT"],
    from: "2025-05-01" as Day,
    to: "2025-05-06" as Day,
    interval: "1h",
  });
} else void backfill(workspace, { restUrl: url, network, minutes: true });
