import { Search, X } from "lucide-react";
import { type ComponentPropsWithRef, useEffect, useImperativeHandle, useRef } from "react";
import { classNames } from "./class-names.ts";
import { Kbd } from "./kbd.tsx";
import styles from "./search-field.module.css";

export interface SearchFieldProps extends Omit<ComponentPropsWithRef<"input">, "value" | "onChange" | "type"> {
  /** What is searched; its name and, without a placeholder, what stands in it. */
  readonly label: string;
  readonly value: string;
  onChange(value: string): void;
  /** `/` anywhere on the screen leads here. One field of a screen may have it. */
  readonly slash?: boolean;
}

/** Narrows what is below or beside it. Esc empties it. */
export function SearchField(props: SearchFieldProps) {
  const { label, value, onChange, slash = false, placeholder = label, className, onKeyDown, ref, ...rest } = props;
  const input = useRef<HTMLInputElement>(null);
  useImperativeHandle<HTMLInputElement | null, HTMLInputElement | null>(ref, () => input.current);

  useEffect(() => {
    if (!slash) return undefined;
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      event.preventDefault();
      input.current?.focus();
      input.current?.select();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, [slash]);

  return (
    <div className={classNames(styles.search, className)}>
      <Search aria-hidden />
      <input
        autoComplete="off"
        spellCheck={false}
        {...rest}
        ref={input}
        type="text"
        role="searchbox"
        aria-label={label}
        aria-keyshortcuts={slash ? "/" : undefined}
        placeholder={placeholder}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape" && value !== "") {
            event.stopPropagation();
            onChange("");
          }
          onKeyDown?.(event);
        }}
      />
      {value !== "" ? (
        <button type="button" aria-label="Empty the search" className={styles.clear} onClick={() => onChange("")}>
          <X aria-hidden />
        </button>
      ) : slash ? (
        <Kbd keys="/" />
      ) : null}
    </div>
  );
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName);
}
