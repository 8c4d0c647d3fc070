import { RefreshCw } from "lucide-react";
import { useState } from "react";
import type { ProfileView } from "../../../shared/contract/views.ts";
import { useClient } from "../../client/client-context.ts";
import { useLoaded } from "../../client/use-loaded.ts";
import { Button } from "../../components/button.tsx";
import { Card } from "../../components/card.tsx";
import { ErrorPanel } from "../../components/error-panel.tsx";
import { Skeleton } from "../../components/skeleton.tsx";
import { PasswordField } from "./password-card.tsx";
import { PreflightPanel } from "./preflight-panel.tsx";
import styles from "./saved-database.module.css";
import { texts } from "./texts.ts";

/** Looks at the database as soon as it is shown: nothing is changed there. Asks for a password where one is missing. */
export function PreflightCard({ profile }: { readonly profile: ProfileView }) {
  const client = useClient();
  const [password, setPassword] = useState("");
  const [given, setGiven] = useState<string | null>(null);
  const look = useLoaded(`${JSON.stringify(profile)} ${given ?? ""}`, () =>
    client.invoke("databases.preflight", {
      connection: { kind: "profile", name: profile.name },
      ...(given === null ? {} : { password: given }),
    }),
  );
  const wantsPassword =
    look.error?.code === "connection.passwordMissing" || look.error?.code === "connection.authentication";

  return (
    <Card
      title={texts.preflightTitle}
      actions={
        <Button
          size="small"
          variant="quiet"
          icon={<RefreshCw aria-hidden />}
          busy={look.isLoading}
          onClick={look.reload}
        >
          {texts.preflightAgain}
        </Button>
      }
    >
      {look.error !== null ? (
        <div className={styles.fields}>
          <ErrorPanel error={look.error} />
          {wantsPassword ? (
            <form
              className={styles.fields}
              onSubmit={(event) => {
                event.preventDefault();
                setGiven(password);
              }}
            >
              <PasswordField
                label={texts.passwordNew}
                value={password}
                onChange={setPassword}
                hint={texts.askPasswordNote}
              />
              <div>
                <Button type="submit" disabled={password === ""}>
                  {texts.preflightLook}
                </Button>
              </div>
            </form>
          ) : null}
        </div>
      ) : look.value === null ? (
        <Skeleton label={texts.preflightLoading} lines={[60, 40, 72, 50]} />
      ) : (
        <PreflightPanel report={look.value} />
      )}
    </Card>
  );
}
