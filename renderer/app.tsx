import { CSPProvider } from "@base-ui/react/csp-provider";
import { StrictMode, useEffect } from "react";
import type { Client } from "./client/client.ts";
import { ClientContext, useConnection } from "./client/client-context.ts";
import { FileBrowser } from "./components/file-browser.tsx";
import { Toasts } from "./components/toasts.tsx";
import { TooltipProvider } from "./components/tooltip.tsx";
import { PasswordDialog } from "./features/home/password-dialog.tsx";
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
            <FileBrowser />
            <PasswordDialog />
            <Toasts />
          </TooltipProvider>
        </ClientContext>
      </CSPProvider>
    </StrictMode>
  );
}

function Window() {
  const connection = useConnection();
  const theme = useSettings(({ value }) => value?.theme ?? "system");

  useEffect(() => {
    if (theme === "system") delete document.documentElement.dataset["theme"];
    else document.documentElement.dataset["theme"] = theme;
  }, [theme]);

  return connection === "closed" ? <SessionEnded /> : <Shell />;
}
