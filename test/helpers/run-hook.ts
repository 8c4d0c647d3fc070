import { act, createElement, type ReactNode } from "react";
import { createRoot } from "react-dom/client";
import { vi } from "vitest";

/** A hook that runs. */
export interface RunningHook {
  /** Does something, and lets everything happen that follows from it. */
  after(change: () => unknown): Promise<void>;
  end(): Promise<void>;
}

/**
 * Runs a hook as a component that shows nothing would, without a browser: of a page React then asks hardly more than where to
 * listen for events.
 * @param wrap puts it into its contexts
 */
export async function runHook(hook: () => unknown, wrap: (child: ReactNode) => ReactNode): Promise<RunningHook> {
  // They stay as long as the test's file runs: React looks at them until the last component is gone.
  vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
  vi.stubGlobal("window", { HTMLIFrameElement: Object });
  const listens = { addEventListener: () => {} };
  const root = createRoot({ ...listens, nodeType: 1, tagName: "DIV", ownerDocument: { ...listens, nodeType: 9 } });
  function Shown() {
    hook();
    return null;
  }
  await after(() => root.render(wrap(createElement(Shown))));
  return { after, end: () => after(() => root.unmount()) };
}

const after: RunningHook["after"] = (change) => act(async () => void (await change()));
