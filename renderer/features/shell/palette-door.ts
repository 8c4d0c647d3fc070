import { useStore } from "zustand";
import { createStore } from "zustand/vanilla";

const door = createStore(() => ({ isOpen: false }));

/** Whether the command palette is open. */
export function usePaletteOpen(): boolean {
  return useStore(door, ({ isOpen }) => isOpen);
}

/** Opens or closes the command palette. */
export function setPaletteOpen(isOpen: boolean): void {
  door.setState({ isOpen });
}
