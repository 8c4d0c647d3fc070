import { visibleText } from "../../shared/text/visible-text.ts";
import { classNames } from "./class-names.ts";
import { Tooltip } from "./tooltip.tsx";
import styles from "./visible.module.css";

export interface VisibleProps {
  /** Anything from outside: a name, a path, a value. */
  readonly text: string;
  /** Characters to show; what is longer is cut in the middle, with the whole in a tooltip. */
  readonly limit?: number;
  readonly className?: string | undefined;
}

/**
 * Text from outside, so that every character is seen and none is obeyed. It stands apart from the text around it: names
 * that are written from right to left do not turn their neighbours around.
 */
export function Visible({ text, limit = 64, className }: VisibleProps) {
  const whole = visibleText(text);
  const short = cutMiddle(whole, limit);
  if (short === whole) return <bdi className={className}>{whole}</bdi>;
  return (
    <Tooltip text={cutMiddle(whole, 1000)}>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- the whole name has to be reached by keyboard */}
      <bdi className={classNames(styles.cut, className)} tabIndex={0}>
        {short}
      </bdi>
    </Tooltip>
  );
}

/** `a_very_long…of_a_table`: at most `limit` characters, both ends kept because names differ at either. */
export function cutMiddle(text: string, limit: number): string {
  const characters = Array.from(text);
  if (characters.length <= limit) return text;
  const head = Math.ceil((limit - 1) / 2);
  const tail = limit - 1 - head;
  return `${characters.slice(0, head).join("")}…${characters.slice(characters.length - tail).join("")}`;
}
