// JupyterLab on the notebooks, for this machine only; arguments are passed on.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { root, venvPython } from "./paths.mjs";
import { become } from "./process.mjs";

const given = process.argv.slice(2);
const settings = {
  "--ip": "127.0.0.1",
  "--ServerApp.root_dir": join(root, "notebooks"),
  "--LabApp.default_url": "/lab/tree/start.md",
};
// Jupyter refuses an option that comes twice.
const own = Object.entries(settings).filter(([name]) => !given.some((word) => word.startsWith(`${name}=`)));
const args = ["-m", "jupyterlab", ...own.map((setting) => setting.join("=")), ...given];
// The environment's own kernels and settings come before those in the person's home.
const env = { ...process.env, JUPYTER_PREFER_ENV_PATH: "1" };
// Where `npm start` has fallen back to the simulated market, that is what there is to look at.
const market = (folder) => existsSync(join(folder, "data", "market.json"));
if (!env.CANDLEBOOK_WORKSPACE && !market(root) && market(join(root, "simulated"))) {
  env.CANDLEBOOK_WORKSPACE = join(root, "simulated");
}
process.exitCode = await become(venvPython, args, { env });
