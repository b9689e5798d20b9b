// JupyterLab on the notebooks, for this machine only; arguments are passed on.
import { join } from "node:path";
import { root, venvPython } from "./paths.mjs";
import { become } from "./process.mjs";

const args = ["-m", "jupyterlab", "--ip=127.0.0.1", `--ServerApp.root_dir=${join(root, "notebooks")}`];
// The environment's own kernels and settings come before those in the person's home.
const env = { ...process.env, JUPYTER_PREFER_ENV_PATH: "1" };
process.exitCode = await become(venvPython, [...args, ...process.argv.slice(2)], { env });
