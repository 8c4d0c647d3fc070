import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { visibleLines, visibleText } from "../../../shared/text/visible-text.ts";

describe("visibleText", () => {
  it.each([
    ["plain_name", "plain_name"],
    ["Größe 表 😀 می‌خواهم 👨‍👩‍👧", "Größe 表 😀 می‌خواهم 👨‍👩‍👧"],
    ["\u001b[2J", "␛[2J"],
    ["a\nb\r\tc\u0000", "a␊b␍␉c␀"],
    ["\u007f\u009b31m", "␡<U+009B>31m"],
    ["safe\u202egnp.exe", "safe<U+202E>gnp.exe"],
    ["\u2066x\u2069\u200f", "<U+2066>x<U+2069><U+200F>"],
    ["zero\u200bwidth\ufeff", "zero<U+200B>width<U+FEFF>"],
    ["half \ud800 pair", "half <U+D800> pair"],
    ["tag\u{e0041}", "tag<U+E0041>"],
  ])("%j", (text, shown) => {
    expect(visibleText(text)).toBe(shown);
  });

  it("leaves nothing a terminal would obey, and changes nothing the second time", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const shown = visibleText(text);
        expect(shown).not.toMatch(/[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]/u);
        expect(visibleText(shown)).toBe(shown);
      }),
    );
  });

  it("keeps lines and tabs where lines are wanted", () => {
    expect(visibleLines("one\r\ntwo\tx\u001b\n")).toBe("one\ntwo\tx␛\n");
  });
});
