// The packages of the lock file: an SBOM (sbom.json), licences, install scripts, and known holes where the registry
// lists them.
import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

const ROOT = join(import.meta.dirname, "..");
const npm = (...words: string[]) =>
  promisify(execFile)("npm", words, { cwd: ROOT, maxBuffer: 2 ** 28, shell: process.platform === "win32" });

/** Licences that allow use, change and distribution; a package may be under several. */
const PERMITTED =
  /^(MIT|ISC|BSD-[23]-Clause|0BSD|Apache-2\.0|MPL-2\.0|BlueOak-1\.0\.0|PSF-2\.0|Python-2\.0|Unlicense|Zlib|Bitstream-Vera)$/;

/** Packages whose lock entry has no SPDX licence; read by hand in their folder. */
const READ_BY_HAND: Readonly<Record<string, string>> = {
  xtend: "MIT",
  "stack-trace": "MIT",
  // Bitstream Vera, in its LICENSE: free, also within other products; a changed font needs another name.
  "dejavu-fonts-ttf": "Bitstream-Vera",
};

/** No release for years, or declared as unmaintained, with what would replace them. */
export const UNMAINTAINED: Readonly<Record<string, string>> = {
  kafkajs: "@platformatic/kafka, which is the default client already",
  tslab: "Deno's kernel, which runs the same notebooks already",
};

interface Locked {
  version: string;
  license?: string;
  hasInstallScript?: boolean;
  dev?: boolean;
}

export interface LockReport {
  packages: number;
  /** Number of packages by licence. */
  licences: Record<string, number>;
  /** Packages whose licence is none of the permitted ones. */
  unclear: string[];
  /** Packages with an install script; `.npmrc` turns them off. */
  scripts: string[];
}

/** @param lock the content of package-lock.json */
export function lockReport(lock: { packages: Record<string, Locked> }): LockReport {
  const report: LockReport = { packages: 0, licences: {}, unclear: [], scripts: [] };
  for (const [path, { version, license, hasInstallScript }] of Object.entries(lock.packages)) {
    if (path === "") continue;
    const name = path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
    const licence = READ_BY_HAND[name] ?? license ?? "none stated";
    const words = licence.replace(/[()]/g, "").split(/ (?:OR|AND) /);
    report.packages += 1;
    report.licences[licence] = (report.licences[licence] ?? 0) + 1;
    if (!words.every((word) => PERMITTED.test(word))) report.unclear.push(`${name}@${version}: ${licence}`);
    if (hasInstallScript) report.scripts.push(`${name}@${version}`);
  }
  return report;
}

async function knownHoles(): Promise<string> {
  try {
    const { stdout } = await npm("audit", "--package-lock-only", "--json");
    return JSON.stringify(JSON.parse(stdout).metadata.vulnerabilities);
  } catch (error) {
    const { stdout = "" } = error as { stdout?: string };
    const found = /"vulnerabilities": *\{/.test(stdout);
    return found ? stdout : "not known: this registry offers no list of advisories";
  }
}

if (process.argv[1] === import.meta.filename) {
  const report = lockReport(JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8")));
  const { stdout } = await npm("sbom", "--sbom-format", "cyclonedx", "--package-lock-only");
  writeFileSync(join(ROOT, "sbom.json"), stdout);
  const licences = Object.entries(report.licences).sort(([, a], [, b]) => b - a);
  const lines = [
    `${report.packages} packages; sbom.json lists them (CycloneDX).`,
    ...licences.map(([licence, count]) => `${String(count).padStart(5)}  ${licence}`),
    `Install scripts, all turned off: ${report.scripts.join(", ") || "none"}.`,
    `Known holes: ${await knownHoles()}.`,
    ...Object.entries(UNMAINTAINED).map(([name, instead]) => `Unmaintained: ${name}; instead: ${instead}.`),
    ...report.unclear.map((one) => `Licence to be read: ${one}`),
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
  process.exitCode = report.unclear.length === 0 ? 0 : 1;
}
