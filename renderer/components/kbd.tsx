import styles from "./kbd.module.css";

const isMac = /Mac|iP/.test(navigator.platform);

/** Keys by their names, `Ctrl K`; Ctrl is Cmd on Apple's keyboards. */
export function Kbd({ keys }: { readonly keys: string }) {
  return <kbd className={styles.kbd}>{isMac ? keys.replace("Ctrl ", "⌘") : keys}</kbd>;
}

/** Ctrl, or Cmd on Apple's keyboards, is held. */
export function hasCommandKey(event: { readonly ctrlKey: boolean; readonly metaKey: boolean }): boolean {
  return isMac ? event.metaKey : event.ctrlKey;
}
