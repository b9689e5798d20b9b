// Loaded before a command line (node --import): ends the process with SIGKILL right before its nth change of the disk,
// KILL_AT; past the last one the process lives, and says at its end how many there were.
import files from "node:fs";
import { syncBuiltinESMExports } from "node:module";

const at = Number(process.env.KILL_AT);
let count = 0;

function counted<Call extends (...words: never[]) => unknown>(call: Call): Call {
  return ((...words: Parameters<Call>) => {
    count += 1;
    if (count === at) process.kill(process.pid, "SIGKILL");
    return call(...words);
  }) as Call;
}

const { promises } = files;
promises.mkdir = counted(promises.mkdir);
promises.open = counted(promises.open);
promises.rename = counted(promises.rename);
promises.rm = counted(promises.rm);
promises.symlink = counted(promises.symlink);
promises.writeFile = counted(promises.writeFile);
syncBuiltinESMExports();
process.on("exit", () => process.stderr.write(`${count} changes of the disk\n`));
