import { SlidersHorizontal } from "lucide-react";
import { useState } from "react";
import type { Capabilities, ProfileView } from "../../../shared/contract/views.ts";
import { formatHost } from "../../../shared/profile/target.ts";
import { Button } from "../../components/button.tsx";
import { Tabs } from "../../components/tabs.tsx";
import { Visible } from "../../components/visible.tsx";
import { useStartBackup } from "../home/start-backup.ts";
import { useProtection } from "../home/use-protection.ts";
import { navigate } from "../shell/router.ts";
import { Screen } from "../shell/screen.tsx";
import { ConnectionEditor } from "./connection-editor.tsx";
import { defaultOptions, findOptionFaults, type OptionsDraft, optionsOf } from "./dump-options.ts";
import { colourOf, EnvironmentBadge } from "./environment.tsx";
import { OptionsCard } from "./options-card.tsx";
import { Overview } from "./overview.tsx";
import { RemoveCard } from "./remove-card.tsx";
import styles from "./saved-database.module.css";
import { texts } from "./texts.ts";

export interface SavedDatabaseProps {
  readonly profile: ProfileView;
  readonly capabilities: Capabilities;
}

/** A database that is saved: back it up, see how it stands, change how it is reached. */
export function SavedDatabase({ profile, capabilities }: SavedDatabaseProps) {
  const [tab, setTab] = useState<"overview" | "connection">("overview");
  const [hasOptions, setHasOptions] = useState(false);
  const [options, setOptions] = useState<OptionsDraft>(defaultOptions);
  const [isStarting, setIsStarting] = useState(false);
  const startBackup = useStartBackup();
  const protection = useProtection()?.find((each) => each.profile?.name === profile.name) ?? null;
  const running = protection?.running ?? null;
  const hasFaults = findOptionFaults(options).length > 0;

  async function backUp(): Promise<void> {
    setIsStarting(true);
    await startBackup({
      connection: { kind: "profile", name: profile.name },
      database: null,
      name: profile.name,
      ...(hasOptions ? { options: optionsOf(options) } : {}),
    });
    setIsStarting(false);
  }

  return (
    <Screen
      title={profile.name}
      below={
        <div className={styles.where}>
          <span
            aria-hidden
            className={styles.dot}
            style={{ background: colourOf(profile.environment, profile.colour) }}
          />
          <EnvironmentBadge environment={profile.environment} />
          <span className={styles.text}>
            <Visible text={profile.database} limit={32} /> · <Visible text={profile.hosts.map(formatHost).join(", ")} />
          </span>
        </div>
      }
      actions={
        <>
          <Button
            icon={<SlidersHorizontal aria-hidden />}
            aria-expanded={hasOptions}
            onClick={() => {
              setHasOptions(!hasOptions);
              setTab("overview");
            }}
          >
            {texts.options}
          </Button>
          {running === null ? (
            <Button
              variant="primary"
              busy={isStarting}
              disabled={hasOptions && hasFaults}
              onClick={() => void backUp()}
            >
              {texts.backUp}
            </Button>
          ) : (
            <Button variant="primary" onClick={() => navigate({ screen: "activity", jobId: running.id })}>
              {texts.watch}
            </Button>
          )}
        </>
      }
    >
      <Tabs<"overview" | "connection">
        label={profile.name}
        value={tab}
        onChange={setTab}
        className={styles.tabs}
        tabs={[
          {
            value: "overview",
            label: texts.tabs.overview,
            panel: (
              <div className={styles.panel}>
                {hasOptions ? <OptionsCard options={options} onChange={setOptions} /> : null}
                <Overview profile={profile} protection={protection} />
              </div>
            ),
          },
          {
            value: "connection",
            label: texts.tabs.connection,
            panel: (
              <div className={styles.panel}>
                <ConnectionEditor
                  saved={profile}
                  capabilities={capabilities}
                  aside={<RemoveCard name={profile.name} />}
                />
              </div>
            ),
          },
        ]}
      />
    </Screen>
  );
}
