import { Dialog as Base } from "@base-ui/react/dialog";
import { X } from "lucide-react";
import { type KeyboardEvent, type ReactNode, type RefObject, useRef } from "react";
import { classNames } from "./class-names.ts";
import styles from "./dialog.module.css";
import { IconButton } from "./icon-button.tsx";

export interface DialogProps {
  readonly open: boolean;
  onOpenChange(open: boolean): void;
  readonly title: ReactNode;
  readonly description?: ReactNode;
  /** Buttons, the one that goes on last. */
  readonly footer?: ReactNode;
  readonly size?: "small" | "medium" | "large";
  /** Where the focus goes; else the first control of the content, else the button that goes on where it does no harm. */
  readonly initialFocus?: RefObject<HTMLElement | null>;
  readonly children?: ReactNode;
}

/** Something that has to be done or put away first. Esc closes it; the focus goes back to where it was. */
export function Dialog(props: DialogProps) {
  const { open, onOpenChange, title, description, footer, size = "medium", initialFocus, children } = props;
  const body = useRef<HTMLDivElement>(null);
  const foot = useRef<HTMLElement>(null);

  /** Base UI would spend the first Esc on a tooltip that shows; here it closes both. */
  function closeOnEscape(event: KeyboardEvent<HTMLElement>): void {
    const { target, currentTarget, nativeEvent } = event;
    if (event.key !== "Escape" || nativeEvent.isComposing || !(target instanceof Element)) return;
    // Lists and menus that the dialog's own controls have opened lie elsewhere in the page, and close first.
    if (!currentTarget.contains(target) || target.closest("[aria-expanded='true']") !== null) return;
    event.preventDefault();
    event.stopPropagation();
    onOpenChange(false);
  }
  return (
    <Base.Root open={open} onOpenChange={(next) => onOpenChange(next)}>
      <Base.Portal>
        <Base.Backdrop className={styles.backdrop} />
        <Base.Popup
          className={classNames(styles.popup, styles[size])}
          onKeyDownCapture={closeOnEscape}
          initialFocus={initialFocus ?? (() => firstControl(body.current) ?? harmlessButton(foot.current) ?? true)}
        >
          <header className={styles.head}>
            <Base.Title className={styles.title}>{title}</Base.Title>
            {description === undefined ? null : (
              <Base.Description className={styles.description} render={<div />}>
                {description}
              </Base.Description>
            )}
          </header>
          {children === undefined ? null : (
            <div ref={body} className={styles.body}>
              {children}
            </div>
          )}
          {footer === undefined ? null : (
            <footer ref={foot} className={styles.foot}>
              {footer}
            </footer>
          )}
          {/* Last in the order of the keyboard too: the dialog is for something else. */}
          <Base.Close
            className={styles.close}
            render={
              <IconButton label="Close" shortcut="Esc">
                <X aria-hidden />
              </IconButton>
            }
          />
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}

/** What can be tabbed to and used: a field, a button, something that scrolls. */
const controls = ":is(input, select, textarea, button, a[href], [tabindex='0']):not(:disabled, [aria-disabled='true'])";

function firstControl(part: HTMLElement | null): HTMLElement | null {
  return part?.querySelector<HTMLElement>(controls) ?? null;
}

/** The button that goes on; where that is dangerous, the one before it. */
function harmlessButton(foot: HTMLElement | null): HTMLElement | null {
  const buttons = [...(foot?.querySelectorAll<HTMLElement>(controls) ?? [])];
  return buttons.findLast((button) => button.dataset["variant"] !== "danger") ?? null;
}
