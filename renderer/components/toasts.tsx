import { Toast } from "@base-ui/react/toast";
import { X } from "lucide-react";
import type { ErrorValue } from "../../shared/error/app-error.ts";
import { visibleText } from "../../shared/text/visible-text.ts";
import { type Tone, ToneIcon } from "./badge.tsx";
import { IconButton } from "./icon-button.tsx";
import styles from "./toasts.module.css";

export interface Notice {
  readonly tone: Exclude<Tone, "neutral">;
  readonly title: string;
  readonly text?: string | undefined;
  readonly action?: { readonly label: string; run(): void } | undefined;
}

const manager = Toast.createToastManager<Notice>();

/** Says something that needs no answer, for eight seconds; read politely to those who listen. */
export function notify(notice: Notice): void {
  manager.add({ title: notice.title, description: notice.text, data: notice, timeout: 8000, priority: "low" });
}

/** An error without a place of its own on the screen. Stays until it is put away. */
export function notifyError(error: ErrorValue): void {
  const notice: Notice = { tone: "bad", title: error.message, text: error.hint };
  manager.add({ title: notice.title, description: notice.text, data: notice, timeout: 0, priority: "high" });
}

/** Where notices appear; once in the window. */
export function Toasts() {
  return (
    <Toast.Provider toastManager={manager} limit={4}>
      <Toast.Portal>
        <Toast.Viewport className={styles.viewport}>
          <ToastList />
        </Toast.Viewport>
      </Toast.Portal>
    </Toast.Provider>
  );
}

function ToastList() {
  const { toasts } = Toast.useToastManager<Notice>();
  return toasts.map((toast) => {
    const action = toast.data?.action;
    return (
      <Toast.Root key={toast.id} toast={toast} swipeDirection={["right"]} className={styles.toast}>
        <ToneIcon tone={toast.data?.tone ?? "info"} />
        <div className={styles.words}>
          <Toast.Title className={styles.title}>{visibleText(toast.data?.title ?? "")}</Toast.Title>
          {toast.data?.text === undefined ? null : (
            <Toast.Description className={styles.text}>{visibleText(toast.data.text)}</Toast.Description>
          )}
          {action === undefined ? null : (
            <Toast.Action
              className={styles.action}
              onClick={() => {
                manager.close(toast.id);
                action.run();
              }}
            >
              {action.label}
            </Toast.Action>
          )}
        </div>
        <Toast.Close
          render={
            <IconButton label="Put away">
              <X aria-hidden />
            </IconButton>
          }
        />
      </Toast.Root>
    );
  });
}
