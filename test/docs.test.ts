import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { Command } from "commander";
import { beforeAll, describe, expect, it } from "vitest";
import { SOURCES } from "../src/candle/candle.ts";
import { ORIGIN_PRIORITY } from "../src/candle/timeline.ts";
import { REJECT_REASONS } from "../src/candle/validity.ts";
import { commands } from "../src/cli/commands.ts";
import { WEEKS } from "../src/course/weeks.ts";
import { CAUSES } from "../src/serving/reconciliation.ts";
import { LISTS, pageWith } from "../tools/lists.ts";

const root = join(import.meta.dirname, "..");
const read = (path: string) => readFileSync(join(root, path), "utf8");
const pages = ["README.md", "CONTRIBUTING.md", ...filesIn("docs").filter((path) => path.endsWith(".md"))];
const reference = read("docs/reference.md");

/** Paths from the project's folder, with `/`; a folder that is not there has none, nor do installed ones. */
function filesIn(folder: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  const entries = readdirSync(join(root, folder), {
    recursive: folder !== "environment",
    withFileTypes: true,
  });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll("\\", "/"))
    .filter((path) => !path.includes(".ipynb_checkpoints"));
}

/** The text under a heading, up to the next of its level or above. */
function section(text: string, heading: string): string {
  const lines = text.split("\n");
  const start = lines.indexOf(heading);
  const level = heading.split(" ")[0].length;
  const rest = lines.slice(start + 1);
  const end = rest.findIndex((line) => /^#+ /.test(line) && line.split(" ")[0].length <= level);
  return start < 0 ? "" : rest.slice(0, end < 0 ? undefined : end).join("\n");
}

/** A heading's anchor as GitHub makes it. */
function anchorOf(heading: string): string {
  return heading
    .replace(/^#+ /, "")
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, "")
    .replaceAll(" ", "-");
}

async function registered(): Promise<Command> {
  const program = new Command("candlebook");
  const shell = {
    terminal: { out: () => {}, err: () => {}, live: false },
    signal: new AbortController().signal,
    setExit: () => {},
  };
  for (const load of Object.values(commands)) (await load())(program, shell);
  return program;
}

const optionsOf = (command: Command) =>
  command.options.flatMap(({ short, long }) => [short, long].filter((name) => name !== undefined));
const optionsNamed = (text: string) => [...new Set(text.match(/(?<![\w-])--[a-z][a-z-]*/g) ?? [])];

describe("the reference", () => {
  let program: Command;
  beforeAll(async () => {
    program = await registered();
  });

  it("has every command, and no other", () => {
    const named = [...section(reference, "## Commands").matchAll(/^### ([a-z]+)/gm)].map(([, name]) => name);
    expect(named.sort()).toEqual(program.commands.map((command) => command.name()).sort());
  });

  it("has every command's options, and no other", () => {
    const common = optionsNamed(section(reference, "### Options of every command"));
    for (const command of program.commands) {
      const own = optionsNamed(section(reference, `### ${command.name()}`)).filter(
        (option) => !common.includes(option),
      );
      const real = optionsOf(command).filter((option) => !common.includes(option));
      expect({ command: command.name(), options: own.sort() }).toEqual({
        command: command.name(),
        options: real.sort(),
      });
      expect(optionsOf(command)).toEqual(
        expect.arrayContaining(common.filter((option) => option !== "--help")),
      );
    }
  });

  it("has the environment variables that are read, and no other", () => {
    const code = ["src", "bin", "environment", "testkit", "tools"]
      .flatMap(filesIn)
      .filter((path) => /\.(ts|mjs)$/.test(path) && !path.endsWith(".test.ts"))
      .map(read)
      .join("\n");
    const inCode = new Set(code.match(/CANDLEBOOK_[A-Z_]+/g));
    expect(new Set(reference.match(/CANDLEBOOK_[A-Z_]+/g))).toEqual(inCode);
  });
});

describe("the words of the pages", () => {
  const semantics = read("docs/semantics.md");

  it.each([
    ["reject reasons", REJECT_REASONS],
    ["origins", ORIGIN_PRIORITY],
    ["sources", SOURCES],
    ["causes of a difference", CAUSES],
  ])("semantics.md has all %s", (_, names) => {
    expect(names.filter((name) => !semantics.includes(`\`${name}\``))).toEqual([]);
  });

  it("error codes that are named exist", () => {
    const code = [...filesIn("src"), ...filesIn("bin")]
      .filter((path) => /\.(ts|mjs)$/.test(path))
      .map(read)
      .join("\n");
    const named = [...read("docs/troubleshooting.md").matchAll(/^\| `([a-z_]+)`/gm)].map(([, name]) => name);
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter((name) => !code.includes(`"${name}"`))).toEqual([]);
  });

  it("npm scripts that are named exist", () => {
    const { scripts } = JSON.parse(read("package.json"));
    const named = pages.flatMap((page) => [...read(page).matchAll(/npm run ([a-z:-]+)/g)].map((m) => m[1]));
    expect([...new Set(named)].filter((name) => !(name in scripts))).toEqual([]);
  });
});

describe("links", () => {
  it.each(pages)("of %s lead somewhere", (page) => {
    const links = [...read(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target);
    const broken = links
      .filter((target) => !/^https?:/.test(target))
      .filter((target) => {
        const [path, anchor] = target.split("#");
        const file = path === "" ? page : normalize(join(dirname(page), path));
        if (!existsSync(join(root, file))) return true;
        if (anchor === undefined) return false;
        const headings = read(file).match(/^#+ .*$/gm) ?? [];
        return !headings.map(anchorOf).includes(anchor);
      });
    expect(broken).toEqual([]);
  });
});

describe("the lists that are made from code (npm run lists)", () => {
  it.each(LISTS)("$path: $head", (list) => {
    const { now, wanted } = pageWith(list);
    expect(now).toBe(wanted);
    expect(list.rows().length).toBeGreaterThanOrEqual(WEEKS.length);
  });
});
