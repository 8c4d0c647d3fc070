import { readFile } from "node:fs/promises";
import type { Rectangle } from "electron";
import { z } from "zod";
import { writeFileDurably } from "../storage/durable-file.ts";

/** Where the window was, kept in the home. */
export interface WindowState {
  readonly bounds: Rectangle | null;
  readonly isMaximized: boolean;
}

export const smallestWindow = { width: 900, height: 600 };
const firstState: WindowState = { bounds: null, isMaximized: false };

const whole = z.number().int().min(-100_000).max(100_000);
const stateFile = z.object({
  bounds: z.object({ x: whole, y: whole, width: whole, height: whole }).nullable(),
  isMaximized: z.boolean(),
});

/** The state as it was kept; the first one where there is none, or none that makes sense. */
export async function readWindowState(path: string, screens: readonly Rectangle[]): Promise<WindowState> {
  try {
    const { bounds, isMaximized } = stateFile.parse(JSON.parse(await readFile(path, "utf8")));
    return { bounds: bounds !== null && isReachable(bounds, screens) ? bounds : null, isMaximized };
  } catch {
    return firstState;
  }
}

/** Keeps the state. A window's place is not worth a message where it cannot be written. */
export async function writeWindowState(path: string, state: WindowState): Promise<void> {
  await writeFileDurably(path, `${JSON.stringify(state)}\n`).catch(() => {});
}

/** A screen may have been unplugged since: enough of the title bar must be on one to be taken hold of. */
function isReachable({ x, y, width, height }: Rectangle, screens: readonly Rectangle[]): boolean {
  if (width < smallestWindow.width || height < smallestWindow.height) return false;
  return screens.some(
    (screen) =>
      x + width > screen.x + 100 &&
      x < screen.x + screen.width - 100 &&
      y >= screen.y &&
      y < screen.y + screen.height - 50,
  );
}
