import { CSPProvider } from "@base-ui/react/csp-provider";
import { lazy, StrictMode, Suspense, useEffect } from "react";
import { useStore } from "zustand";
import type { Client } from "./client/client.ts";
import { ClientContext, useConnection } from "./client/client-context.ts";
import { pathQuestion } from "./components/pick-path.ts";
import { Toasts } from "./components/toasts.tsx";
import { TooltipProvider } from "./components/tooltip.tsx";
import { passwordQuestion } from "./features/home/start-backup.ts";
import { Boot, useBegun } from "./features/shell/boot.tsx";
import { SessionEnded } from "./features/shell/session-ended.tsx";
import { Shell } from "./features/shell/shell.tsx";
import { useSettings } from "./stores/settings.ts";

/** Everything the window is, over a client. */
export function App({ client }: { readonly client: Client }) {
  return (
    <StrictMode>
      {/* The page's CSP takes no <style> made at run time. */}
      <CSPProvider disableStyleElements>
        <ClientContext value={client}>
          <TooltipProvider delay={500}>
            <Window />
            <Questions />
            <Toasts />
          </TooltipProvider>
        </ClientContext>
      </CSPProvider>
    </StrictMode>
  );
}

const FileBrowser = lazy(async () => ({ default: (await import("./components/file-browser.tsx")).FileBrowser }));
const PasswordDialog = lazy(async () => ({
  default: (await import("./features/home/password-dialog.tsx")).PasswordDialog,
}));

/** What is asked from anywhere in the window. */
function Questions() {
  const isPathAsked = useStore(pathQuestion, ({ question }) => question !== null);
  const isPasswordAsked = useStore(passwordQuestion, ({ question }) => question !== null);
  return (
    <Suspense>
      {isPathAsked ? <FileBrowser /> : null}
      {isPasswordAsked ? <PasswordDialog /> : null}
    </Suspense>
  );
}

function Window() {
  const connection = useConnection();
  const hasBegun = useBegun();
  const theme = useSettings(({ value }) => value?.theme ?? "system");

  useEffect(() => {
    if (theme === "system") delete document.documentElement.dataset["theme"];
    else document.documentElement.dataset["theme"] = theme;
  }, [theme]);

  if (connection === "closed") return <SessionEnded />;
  return hasBegun ? <Shell /> : <Boot />;
}
