// The import rule of docs/architecture.md.
const rooms = require("./environment/rooms.json");
const readers = Object.keys(rooms).filter((room) => rooms[room].machine);

// Everything in these folders and commands reads; what is named after them publishes, or runs what publishes.
const READING = [
  "^src/(serving|forecasting|course|notebooks|report)/",
  "^src/cli/(answer|diff|explain|history|notebooks|query|report|status)\\.ts$",
];
const PUBLISHING = [
  "^src/serving/(merge|reconcile|results)\\.ts$",
  "^src/forecasting/(diary|forecast|forecastInput|forecastTables)\\.ts$",
  // A lesson that times the stages in a folder of its own.
  "^src/course/readerLesson\\.ts$",
];

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
      name: "produce-and-consume-are-two-programs",
      comment: "They share the messages of src/topic and the exchange; neither imports the other.",
      severity: "error",
      from: { path: "^src/speed/(produce|consume)/" },
      to: { path: "^src/speed/(produce|consume)/", pathNot: "^src/speed/$1/" },
    },
    {
      name: "what-produce-and-consume-share-knows-neither",
      severity: "error",
      from: { path: "^src/speed/[^/]+$" },
      to: { path: "^src/speed/(produce|consume)/" },
    },
    {
      name: "browser-is-bundled",
      comment: "What runs in pages is built by environment/bundle.mjs; nothing on Node imports it.",
      severity: "error",
      from: { path: "^src/(?!browser/)" },
      to: { path: "^src/browser/" },
    },
    {
      name: "venues-by-their-port",
      comment:
        "A venue's adapter is imported by the registry alone. The simulator imitates Binance and may use its wire form.",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/(venues/registry\\.ts$|simulator/|venues/binance/)" },
      to: { path: "^src/venues/[^/]+/" },
    },
    {
      name: "simulator-uses-the-wire-form",
      comment: "Of Binance's adapter it may use kline.ts.",
      severity: "error",
      from: { path: "^src/simulator/" },
      to: { path: "^src/venues/binance/(?!kline\\.ts$)" },
    },
    {
      name: "src-is-typescript",
      severity: "error",
      from: { path: "^src/" },
      to: { path: "^src/.*\\.[cm]?js$" },
    },
    {
      name: "no-test-code-in-src",
      severity: "error",
      from: { path: "^src/", pathNot: "\\.test\\.ts$" },
      to: { path: "^(test|testkit|tools|bench)/" },
    },
    {
      name: "the-machine",
      comment: "The clock and the environment are read by these folders, through src/core/machine.ts.",
      severity: "error",
      from: { path: `^src/(?!(cli|${readers.join("|")})/)` },
      to: { path: "^src/core/machine\\.ts$" },
    },
    {
      name: "reading-never-publishes",
      comment: "A reader reaches nothing that publishes a table, by no chain of imports.",
      severity: "error",
      from: { path: READING, pathNot: [...PUBLISHING, "\\.test\\.ts$"] },
      to: { path: "^src/lake/publish\\.ts$", reachable: true },
    },
    ...Object.entries(rooms).flatMap(([room, { imports, types = [] }]) => [
      {
        name: `${room}-imports`,
        comment: `src/${room} may import ${[...imports, ...types].join(", ") || "nothing of ours"}.`,
        severity: "error",
        from: { path: `^src/${room}/`, pathNot: "\\.test\\.ts$" },
        to: { path: "^src/", pathNot: `^src/(${[room, ...imports, ...types].join("|")})/` },
      },
      {
        name: `${room}-imports-types`,
        comment: `Of ${types.join(", ")} src/${room} imports the types alone.`,
        severity: "error",
        from: { path: `^src/${room}/`, pathNot: "\\.test\\.ts$" },
        to: { path: `^src/(${types.join("|") || "(?!)"})/`, dependencyTypesNot: ["type-only"] },
      },
    ]),
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
  },
};
