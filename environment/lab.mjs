// JupyterLab on the notebooks, for this machine only; arguments are passed on.
import { join } from "node:path";
import { root, venvPython } from "./paths.mjs";
import { become } from "./process.mjs";

const given = process.argv.slice(2);
const settings = {
  "--ip": "127.0.0.1",
  "--ServerApp.root_dir": join(root, "notebooks"),
  "--LabApp.default_url": "/lab/tree/start.md",
  // The figures' scripts, for a page that was reloaded while its kernel runs.
  "--ServerApp.extra_static_paths": JSON.stringify([join(root, "dist", "assets")]),
};
// Jupyter refuses an option that comes twice.
const own = Object.entries(settings).filter(([name]) => !given.some((word) => word.startsWith(`${name}=`)));
const args = ["-m", "jupyterlab", ...own.map((setting) => setting.join("=")), ...given];
// The environment's own kernels and settings come before those in the person's home.
const env = { ...process.env, JUPYTER_PREFER_ENV_PATH: "1" };
process.exitCode = await become(venvPython, args, { env });
