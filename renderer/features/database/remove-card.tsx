import { useState } from "react";
import { visibleText } from "../../../shared/text/visible-text.ts";
import { useClient } from "../../client/client-context.ts";
import { Button } from "../../components/button.tsx";
import { Card } from "../../components/card.tsx";
import { ConfirmDialog } from "../../components/confirm-dialog.tsx";
import { navigate } from "../shell/router.ts";
import { useDrafts } from "./drafts.ts";
import styles from "./saved-database.module.css";
import { texts } from "./texts.ts";

/** Forgets a connection, after its name was typed. */
export function RemoveCard({ name }: { readonly name: string }) {
  const client = useClient();
  const drop = useDrafts((state) => state.drop);
  const [isAsking, setIsAsking] = useState(false);

  async function remove(): Promise<void> {
    await client.invoke("profiles.remove", { name });
    drop(name);
    navigate({ screen: "home" }, { replace: true });
  }

  return (
    <Card title={texts.removeTitle}>
      <div className={styles.fields}>
        <p className={styles.note}>{texts.removeNote}</p>
        <div>
          <Button onClick={() => setIsAsking(true)}>{texts.remove}</Button>
        </div>
      </div>
      <ConfirmDialog
        open={isAsking}
        onOpenChange={setIsAsking}
        title={texts.removeQuestion(visibleText(name))}
        confirmLabel={texts.removeConfirm}
        typeToConfirm={name}
        onConfirm={remove}
      >
        {texts.removeWhat}
      </ConfirmDialog>
    </Card>
  );
}
