import { join } from "node:path";
import { app, dialog, Menu, type MenuItemConstructorOptions, Tray } from "electron";
import { visibleText } from "../../shared/text/visible-text.ts";
import { dispatch } from "../host/dispatch.ts";
import type { ClientSession, ServedApp } from "../host/served-app.ts";
import { followProtection, type ProtectionNow } from "./follow-protection.ts";
import { texts } from "./texts.ts";

export interface TrayOptions {
  readonly services: ServedApp;
  /** With tray-*.png; made by resources/make-icons.mjs. */
  readonly iconsFolder: string;
  readonly open: () => void;
}

type Tone = ProtectionNow["sentence"]["tone"];
const pictures: Readonly<Record<Tone, string>> = {
  good: "protected",
  warn: "attention",
  bad: "failing",
  neutral: "plain",
};

/** How many databases have a line of their own: more belong into the window. */
const mostLines = 8;

/**
 * The tray: how well the databases are protected, as Home says it, and a backup of each without opening the window.
 * @returns takes it away
 */
export function putUpTray({ services, iconsFolder, open }: TrayOptions): () => void {
  const tray = new Tray(pictureOf("neutral", iconsFolder));
  tray.setToolTip("Lifeboat");
  tray.setContextMenu(Menu.buildFromTemplate(ends(open)));
  // On macOS a click opens the menu.
  if (process.platform !== "darwin") tray.on("click", open);

  async function backUp({ connection, database }: ProtectionNow["databases"][number]): Promise<void> {
    const outcome = await dispatch(services, session, "backup.start", { connection, database });
    if (outcome.ok) return;
    // A password may be wanted, which only the window can ask for.
    open();
    const { message, hint = "" } = outcome.error;
    await dialog.showMessageBox({ type: "error", message, detail: hint ?? "" });
  }

  function show({ sentence, databases }: ProtectionNow): void {
    const lines = databases
      .filter(({ connection, isSample }) => connection !== null && !isSample)
      .slice(0, mostLines)
      .map((database): MenuItemConstructorOptions => {
        const name = visibleText(database.name);
        return database.running === null
          ? { label: texts.tray.backUp(name), click: () => void backUp(database) }
          : { label: texts.tray.running(name), enabled: false };
      });
    tray.setImage(pictureOf(sentence.tone, iconsFolder));
    tray.setToolTip(`Lifeboat: ${sentence.answer}`);
    tray.setContextMenu(
      Menu.buildFromTemplate([
        { label: sentence.answer, enabled: false },
        { type: "separator" },
        ...lines,
        ...(lines.length === 0 ? [] : [{ type: "separator" } as const]),
        ...ends(open),
      ]),
    );
  }

  const stop = followProtection(services, show);
  return () => {
    stop();
    tray.destroy();
  };
}

/** A backup goes on without whoever began it. */
const session: ClientSession = { signal: new AbortController().signal, keep: (_key, make) => make() };

function ends(open: () => void): MenuItemConstructorOptions[] {
  return [
    { label: texts.tray.open, click: open },
    { label: texts.tray.quit, click: () => app.quit() },
  ];
}

/** macOS colours pictures of this name by itself; Electron finds the @2x beside each. */
function pictureOf(tone: Tone, folder: string): string {
  return join(folder, `tray-${pictures[tone]}${process.platform === "darwin" ? "-Template" : ""}.png`);
}
