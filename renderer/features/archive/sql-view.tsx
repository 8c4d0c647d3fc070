import { PostgreSQL, sql } from "@codemirror/lang-sql";
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { EditorState } from "@codemirror/state";
import { drawSelection, EditorView, highlightSpecialChars, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { useEffect, useRef } from "react";

/** Colours stand beside shapes: key words are heavier, comments slanted. */
const colours = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword], color: "var(--accent)", fontWeight: "600" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--good)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--warn)" },
  { tag: [tags.lineComment, tags.blockComment], color: "var(--ink-3)", fontStyle: "italic" },
  { tag: tags.typeName, color: "light-dark(#6b3fa0, #b99bf0)" },
]);

const look = EditorView.theme({
  "&": { height: "100%", color: "var(--ink)", backgroundColor: "transparent", fontSize: "12px" },
  "&.cm-focused": { outline: "2px solid var(--accent)", outlineOffset: "-2px" },
  ".cm-scroller": { fontFamily: "var(--font-mono)", lineHeight: "1.6", overflow: "auto" },
  ".cm-content": { padding: "10px 0 24px" },
  ".cm-line": { padding: "0 16px 0 6px" },
  ".cm-gutters": { backgroundColor: "transparent", color: "var(--ink-3)", border: "none", paddingLeft: "8px" },
  ".cm-lineNumbers .cm-gutterElement": { padding: "0 10px 0 6px", minWidth: "28px" },
  ".cm-selectionBackground, &.cm-focused .cm-selectionBackground": {
    backgroundColor: "color-mix(in srgb, var(--accent) 24%, transparent)",
  },
  ".cm-specialChar": { color: "var(--bad)" },
});

/** Characters of no width and those that turn text around, as red dots with their names. */
const obeyed = /[\u061c\u180e\u2028-\u202e\u2066-\u2069\u{e0000}-\u{e007f}]/gu;

/** SQL to be read and copied from. Lives in a shadow root, where CodeMirror needs no <style> element, which the CSP refuses. */
export function SqlView({ sql: text, label }: { readonly sql: string; readonly label: string }) {
  const host = useRef<HTMLDivElement>(null);

  useEffect(() => {
    if (host.current === null) return undefined;
    const root = host.current.shadowRoot ?? host.current.attachShadow({ mode: "open" });
    const view = new EditorView({
      root,
      parent: root,
      state: EditorState.create({
        doc: text,
        extensions: [
          lineNumbers(),
          highlightSpecialChars({ addSpecialChars: obeyed }),
          drawSelection(),
          EditorState.readOnly.of(true),
          // Focus and selection stay, so that it is read and copied by keyboard.
          EditorView.contentAttributes.of({ "aria-label": label, "aria-readonly": "true", tabindex: "0" }),
          EditorView.lineWrapping,
          keymap.of([]),
          sql({ dialect: PostgreSQL }),
          syntaxHighlighting(colours),
          look,
        ],
      }),
    });
    view.dom.style.height = "100%";
    return () => view.destroy();
  }, [text, label]);

  return <div ref={host} style={{ flex: 1, minHeight: 0, overflow: "hidden" }} />;
}
