// The import rule of docs/architecture.md: imports point down the list below, never up or sideways.
const allowed = {
  core: [],
  time: ["core"],
  candle: ["core", "time"],
  binance: ["core", "time", "candle"],
  recognition: ["core", "time", "candle"],
  lake: ["core", "time", "candle"],
  topic: ["core", "time", "candle"],
  batch: ["core", "time", "candle", "lake"],
  sources: ["core", "time", "candle", "binance", "lake"],
  speed: ["core", "time", "candle", "binance", "topic", "lake"],
  serving: ["core", "time", "candle", "lake"],
  forecast: ["core", "time"],
  evaluation: ["core", "time", "forecast"],
  simulator: ["core", "time", "candle", "binance"],
  charts: ["core", "time", "candle", "forecast", "evaluation"],
  notebook: ["core", "charts"],
  // The page computes forecasts from the daily table that stands in it.
  report: ["core", "time", "forecast", "charts"],
  live: ["core", "time", "candle", "lake", "topic", "speed", "charts"],
  spark: ["core", "time", "candle", "lake", "topic", "batch", "serving", "speed"],
  pipeline: [
    "core",
    "time",
    "candle",
    "binance",
    "lake",
    "topic",
    "batch",
    "sources",
    "speed",
    "serving",
    "forecast",
    "evaluation",
    "simulator",
    "charts",
    "report",
    "notebook",
  ],
};

const stages = Object.keys(allowed);

module.exports = {
  forbidden: [
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
    {
      name: "cli-is-the-top",
      comment: "The command line parses, calls and prints; nobody imports it.",
      severity: "error",
      from: { path: "^src/(?!cli/)" },
      to: { path: "^src/cli/" },
    },
    {
      name: "no-test-code-in-src",
      severity: "error",
      from: { path: "^src/", pathNot: "\\.test\\.ts$" },
      to: { path: "^(test|testkit|bench)/" },
    },
    {
      name: "charts-import-types-only",
      comment: "A chart is data in, figure out: of the stages it knows the shapes alone.",
      severity: "error",
      from: { path: "^src/charts/", pathNot: "\\.test\\.ts$" },
      to: { path: "^src/(candle|forecast|evaluation)/", dependencyTypesNot: ["type-only"] },
    },
    ...stages.map((stage) => ({
      name: `${stage}-imports`,
      comment: `src/${stage} may import ${allowed[stage].join(", ") || "nothing of ours"}.`,
      severity: "error",
      from: { path: `^src/${stage}/`, pathNot: "\\.test\\.ts$" },
      to: { path: "^src/", pathNot: `^src/(${[stage, ...allowed[stage]].join("|")})/` },
    })),
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
  },
};
