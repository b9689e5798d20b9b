// Makes a fresh clone ready; does nothing when it is. `node environment/setup.mjs [--core | --lab]`
// Only this file may be read by an old Node: it keeps to old syntax and imports the rest when the version is right.
const [major, minor] = process.versions.node.split(".").map(Number);

if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(
    `\nSet-up stopped: this is Node ${process.versions.node}, and candlebook needs 20.19 or newer.\n` +
      "What to do: install Node 24, open a new terminal, and run the same command again.\n",
  );
  process.exitCode = 2;
} else {
  import("./steps.mjs")
    .then(function run(steps) {
      return steps.setUp({
        core: process.argv.includes("--core"),
        lab: process.argv.includes("--lab"),
      });
    })
    .then(function done(code) {
      process.exitCode = code;
    });
}
