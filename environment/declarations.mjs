// Joins the compiler's declarations, a file for each source, to one: dist/candlebook.d.ts, the types that the package
// exports and what they need. A kernel reads each file that a declaration imports before its first cell.
import { join } from "node:path";
import { rolldown } from "rolldown";
import { dts } from "rolldown-plugin-dts";
import { root } from "./paths.mjs";

const dist = join(root, "dist");
const isPackage = /^[^./]/;

const bundle = await rolldown({
  input: { candlebook: join(dist, "index.d.ts") },
  plugins: [dts({ dtsInput: true, tsconfig: false })],
  external: isPackage,
});
await bundle.write({ dir: dist, format: "es" });
await bundle.close();
