/**
 * Fetches PostgreSQL's client programs 17 and 18 from Debian's newer releases into a cache folder, without installing
 * anything: the packages are unpacked side by side, and each program gets a small wrapper that starts it through its
 * own tree's loader and libraries. Needs mmdebstrap and a Debian whose apt lists are fresh (`apt-get update`).
 *
 *     node test/helpers/install-clients.mjs [17] [18]
 *
 * The folder is LIFEBOAT_TEST_CLIENTS, or lifeboat-test-clients in the user's cache folder. What is there stays.
 */
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { clientsFolder } from "./clients-folder.mjs";

const suites = { 17: "trixie", 18: "sid" };
const loader = { x64: "x86_64-linux-gnu/ld-linux-x86-64.so.2", arm64: "aarch64-linux-gnu/ld-linux-aarch64.so.1" };

const asked = process.argv.slice(2);
for (const major of asked.length > 0 ? asked : Object.keys(suites)) install(major);

function install(major) {
  const suite = suites[major];
  if (suite === undefined) throw new Error(`No Debian release is known for PostgreSQL ${major}.`);
  const folder = join(clientsFolder(), major);
  if (existsSync(folder)) {
    say(`PostgreSQL ${major} clients are already in ${folder}`);
    return;
  }
  mkdirSync(clientsFolder(), { recursive: true });
  // Built beside its place and renamed: the folder's existence then means that it is whole. The wrappers name the
  // final place, so that they can be written before.
  const building = `${folder}.building-${process.pid}`;
  rmSync(building, { recursive: true, force: true });
  mkdirSync(building);
  const mirrors = configuredMirrors();
  for (let attempt = 0; ; attempt++) {
    const mirror = mirrors[attempt % mirrors.length];
    const tree = join(building, "tree");
    rmSync(tree, { recursive: true, force: true });
    try {
      const args = [
        "--variant=extract",
        `--include=postgresql-client-${major}`,
        // sid's release file carries a date until which it is valid; a mirror that lags must not stop us
        `--aptopt=Acquire::Check-Valid-Until "false"`,
        `--aptopt=Acquire::Retries "3"`,
        suite,
        tree,
        mirror,
      ];
      execFileSync("mmdebstrap", args, { stdio: ["ignore", "pipe", "pipe"], encoding: "utf8", timeout: 600_000 });
      break;
    } catch (error) {
      if (attempt + 1 >= Math.max(3, mirrors.length)) {
        rmSync(building, { recursive: true, force: true });
        throw new Error(`Debian ${suite} could not be fetched:\n${String(error.stderr ?? error.message)}`, {
          cause: error,
        });
      }
    }
  }
  writeWrappers(major, building, folder);
  renameSync(building, folder);
  say(
    `PostgreSQL ${major} clients: ${execFileSync(join(folder, "bin", "pg_dump"), ["--version"], { encoding: "utf8" }).trim()}`,
  );
}

function writeWrappers(major, building, folder) {
  const programs = `usr/lib/postgresql/${major}/bin`;
  mkdirSync(join(building, "bin"));
  for (const name of readdirSync(join(building, "tree", programs))) {
    const library = join(folder, "tree", "usr", "lib");
    const [libraryFolder, file] = loader[process.arch].split("/");
    const path = join(building, "bin", name);
    // --argv0 keeps the wrapper's own path as the program's name: pg_dumpall looks for pg_dump beside itself
    const script = [
      "#!/bin/sh",
      `exec '${join(library, libraryFolder, file)}' --argv0 "$0" --library-path '${join(library, libraryFolder)}' '${join(folder, "tree", programs, name)}' "$@"`,
    ];
    writeFileSync(path, `${script.join("\n")}\n`);
    chmodSync(path, 0o755);
  }
}

/** The Debian mirrors this machine already uses, from apt's own reading of its sources. */
function configuredMirrors() {
  const format = "$(LABEL)|$(REPO_URI)";
  const listing = execFileSync("apt-get", ["indextargets", "--format", format, "Created-By: Packages"], {
    encoding: "utf8",
  });
  const mirrors = new Set();
  for (const line of listing.split("\n")) if (line.startsWith("Debian|")) mirrors.add(line.slice("Debian|".length));
  if (mirrors.size === 0) throw new Error("apt knows no Debian mirror here. Run apt-get update first.");
  return [...mirrors];
}

function say(text) {
  process.stdout.write(`${text}\n`);
}
