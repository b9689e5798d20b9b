import { existsSync } from "node:fs";
import { join } from "node:path";
import { PROJECT } from "./candlebook.ts";

const python = process.platform === "win32" ? ["Scripts", "python.exe"] : ["bin", "python"];

/** Why tests on real kernels are skipped here, or null where `npm run setup` has made them ready. */
export const noKernels = existsSync(join(PROJECT, "environment", ".venv", ...python))
  ? null
  : "the Python environment is not here: npm run setup";
