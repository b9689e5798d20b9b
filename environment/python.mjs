import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root, venv, venvPython } from "./paths.mjs";
import { Problem } from "./problem.mjs";
import { capture, runStep } from "./process.mjs";
import { textOf } from "./stamp.mjs";

/** What runs notebooks, and what opens them; each with the file that says that it is installed. */
const LISTS = {
  run: { file: join(root, "environment", "requirements.txt"), stamp: join(venv, "candlebook-stamp") },
  lab: { file: join(root, "environment", "requirements-lab.txt"), stamp: join(venv, "candlebook-lab-stamp") },
};
const candidates = [["python3"], ["python"], ["py", "-3"]];
for (const minor of [14, 13, 12, 11, 10]) candidates.push([`python3.${minor}`]);
const installPython =
  "Install Python 3.10 or newer (python.org, or the system's packages), then run the same command again.";

export const python = {
  name: "Python environment (runs notebooks)",
  needed: () => !existsSync(venvPython) || isMissing(LISTS.run),
  async run() {
    const found = await findPython();
    rmSync(venv, { recursive: true, force: true, maxRetries: 3 });
    const [program, ...first] = found;
    await runStep("Python environment", program, [...first, "-m", "venv", venv]);
    await install("Python packages (pip)", LISTS.run);
  },
};

export const jupyterLab = {
  name: "JupyterLab",
  needed: () => !existsSync(venvPython) || isMissing(LISTS.lab),
  run: () => install("JupyterLab (pip)", LISTS.lab),
};

/** Python compiles what it imports at its first import: of most packages that is little, or nothing. */
async function install(what, { file, stamp }) {
  const pip = [
    "-m",
    "pip",
    "install",
    "--disable-pip-version-check",
    "--no-input",
    "--no-compile",
    "-r",
    file,
  ];
  await runStep(what, venvPython, pip);
  writeFileSync(stamp, wanted(file));
}

const isMissing = ({ file, stamp }) => textOf(stamp) !== wanted(file);

/** A virtual environment can't be moved, so its place belongs to what it was made from. */
function wanted(file) {
  return createHash("sha256").update(readFileSync(file)).update(venv).digest("hex");
}

/** The first Python that is new enough and can make a virtual environment, as a command line. */
async function findPython() {
  const facts = "import sys\nprint('%d.%d' % sys.version_info[:2])\nimport venv, ensurepip";
  let old = null;
  let bare = null;
  for (const command of candidates) {
    const [program, ...first] = command;
    const { code, output } = await capture(program, [...first, "-c", facts]).catch(() => ({
      code: 1,
      output: "",
    }));
    const version = /^(\d+)\.(\d+)\s/.exec(output);
    if (!version) continue;
    if (Number(version[1]) < 3 || (Number(version[1]) === 3 && Number(version[2]) < 10))
      old ??= output.trim();
    else if (code !== 0) bare ??= `${version[1]}.${version[2]}`;
    else return command;
  }
  if (bare) {
    throw new Problem(
      `Python ${bare} has no venv module.`,
      "Install it (Debian and Ubuntu: apt install python3-venv), then run the same command again.",
      2,
    );
  }
  if (old) {
    const version = old.split("\n")[0];
    throw new Problem(`Python ${version} is too old: notebooks need 3.10 or newer.`, installPython, 2);
  }
  throw new Problem(
    "Python was not found (tried python3, python and py).",
    `${installPython} The pipeline needs no Python: npm run setup -- --core.`,
    2,
  );
}
