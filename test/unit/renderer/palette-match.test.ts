import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { matchText } from "../../../renderer/features/palette/match.ts";

const score = (query: string, text: string): number => matchText(query, text)?.score ?? -1;

describe("matchText", () => {
  it.each([
    ["bus", "Back up shop"],
    ["home", "Home"],
    ["shop back", "Back up shop"],
    ["dark", "Theme: dark"],
    ["ord", "public.order_items"],
    ["oi", "public.order_items"],
    ["", "anything"],
  ])("finds %j in %j", (query, text) => {
    expect(matchText(query, text)).not.toBeNull();
  });

  it.each([
    ["xyz", "Back up shop"],
    ["pohs", "Back up shop"],
    ["theme", "Back up the sample database"],
    ["kuhe", "Back up shop and another place"],
  ])("does not find %j in %j", (query, text) => {
    expect(matchText(query, text)).toBeNull();
  });

  it("puts the beginning of a word before its middle, and the whole before letters that lie apart", () => {
    expect(score("shop", "Back up shop")).toBeGreaterThan(score("shop", "Back up workshop"));
    expect(score("back", "Back up shop")).toBeGreaterThan(score("back", "Go back"));
    expect(score("act", "Activity")).toBeGreaterThan(score("act", "Back up customer tables"));
  });

  it("names the letters that answered", () => {
    expect(matchText("up", "Back up shop")?.positions).toEqual([5, 6]);
  });

  it("names only letters of the text, rising, whatever is typed", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (query, text) => {
        const match = matchText(query, text);
        if (match === null) return;
        expect(match.positions).toEqual([...new Set(match.positions)].toSorted((a, b) => a - b));
        for (const position of match.positions) expect(text[position]).toBeDefined();
      }),
    );
  });

  it("finds every text in itself", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(matchText(text, text)).not.toBeNull();
      }),
    );
  });
});
