import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The checkout or the installed package: two folders above this file, compiled or not. */
export const PROJECT_ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** Whether that is a checkout, with sources, notebooks and set-up. An installed package has none of these. */
export const IS_CHECKOUT = existsSync(join(PROJECT_ROOT, "src"));
