// Joins the compiler's declarations, a file for each source, to two: dist/candlebook.d.ts, the names that the package
// exports, and dist/candlebook.all.d.ts, their types with all that these need: the kernel declares a cell's variables,
// and must be able to name each type. A kernel reads each file that a declaration imports before its first cell.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { rolldown } from "rolldown";
import { dts } from "rolldown-plugin-dts";
import { root } from "./paths.mjs";

const dist = join(root, "dist");
const isPackage = /^[^./]/;

const bundle = await rolldown({
  input: join(dist, "index.d.ts"),
  plugins: [dts({ dtsInput: true, tsconfig: false })],
  external: isPackage,
});
const { output } = await bundle.generate({ format: "es" });
const [, declarations, names] = /^(.*\n)(export \{[^}]*\});\s*$/s.exec(output[0].code);
writeFileSync(
  join(dist, "candlebook.all.d.ts"),
  declarations.replaceAll(/^(?=(declare|interface|type) )/gm, "export "),
);
writeFileSync(join(dist, "candlebook.d.ts"), `${names} from "./candlebook.all.js";\n`);
await bundle.close();
