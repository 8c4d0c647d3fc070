import { readFileSync } from "node:fs";

/** What is known of the system, as far as it decides how to install something. */
export interface SystemFacts {
  readonly platform: NodeJS.Platform;
  /** Keys of /etc/os-release; empty elsewhere. */
  readonly osRelease: Readonly<Record<string, string>>;
  readonly arch: string;
  readonly isRoot: boolean;
}

/** The system we are on. */
export function readSystemFacts(): SystemFacts {
  return {
    platform: process.platform,
    osRelease: process.platform === "linux" ? parseOsRelease(readTextOrEmpty("/etc/os-release")) : {},
    arch: process.arch === "arm64" ? "aarch64" : "x86_64",
    isRoot: process.getuid?.() === 0,
  };
}

/** `NAME="Debian GNU/Linux"` and the like (man os-release); quotes are taken off. */
export function parseOsRelease(text: string): Record<string, string> {
  const entries = [...text.matchAll(/^([A-Z_]+)=(?:"([^"\n]*)"|'([^'\n]*)'|([^\n]*))$/gm)];
  return Object.fromEntries(entries.map(([, key = "", double, single, bare]) => [key, double ?? single ?? bare ?? ""]));
}

/**
 * The sentence with the command that installs PostgreSQL's client programs on this system.
 * @param oldestMajor the oldest major that will do; null for any
 */
export function installHint(oldestMajor: number | null, system: SystemFacts = readSystemFacts()): string {
  // Who needs no more than a client of this age is served by any that can still be had.
  const needsMajor = oldestMajor !== null && oldestMajor > 12 ? oldestMajor : null;
  const command = installCommand(needsMajor, system);
  if (command !== null) return `Install it with: ${command}`;
  const wanted = needsMajor === null ? "" : ` ${needsMajor} or newer`;
  return `Install the PostgreSQL client programs${wanted}: https://www.postgresql.org/download/`;
}

/** The same for gpg. */
export function gpgInstallHint({ platform, osRelease, isRoot }: SystemFacts = readSystemFacts()): string {
  if (platform === "darwin") return "Install it with: brew install gnupg";
  if (platform === "win32") return "Install it with: winget install --id GnuPG.Gpg4win";
  const family = [osRelease["ID"] ?? "", ...(osRelease["ID_LIKE"] ?? "").split(" ")];
  const commands: readonly (readonly [string, string])[] = [
    ["debian", "apt-get install -y gnupg"],
    ["ubuntu", "apt-get install -y gnupg"],
    ["fedora", "dnf install -y gnupg2"],
    ["rhel", "dnf install -y gnupg2"],
    ["alpine", "apk add gnupg"],
    ["arch", "pacman -S gnupg"],
    ["suse", "zypper install gpg2"],
    ["opensuse", "zypper install gpg2"],
  ];
  const command = commands.find(([name]) => family.includes(name))?.[1];
  if (command === undefined) return "Install GnuPG: https://gnupg.org/download/";
  const sudo = isRoot ? "" : family.includes("alpine") ? "doas " : "sudo ";
  return `Install it with: ${sudo}${command}`;
}

/** Null where the way of this system is not known. */
export function installCommand(needsMajor: number | null, system: SystemFacts): string | null {
  const { platform, osRelease, isRoot } = system;
  if (platform === "darwin") return `brew install ${needsMajor === null ? "libpq" : `postgresql@${needsMajor}`}`;
  if (platform === "win32") return `winget install --id PostgreSQL.PostgreSQL.${needsMajor ?? newestMajor}`;
  const sudo = isRoot ? "" : "sudo ";
  const family = [osRelease["ID"] ?? "", ...(osRelease["ID_LIKE"] ?? "").split(" ")];
  if (family.includes("debian") || family.includes("ubuntu")) return aptCommand(needsMajor, osRelease, sudo);
  if (family.includes("fedora") || family.includes("rhel")) return dnfCommand(needsMajor, system, sudo);
  if (family.includes("alpine")) return `${isRoot ? "" : "doas "}apk add postgresql${needsMajor ?? ""}-client`;
  if (family.includes("arch")) return `${sudo}pacman -S postgresql-libs`;
  if (family.includes("suse") || family.includes("opensuse"))
    return `${sudo}zypper install postgresql${needsMajor ?? ""}`;
  return null;
}

/** Named where any version will do and the package has to name one. */
const newestMajor = 18;

/** The client's major in the distribution's own packages. What is not listed is newer. */
const aptOwnMajor: Readonly<Record<string, number>> = {
  "debian 11": 13,
  "debian 12": 15,
  "debian 13": 17,
  "ubuntu 20.04": 12,
  "ubuntu 22.04": 14,
  "ubuntu 24.04": 16,
  "ubuntu 24.10": 16,
  "ubuntu 25.04": 17,
  "ubuntu 25.10": 17,
  "ubuntu 26.04": 18,
};

function aptCommand(needsMajor: number | null, osRelease: Readonly<Record<string, string>>, sudo: string): string {
  const own = aptOwnMajor[`${osRelease["ID"]} ${osRelease["VERSION_ID"]}`];
  if (needsMajor === null || (own !== undefined && needsMajor <= own))
    return `${sudo}apt-get install -y postgresql-client`;
  // The PostgreSQL project's packages, by the script that Debian and Ubuntu ship for it.
  return (
    `${sudo}apt-get install -y postgresql-common && ` +
    `${sudo}/usr/share/postgresql-common/pgdg/apt.postgresql.org.sh -y && ` +
    `${sudo}apt-get install -y postgresql-client-${needsMajor}`
  );
}

function dnfCommand(needsMajor: number | null, { osRelease, arch }: SystemFacts, sudo: string): string {
  if (needsMajor === null) return `${sudo}dnf install -y postgresql`;
  const release = (osRelease["VERSION_ID"] ?? "").split(".", 1)[0];
  const [place, name] = osRelease["ID"] === "fedora" ? [`F-${release}`, "fedora"] : [`EL-${release}`, "redhat"];
  const repository = `https://download.postgresql.org/pub/repos/yum/reporpms/${place}-${arch}/pgdg-${name}-repo-latest.noarch.rpm`;
  return `${sudo}dnf install -y ${repository} && ${sudo}dnf install -y postgresql${needsMajor}`;
}

function readTextOrEmpty(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
