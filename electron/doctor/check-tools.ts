import { openGates } from "../../shared/command/minor-gates.ts";
import { type ToolInstallation, type ToolName, toolNames } from "../../shared/command/tool-installation.ts";
import { installHint } from "../tools/install-hint.ts";
import type { Check } from "./check.ts";

/** What Lifeboat cannot do without, and what fails when it is not there. */
const needed: readonly (readonly [ToolName, string])[] = [
  ["pg_dump", "No backup can be made."],
  ["pg_restore", "Nothing can be restored, though archives can be looked into."],
];

/** Each installation with its place and its known holes, then what is missing altogether. */
export function checkTools(installations: readonly ToolInstallation[]): Check[] {
  const missing = needed.filter(([name]) => installations.every(({ tools }) => tools[name] === undefined));
  return [
    ...installations.flatMap(describeInstallation),
    ...missing.map(
      ([name, effect]): Check => ({
        area: "tools",
        state: "broken",
        subject: name,
        message: `${name} is not installed here. ${effect}`,
        remedy: installHint(null),
      }),
    ),
  ];
}

/** The known holes are one line, however many: what matters is to update, and to which release. */
function describeInstallation({ version, folder, source, tools }: ToolInstallation): Check[] {
  const names = toolNames.filter((name) => tools[name] !== undefined);
  const subject = `PostgreSQL ${version.text}`;
  const here: Check = {
    area: "tools",
    state: "works",
    subject,
    message: `${names.join(", ")} in ${folder} (${source})`,
    remedy: null,
  };
  const affected = names.filter((name) => openGates(name, version).length > 0);
  const gates = [...new Set(affected.flatMap((name) => openGates(name, version)))];
  if (gates.length === 0) return [here];
  const fixes = gates.map(({ fixedIn }) => fixedIn[version.major] ?? null);
  const update = fixes.includes(null)
    ? "This major gets no more fixes: install a newer one."
    : `Update to ${version.major}.${Math.max(...fixes.map(Number))} or newer.`;
  const blocked = gates.some(({ level }) => level === "block") ? " Until then Lifeboat runs no SQL file with it." : "";
  return [
    here,
    {
      area: "tools",
      state: "attention",
      subject,
      message: `Files and servers from elsewhere can misuse ${affected.join(", ")}: ${gates.flatMap(({ ids }) => ids).join(", ")}.`,
      remedy: `${update}${blocked}`,
    },
  ];
}
