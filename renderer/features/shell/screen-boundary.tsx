import { Component, type ReactNode } from "react";
import { toErrorValue } from "../../../shared/error/app-error.ts";
import { Button } from "../../components/button.tsx";
import { ErrorPanel } from "../../components/error-panel.tsx";
import styles from "./screen-boundary.module.css";
import { texts } from "./texts.ts";

interface State {
  readonly thrown: { readonly value: unknown } | null;
}

/** Keeps the rail when a screen falls: its error is shown in its place. */
export class ScreenBoundary extends Component<{ readonly children: ReactNode }, State> {
  override state: State = { thrown: null };

  static getDerivedStateFromError(value: unknown): State {
    return { thrown: { value } };
  }

  override render(): ReactNode {
    const { thrown } = this.state;
    if (thrown === null) return this.props.children;
    return (
      <div className={styles.fallen}>
        <ErrorPanel
          error={{ ...toErrorValue(thrown.value), message: texts.notHere }}
          actions={<Button onClick={() => location.reload()}>{texts.reload}</Button>}
        />
      </div>
    );
  }
}
