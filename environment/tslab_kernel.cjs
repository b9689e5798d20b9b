// Starts tslab's kernel with three faults of it mended (1.0.22).
// In `{ symbol }`, the short form of `{ symbol: symbol }`, it does not find a variable of an earlier cell (its
// converter looks up the property instead of the variable): the short form is written out before a cell is converted.
// In an import that is not written to its end it completes nothing: there it completes names of candlebook.
// An interrupt leaves the cell at once with a stack of tslab's own, while the work goes on behind it: work that listens
// gets the time to end and to say so itself.
// It starts faster, too: compiled code is kept from one kernel to the next, and of @types only Node's is read.
const { enableCompileCache, flushCompileCache } = require("node:module");
const { basename, join } = require("node:path");

enableCompileCache(join(__dirname, "..", ".cache", "compile"));

const tslab = join(__dirname, "..", "node_modules", "tslab", "dist");
const converter = require(join(tslab, "converter.js"));
const ts = require(require.resolve("@tslab/typescript-for-tslab", { paths: [tslab] }));

// The compiler reads the types of every package in @types, and completes their globals (`d3`, `chai`), imported or not.
const { getDirectories } = ts.sys;
ts.sys.getDirectories = (path) =>
  getDirectories(path).filter((name) => basename(path) !== "@types" || name === "node");

const { createConverter } = converter;
converter.createConverter = (options) => {
  const made = createConverter(options);
  const { convert, complete } = made;
  made.convert = (previous, source) => convert(previous, withoutShortForms(source));
  made.complete = (previous, source, at) => complete(previous, withModule(source, at), at);
  return made;
};

/** The source with the end of an import that ends at the cursor, `import { can`. */
function withModule(source, at) {
  const [before, after] = [source.slice(0, at), source.slice(at)];
  const isOpen = /\bimport\s+(type\s+)?\{[^}]*$/.test(before) && /^\s*(\}\s*)?(\n|$)/.test(after);
  return isOpen ? `${before} } from "candlebook"${after.replace(/^\s*\}/, "")}` : source;
}

function withoutShortForms(source) {
  const file = ts.createSourceFile("cell.ts", source, ts.ScriptTarget.Latest, false, ts.ScriptKind.TS);
  const ends = [];
  const visit = (node) => {
    if (ts.isShorthandPropertyAssignment(node) && !node.objectAssignmentInitializer) {
      ends.push({ at: node.name.end, name: node.name.text });
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return ends.reduceRight((text, { at, name }) => `${text.slice(0, at)}: ${name}${text.slice(at)}`, source);
}

const GRACE_MS = 10_000;
const INTERRUPTED = "Interrupted asynchronously";
const executor = require(join(tslab, "executor.js"));

const { createExecutor } = executor;
executor.createExecutor = (folder, converters, output) => {
  const error = (...words) =>
    words[0]?.message === INTERRUPTED ? output.error("Interrupted.") : output.error(...words);
  const made = createExecutor(folder, converters, { ...output, error });
  const { execute, interrupt } = made;
  let cell = 0;
  let running = false;
  made.execute = async (source) => {
    cell += 1;
    running = true;
    try {
      return await execute(source);
    } finally {
      running = false;
      // A kernel is killed at its end.
      flushCompileCache();
    }
  };
  made.interrupt = () => {
    const interrupted = cell;
    const leave = () => {
      if (running && cell === interrupted) interrupt();
    };
    // tslab itself listens too.
    setTimeout(leave, process.listenerCount("SIGINT") > 1 ? GRACE_MS : 0);
  };
  return made;
};

require(join(tslab, "main.js")).main();
