import { existsSync } from "node:fs";
import { join } from "node:path";
import { PROJECT } from "./candlebook.ts";

const python = process.platform === "win32" ? ["Scripts", "python.exe"] : ["bin", "python"];

/** The Python of `environment/.venv`, where there is one. */
export const PYTHON = join(PROJECT, "environment", ".venv", ...python);

/** Why tests on real kernels are skipped here, or null where `npm run setup` has made them ready. */
export const noKernels = existsSync(PYTHON) ? null : "the Python environment is not here: npm run setup";
