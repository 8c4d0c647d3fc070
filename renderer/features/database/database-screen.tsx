import { Database } from "lucide-react";
import type { Capabilities } from "../../../shared/contract/views.ts";
import { visibleText } from "../../../shared/text/visible-text.ts";
import { Button } from "../../components/button.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { ErrorPanel } from "../../components/error-panel.tsx";
import { Skeleton } from "../../components/skeleton.tsx";
import { useHello } from "../../stores/hello.ts";
import { useProfiles } from "../../stores/profiles.ts";
import { navigate, useRoute } from "../shell/router.ts";
import { Screen } from "../shell/screen.tsx";
import { ConnectionEditor } from "./connection-editor.tsx";
import { SavedDatabase } from "./saved-database.tsx";
import { texts } from "./texts.ts";

/** One database: how it is reached, what stands in the way of a backup, and its backups; or a new one to be added. */
export function DatabaseScreen() {
  const route = useRoute();
  const name = route.screen === "database" ? route.name : null;
  const { value: profiles, error, reload } = useProfiles();
  const capabilities = useHello(({ value }) => value?.capabilities ?? null);
  const profile = profiles?.find((each) => each.name === name) ?? null;

  if (capabilities !== null && name === null) return <NewDatabase capabilities={capabilities} />;
  if (capabilities !== null && profile !== null) {
    return <SavedDatabase key={profile.name} profile={profile} capabilities={capabilities} />;
  }
  return (
    <Screen title={name ?? texts.newTitle}>
      {error !== null ? (
        <ErrorPanel error={error} actions={<Button onClick={reload}>{texts.tryAgain}</Button>} />
      ) : profiles === null || capabilities === null ? (
        <Skeleton label={texts.loading} lines={[40, 62, 55, 30]} />
      ) : (
        <EmptyState
          icon={<Database />}
          title={texts.notFoundTitle}
          action={
            <Button variant="primary" onClick={() => navigate({ screen: "database", name: null })}>
              {texts.addOne}
            </Button>
          }
        >
          {texts.notFound(visibleText(name ?? ""))}
        </EmptyState>
      )}
    </Screen>
  );
}

function NewDatabase({ capabilities }: { readonly capabilities: Capabilities }) {
  return (
    <Screen title={texts.newTitle}>
      <ConnectionEditor saved={null} capabilities={capabilities} />
    </Screen>
  );
}
