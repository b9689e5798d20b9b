// Runs a TypeScript program of tools on the project's own Node: `node environment/script.mjs gallery`
import { spawn } from "node:child_process";
import { join } from "node:path";
import { projectNode, root } from "./paths.mjs";

const [name, ...words] = process.argv.slice(2);
const child = spawn(projectNode(), [join(root, "tools", `${name}.ts`), ...words], {
  cwd: root,
  stdio: "inherit",
});
child.on("exit", (code) => {
  process.exitCode = code ?? 1;
});
