import type { Hello } from "../../../shared/contract/views.ts";
import { Card } from "../../components/card.tsx";
import { Kbd } from "../../components/kbd.tsx";
import styles from "./settings-screen.module.css";
import { texts } from "./texts.ts";

/** Version, licence, and the keys worth knowing. */
export function AboutCard({ hello }: { readonly hello: Hello }) {
  return (
    <Card title={texts.about}>
      <p className={styles.label}>{texts.version(hello.version)}</p>
      <p className={styles.note}>{texts.licence}</p>
      <p className={styles.note}>{texts.hosts[hello.host]}</p>
      <dl className={styles.keys}>
        {texts.shortcutList.map(({ keys, what }) => (
          <div key={what} className={styles.shortcut}>
            <dt>
              {keys.map((key) => (
                <Kbd key={key} keys={key} />
              ))}
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </Card>
  );
}
