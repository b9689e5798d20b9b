import { type Command, Option } from "commander";
import type { InputFile } from "../batch/files.ts";
import { inputError } from "../core/errors.ts";
import { parseStatement, type Statement } from "../recognition/statement.ts";
import { inputFiles } from "./inputs.ts";

/** Options that state the form of files. */
export interface StatementOptions {
  columns?: string;
  interval?: string;
  zone?: string;
  decimal?: string;
  volume?: string;
  dateOrder?: string;
  allowConflicts?: boolean;
  acceptRejects?: boolean;
}

/** Adds the options that state the form of files to a command. */
export function addStatementOptions(command: Command): Command {
  return command
    .option(
      "--columns <list>",
      "order of the columns: time,open,high,low,close,volume; - for an ignored column",
    )
    .option("--interval <length>", "length of the candles, such as 1m")
    .option("--zone <zone>", "time zone of times without one: UTC, or an offset such as +07:00")
    .addOption(new Option("--decimal <mark>", "decimal mark of the numbers").choices([".", ","]))
    .option("--volume <column>", "column of base volume: its name, or its number from 1")
    .addOption(
      new Option(
        "--date-order <order>",
        "order of dates with the year last; ydm of those with the year first",
      ).choices(["dmy", "mdy", "ydm"]),
    )
    .option("--allow-conflicts", "acceptance of files of one symbol that disagree in most of their minutes")
    .option("--accept-rejects", "acceptance of files with more than 1 % of rows that break a rule of shape");
}

/** The files that the arguments of a command name, with what its options state about them.
 * @throws CandlebookError `bad_option`
 */
export function statedFiles(words: readonly string[], options: StatementOptions): InputFile[] {
  const stated = statementOf(options);
  if (words.length === 0 && Object.keys(stated).length > 0) {
    throw inputError(
      "bad_option",
      `No file is named, but ${Object.keys(stated).join(", ")} ${Object.keys(stated).length === 1 ? "states" : "state"} the form of files.`,
      "Name the files again, with their options.",
    );
  }
  return inputFiles(words).map((file) => ({ ...file, stated }));
}

function statementOf(options: StatementOptions): Statement {
  const { columns, interval, zone, decimal, volume, dateOrder, allowConflicts, acceptRejects } = options;
  const list = columns?.split(",").map((name) => name.trim());
  const named = { columns: list, interval, zone, decimal, volume, dateOrder, allowConflicts, acceptRejects };
  const given = Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined));
  return parseStatement(given, "--");
}
