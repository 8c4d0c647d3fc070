import { Autocomplete } from "@base-ui/react/autocomplete";
import { Dialog } from "@base-ui/react/dialog";
import { Search } from "lucide-react";
import { useMemo, useState } from "react";
import { visibleText } from "../../../shared/text/visible-text.ts";
import { Kbd } from "../../components/kbd.tsx";
import { useBackups } from "../../stores/backups.ts";
import { useProfiles } from "../../stores/profiles.ts";
import styles from "./palette.module.css";
import { buildItems, findItems, type PaletteGroup, type PaletteItem } from "./palette-items.ts";
import { rememberChoice, useRecent } from "./recent.ts";
import { texts } from "./texts.ts";
import { useRunAction } from "./use-run-action.ts";

export interface PaletteProps {
  readonly open: boolean;
  onOpenChange(open: boolean): void;
}

/** Everything by name: opened by Ctrl K (⌘ K on a Mac) from anywhere, or by the field in the head. */
export function Palette({ open, onOpenChange }: PaletteProps) {
  return (
    <Dialog.Root open={open} onOpenChange={onOpenChange}>
      <Dialog.Portal>
        <Dialog.Backdrop className={styles.backdrop} />
        <Dialog.Viewport className={styles.viewport}>
          <Dialog.Popup className={styles.popup} aria-label={texts.title}>
            <PaletteList close={() => onOpenChange(false)} />
          </Dialog.Popup>
        </Dialog.Viewport>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function PaletteList({ close }: { close(): void }) {
  const [query, setQuery] = useState("");
  const recent = useRecent();
  const profiles = useProfiles(({ value }) => value);
  const backups = useBackups(({ value }) => value?.backups);
  const items = useMemo(() => buildItems({ profiles: profiles ?? [], backups: backups ?? [] }), [profiles, backups]);
  const groups = useMemo(() => findItems(items, query, recent), [items, query, recent]);
  const run = useRunAction();

  function choose(item: PaletteItem): void {
    rememberChoice(item.id);
    close();
    run(item.action);
  }

  return (
    <Autocomplete.Root
      open
      inline
      items={groups}
      filteredItems={groups}
      value={query}
      onValueChange={setQuery}
      itemToStringValue={({ label }: PaletteItem) => label}
      autoHighlight="always"
      keepHighlight
    >
      <Autocomplete.InputGroup className={styles.inputGroup}>
        <Search aria-hidden className={styles.icon} />
        <Autocomplete.Input className={styles.input} aria-label={texts.input} placeholder={texts.placeholder} />
      </Autocomplete.InputGroup>
      <div className={styles.scroll}>
        <Autocomplete.Empty>
          <div className={styles.empty}>{texts.nothing}</div>
        </Autocomplete.Empty>
        <Autocomplete.List className={styles.list} aria-label={texts.title}>
          {(group: PaletteGroup) => (
            <Autocomplete.Group key={group.name} items={group.items} className={styles.group}>
              <Autocomplete.GroupLabel className={styles.groupLabel}>
                {texts.groups[group.name]}
              </Autocomplete.GroupLabel>
              <Autocomplete.Collection>
                {(item: PaletteItem) => (
                  <Autocomplete.Item key={item.id} value={item} className={styles.item} onClick={() => choose(item)}>
                    <span className={styles.label}>
                      <MarkedText text={item.label} positions={item.positions} />
                    </span>
                    <span className={styles.note}>{visibleText(item.note)}</span>
                  </Autocomplete.Item>
                )}
              </Autocomplete.Collection>
            </Autocomplete.Group>
          )}
        </Autocomplete.List>
      </div>
      <footer className={styles.foot} aria-hidden>
        <span>
          <Kbd keys="↑" /> <Kbd keys="↓" /> {texts.move}
        </span>
        <span>
          <Kbd keys="Enter" /> {texts.choose}
        </span>
        <span>
          <Kbd keys="Esc" /> {texts.close}
        </span>
      </footer>
    </Autocomplete.Root>
  );
}

/** The label with the letters that answered the search set off. Names are from outside: every character is made visible. */
function MarkedText({ text, positions }: { readonly text: string; readonly positions: readonly number[] }) {
  const parts: { readonly text: string; readonly isMarked: boolean }[] = [];
  for (let at = 0; at < text.length; ) {
    const isMarked = positions.includes(at);
    let end = at + 1;
    while (end < text.length && positions.includes(end) === isMarked) end += 1;
    parts.push({ text: visibleText(text.slice(at, end)), isMarked });
    at = end;
  }
  return (
    <bdi>
      {parts.map((part, index) =>
        part.isMarked ? (
          // oxlint-disable-next-line react/no-array-index-key -- the pieces of one text have no other name
          <mark key={index} className={styles.mark}>
            {part.text}
          </mark>
        ) : (
          part.text
        ),
      )}
    </bdi>
  );
}
