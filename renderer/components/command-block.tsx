import { visibleLines } from "../../shared/text/visible-text.ts";
import styles from "./command-block.module.css";
import { CopyButton } from "./copy-button.tsx";

export interface CommandBlockProps {
  /** Commands ready to copy, without secrets; one block, a line each. */
  readonly commands: readonly string[];
  readonly label?: string;
}

/** The very commands that run, ready to copy. */
export function CommandBlock({ commands, label = "Commands" }: CommandBlockProps) {
  const text = commands.join("\n");
  return (
    <div className={styles.block}>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls has to be reached by keyboard */}
      <pre className={styles.pre} tabIndex={0} role="region" aria-label={label}>
        {visibleLines(text)}
      </pre>
      <CopyButton text={text} label={commands.length === 1 ? "Copy the command" : "Copy the commands"} />
    </div>
  );
}
