import { fileURLToPath } from "node:url";

/** The checkout: two folders above this file, compiled or not. */
export const PROJECT_ROOT = fileURLToPath(new URL("../..", import.meta.url));
