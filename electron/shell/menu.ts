import { type BrowserWindow, Menu, type MenuItemConstructorOptions } from "electron";
import { openLink } from "./guards.ts";
import { texts } from "./texts.ts";

export interface MenuActions {
  readonly isPackaged: boolean;
  openArchive(): void;
  goTo(place: string): void;
  readonly window: () => BrowserWindow | null;
}

const isMac = process.platform === "darwin";

/** Puts the menu up, with the shortcuts each platform is used to: Electron's roles bring most of them. */
export function setMenu(actions: MenuActions): void {
  Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate(actions)));
}

function menuTemplate(actions: MenuActions): MenuItemConstructorOptions[] {
  const { menu } = texts;
  const settings: MenuItemConstructorOptions = {
    label: menu.settings,
    accelerator: "CmdOrCtrl+,",
    click: () => actions.goTo("#/settings"),
  };
  const separator: MenuItemConstructorOptions = { type: "separator" };
  return [
    ...(isMac ? [appMenu(settings, separator)] : []),
    {
      label: menu.file,
      submenu: [
        { label: menu.open, accelerator: "CmdOrCtrl+O", click: () => actions.openArchive() },
        separator,
        ...(isMac ? [] : [settings, separator]),
        { role: isMac ? "close" : "quit" },
      ],
    },
    { role: "editMenu" },
    {
      role: "viewMenu",
      submenu: [
        { role: "resetZoom" },
        { role: "zoomIn" },
        { role: "zoomOut" },
        separator,
        { role: "togglefullscreen" },
        ...(actions.isPackaged ? [] : [separator, { role: "reload" } as const, { role: "toggleDevTools" } as const]),
      ],
    },
    { label: menu.go, submenu: goMenu(actions, separator) },
    { role: "windowMenu" },
    {
      role: "help",
      submenu: [
        {
          label: menu.documentation,
          click: () => openLink("https://www.postgresql.org/docs/current/backup-dump.html"),
        },
      ],
    },
  ];
}

function goMenu(actions: MenuActions, separator: MenuItemConstructorOptions): MenuItemConstructorOptions[] {
  const { menu } = texts;
  const history = () => actions.window()?.webContents.navigationHistory;
  return [
    { label: menu.back, accelerator: isMac ? "Cmd+[" : "Alt+Left", click: () => history()?.goBack() },
    { label: menu.forward, accelerator: isMac ? "Cmd+]" : "Alt+Right", click: () => history()?.goForward() },
    separator,
    { label: menu.home, click: () => actions.goTo("#/") },
    { label: menu.backups, click: () => actions.goTo("#/backups") },
    { label: menu.activity, click: () => actions.goTo("#/activity") },
  ];
}

/** The first menu on macOS, which bears the app's name. */
function appMenu(
  settings: MenuItemConstructorOptions,
  separator: MenuItemConstructorOptions,
): MenuItemConstructorOptions {
  return {
    role: "appMenu",
    submenu: [
      { role: "about" },
      separator,
      settings,
      separator,
      { role: "services" },
      separator,
      { role: "hide" },
      { role: "hideOthers" },
      { role: "unhide" },
      separator,
      { role: "quit" },
    ],
  };
}
