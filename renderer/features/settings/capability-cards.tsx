import type { Capabilities } from "../../../shared/contract/views.ts";
import { toErrorValue } from "../../../shared/error/app-error.ts";
import { visibleText } from "../../../shared/text/visible-text.ts";
import { Badge } from "../../components/badge.tsx";
import { Card } from "../../components/card.tsx";
import { Checkbox } from "../../components/checkbox.tsx";
import { notifyError } from "../../components/toasts.tsx";
import { useSettings } from "../../stores/settings.ts";
import styles from "./settings-screen.module.css";
import { checkStates, texts } from "./texts.ts";

/** Whether passwords can be kept, and what there is instead. */
export function KeychainCard({ capabilities }: { readonly capabilities: Capabilities }) {
  const { word, tone } = checkStates[capabilities.keychain ? "works" : "attention"];
  return (
    <Card title={texts.keychain} actions={<Badge tone={tone}>{word}</Badge>}>
      {capabilities.keychain ? (
        <p className={styles.note}>{texts.keychainWorks}</p>
      ) : (
        <>
          <p className={styles.note}>{visibleText(capabilities.keychainReason ?? "")}</p>
          <p className={styles.note}>{texts.keychainInstead}</p>
        </>
      )}
    </Card>
  );
}

export interface NotificationsCardProps {
  readonly isOn: boolean;
  readonly isPossible: boolean;
}

/** Notices of the system when a job ends, where the host can show them. */
export function NotificationsCard({ isOn, isPossible }: NotificationsCardProps) {
  const change = useSettings((state) => state.change);
  return (
    <Card title={texts.notifications}>
      {isPossible ? (
        <Checkbox
          label={texts.notificationsLabel}
          checked={isOn}
          onChange={(notifications) => {
            change({ notifications }).catch((thrown: unknown) => notifyError(toErrorValue(thrown)));
          }}
        />
      ) : (
        <p className={styles.note}>{texts.notificationsMissing}</p>
      )}
    </Card>
  );
}
