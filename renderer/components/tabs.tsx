import { Tabs as Base } from "@base-ui/react/tabs";
import type { ReactNode } from "react";
import { classNames } from "./class-names.ts";
import styles from "./tabs.module.css";

export interface TabsProps<Value extends string> {
  /** What is looked at in several ways. */
  readonly label: string;
  readonly value: Value;
  onChange(value: Value): void;
  readonly tabs: readonly {
    readonly value: Value;
    readonly label: ReactNode;
    readonly panel: ReactNode;
    readonly disabled?: boolean | undefined;
  }[];
  readonly className?: string | undefined;
}

/** Several views of one thing. Arrows move, Enter and Space choose; only the chosen panel is there. */
export function Tabs<Value extends string>({ label, value, onChange, tabs, className }: TabsProps<Value>) {
  return (
    <Base.Root
      value={value}
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only the values of `tabs` come back
      onValueChange={(next) => onChange(next as Value)}
      className={classNames(styles.root, className)}
    >
      <Base.List aria-label={label} className={styles.list}>
        {tabs.map((tab) => (
          <Base.Tab key={tab.value} value={tab.value} disabled={tab.disabled ?? false} className={styles.tab}>
            {tab.label}
          </Base.Tab>
        ))}
      </Base.List>
      {tabs.map((tab) => (
        <Base.Panel key={tab.value} value={tab.value} className={styles.panel}>
          {tab.panel}
        </Base.Panel>
      ))}
    </Base.Root>
  );
}
