import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import * as candlebook from "./index.ts";

const read = (name: string) => readFileSync(join(import.meta.dirname, "..", "dist", name), "utf8");
const parse = (text: string) => ts.createSourceFile("x.d.ts", text, ts.ScriptTarget.Latest, true).statements;

const all = read("candlebook.all.d.ts");
const declared = parse(all);
const exported = parse(read("candlebook.d.ts"))
  .filter(ts.isExportDeclaration)
  .flatMap(({ exportClause }) => [...(exportClause as ts.NamedExports).elements]);

// A kernel reads each file that these name before its first cell: 600 more with those of the packages.
describe("the types that the package exports", () => {
  it("need no other file and no package", () => {
    expect(all).not.toMatch(/\bfrom\s*["']|\b(import|require)\s*\(|^\s*import\b|<reference/m);
  });

  it("can all be named in the declaration of a cell's variable", () => {
    const hidden = declared.filter((one) => !ts.canHaveModifiers(one) || !isExported(one));
    expect(hidden.map((one) => one.getText())).toEqual([]);
  });

  it("are of all that it exports, a type under one name only", () => {
    const values = exported.filter(({ isTypeOnly }) => !isTypeOnly).map(({ name }) => name.text);
    expect(values.sort()).toEqual(Object.keys(candlebook).sort());
    // A kernel shows a type by its name inside, `Status$1` where two had the same.
    const inside = exported.flatMap(({ propertyName }) => propertyName?.text ?? []);
    expect(inside.filter((name) => /^[A-Z].*\$/.test(name))).toEqual([]);
  });

  it("have the comment of each function, which a kernel shows", () => {
    const functions = declared.filter(ts.isFunctionDeclaration);
    expect(functions.length).toBeGreaterThan(0);
    const bare = functions.filter((one) => ts.getJSDocCommentsAndTags(one).length === 0);
    expect(bare.map(({ name }) => name?.text)).toEqual([]);
  });
});

function isExported(node: ts.HasModifiers): boolean {
  return ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) ?? false;
}
