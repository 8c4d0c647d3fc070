import { Activity, Archive, Cloud, HardDrive, House, KeyRound, Plus, Server, Settings } from "lucide-react";
import type { ReactNode } from "react";
import { stateWords } from "../../../shared/policy/protection.ts";
import { formatBytes, formatCount } from "../../../shared/text/format.ts";
import { classNames } from "../../components/class-names.ts";
import { Visible } from "../../components/visible.tsx";
import { VisuallyHidden } from "../../components/visually-hidden.tsx";
import { useBackups } from "../../stores/backups.ts";
import { isLive, useJobs } from "../../stores/jobs.ts";
import { useStorages } from "../../stores/storages.ts";
import { useProtection } from "../home/use-protection.ts";
import { Mark } from "./mark.tsx";
import styles from "./rail.module.css";
import { formatRoute, type Route } from "./router.ts";
import { texts } from "./texts.ts";

/** The places of the window, the databases with their state, and what the backups take here. */
export function Rail({ route }: { readonly route: Route }) {
  const backups = useBackups(({ value }) => value?.backups ?? null);
  const storages = useStorages(({ value }) => value);
  const live = useJobs(({ jobs }) => jobs?.filter(isLive).length ?? 0);
  const databases = useProtection();
  const bytes = backups?.reduce((sum, backup) => sum + backup.sizeBytes, 0) ?? null;

  return (
    <nav className={styles.rail} aria-label={texts.navigation}>
      <div className={styles.brand}>
        <Mark />
        <span className={styles.brandName}>Lifeboat</span>
      </div>
      <Place to={{ screen: "home" }} isHere={route.screen === "home"} icon={<House aria-hidden />}>
        {texts.home}
      </Place>
      <Place
        to={{ screen: "backups" }}
        isHere={["backups", "archive", "restore", "compare", "diff"].includes(route.screen)}
        icon={<Archive aria-hidden />}
        note={backups === null || backups.length === 0 ? null : formatCount(backups.length)}
      >
        {texts.backups}
      </Place>
      <Place
        to={{ screen: "activity" }}
        isHere={route.screen === "activity"}
        icon={<Activity aria-hidden />}
        note={live === 0 ? null : texts.running(live)}
      >
        {texts.activity}
      </Place>

      <h2 className={styles.caption}>{texts.databases}</h2>
      <ul className={styles.databases}>
        {databases?.map((database) => (
          <li key={database.key}>
            <Place
              to={
                database.profile === null ? { screen: "backups" } : { screen: "database", name: database.profile.name }
              }
              isHere={route.screen === "database" && route.name !== null && route.name === database.profile?.name}
              icon={<span aria-hidden className={classNames(styles.dot, styles[database.state])} />}
              note={
                database.profile === null || database.profile.environment === "development"
                  ? null
                  : texts.environments[database.profile.environment]
              }
            >
              <Visible text={database.name} limit={20} />
              <VisuallyHidden>, {stateWords[database.state]}</VisuallyHidden>
            </Place>
          </li>
        ))}
        <li>
          <Place
            to={{ screen: "database", name: null }}
            isHere={route.screen === "database" && route.name === null}
            icon={<Plus aria-hidden />}
          >
            {texts.addDatabase}
          </Place>
        </li>
      </ul>

      <h2 className={styles.caption}>{texts.storage}</h2>
      <Place
        to={{ screen: "backups" }}
        isHere={false}
        icon={<HardDrive aria-hidden />}
        note={bytes === null || bytes === 0 ? null : formatBytes(bytes)}
      >
        {texts.thisComputer}
      </Place>
      {storages?.map(({ name, settings }) => (
        <Place
          key={name}
          to={{ screen: "storage", name }}
          isHere={route.screen === "storage" && route.name === name}
          icon={settings.kind === "s3" ? <Cloud aria-hidden /> : <Server aria-hidden />}
        >
          <Visible text={name} limit={22} />
        </Place>
      ))}
      <Place
        to={{ screen: "storage", name: null }}
        isHere={route.screen === "storage" && route.name === null}
        icon={<Plus aria-hidden />}
      >
        {texts.addStorage}
      </Place>
      <Place to={{ screen: "keys" }} isHere={route.screen === "keys"} icon={<KeyRound aria-hidden />}>
        {texts.keys}
      </Place>

      <div className={styles.grow} />
      <Place to={{ screen: "settings" }} isHere={route.screen === "settings"} icon={<Settings aria-hidden />}>
        {texts.settings}
      </Place>
    </nav>
  );
}

interface PlaceProps {
  readonly to: Route;
  readonly isHere: boolean;
  readonly icon: ReactNode;
  /** A count or word at the right. */
  readonly note?: string | null;
  readonly children: ReactNode;
}

function Place({ to, isHere, icon, note = null, children }: PlaceProps) {
  return (
    <a
      href={formatRoute(to)}
      className={classNames(styles.place, isHere && styles.here)}
      aria-current={isHere ? "page" : undefined}
    >
      {icon}
      <span className={styles.name}>{children}</span>
      {note === null ? null : <span className={styles.note}>{note}</span>}
    </a>
  );
}
