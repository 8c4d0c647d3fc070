import { useClient } from "../../client/client-context.ts";
import { useLoaded } from "../../client/use-loaded.ts";
import { Skeleton } from "../../components/skeleton.tsx";
import { useHello } from "../../stores/hello.ts";
import { useSettings } from "../../stores/settings.ts";
import { Screen } from "../shell/screen.tsx";
import { AboutCard } from "./about-card.tsx";
import { AppearanceCard } from "./appearance-card.tsx";
import { CacheCard } from "./cache-card.tsx";
import { KeychainCard, NotificationsCard } from "./capability-cards.tsx";
import { ChecksCard, ToolsCard } from "./checks-card.tsx";
import { FoldersCard } from "./folders-card.tsx";
import { SampleCard } from "./sample-card.tsx";
import styles from "./settings-screen.module.css";
import { texts } from "./texts.ts";

/** What Lifeboat stands on here, and how it looks. Everything takes effect at once, in every window. */
export function SettingsScreen() {
  const client = useClient();
  const settings = useSettings(({ value }) => value);
  const hello = useHello(({ value }) => value);
  const doctor = useLoaded("doctor", () => client.invoke("doctor.run", {}));

  return (
    <Screen title={texts.title}>
      {settings === null || hello === null ? (
        <Skeleton label={texts.loading} lines={[30, 60, 45, 70, 40]} />
      ) : (
        <div className={styles.columns}>
          <div className={styles.column}>
            <AppearanceCard theme={settings.theme} />
            <FoldersCard settings={settings} capabilities={hello.capabilities} checks={doctor.value} />
            <CacheCard />
            <SampleCard />
            <NotificationsCard isOn={settings.notifications} isPossible={hello.capabilities.notifications} />
          </div>
          <div className={styles.column}>
            <ToolsCard doctor={doctor} />
            <KeychainCard capabilities={hello.capabilities} />
            <ChecksCard doctor={doctor} />
            <AboutCard hello={hello} />
          </div>
        </div>
      )}
    </Screen>
  );
}
