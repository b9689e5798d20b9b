import { mkdir, writeFile } from "node:fs/promises";
import type { Command } from "commander";
import { inputError } from "../core/errors.ts";
import { inWorkspace } from "../core/workspace.ts";
import { settingsTemplate } from "./settings.ts";
import { SETTINGS_FILE } from "./settingsFile.ts";
import { attach, type Shell } from "./shell.ts";
import { pathText } from "./table.ts";

export function registerInit(program: Command, shell: Shell): void {
  const command = program
    .command("init")
    .description(`${SETTINGS_FILE}: symbols, horizon, models and other settings, each with a comment`);
  attach(shell, command, "candlebook init", async (workspace) => {
    const path = inWorkspace(workspace, SETTINGS_FILE);
    await mkdir(workspace.root, { recursive: true });
    // Never over a file that exists, or that another process writes meanwhile.
    await writeFile(path, settingsTemplate(), { flag: "wx" }).catch((error) => {
      if (error.code !== "EEXIST") throw error;
      throw inputError(
        "file_exists",
        `${pathText(path)} exists.`,
        "Edit it; or remove it first for a new one.",
      );
    });
    return { json: { path: SETTINGS_FILE }, text: `${pathText(path)}: remove the # before a key to set it.` };
  });
}
