// Starts tslab's kernel with one fault of it mended: in `{ symbol }`, the short form of `{ symbol: symbol }`, it does
// not find a variable of an earlier cell (1.0.22: its converter looks up the property instead of the variable).
// The short form is written out before a cell is converted.
const { join } = require("node:path");

const tslab = join(__dirname, "..", "node_modules", "tslab", "dist");
const converter = require(join(tslab, "converter.js"));
const ts = require(require.resolve("@tslab/typescript-for-tslab", { paths: [tslab] }));

const { createConverter } = converter;
converter.createConverter = (options) => {
  const made = createConverter(options);
  const { convert } = made;
  made.convert = (previous, source) => convert(previous, withoutShortForms(source));
  return made;
};

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

require(join(tslab, "main.js")).main();
