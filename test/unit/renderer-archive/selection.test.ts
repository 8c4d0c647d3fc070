import { array, assert, nat, property } from "fast-check";
import { describe, expect, it } from "vitest";
import {
  chosenEntries,
  everythingSelected,
  isEverything,
  noSelection,
  setTicks,
  summarize,
  tickStateOf,
  toggleTick,
} from "../../../renderer/features/archive/model/selection.ts";
import { buildTree } from "../../../renderer/features/archive/model/tree-model.ts";
import { createTreeSearch, matchesItself } from "../../../renderer/features/archive/model/tree-search.ts";
import { columnsOf, shop } from "./entry-columns.ts";

const tree = buildTree(columnsOf(shop));
const at = (label: string) => tree.label.indexOf(label);

describe("ticks", () => {
  it("are on, off or in between, up to the schema", () => {
    const one = toggleTick(tree, noSelection(tree), at("table_2"));
    expect(tickStateOf(tree, one, at("table_2"))).toBe("on");
    expect(tickStateOf(tree, one, at("public"))).toBe("mixed");
    expect(tickStateOf(tree, one, at("audit"))).toBe("off");
    expect(chosenEntries(tree, one)).toEqual({ kind: "objects", dumpIds: [14] });
    expect(chosenEntries(tree, toggleTick(tree, one, at("table_2")))).toBeNull();
  });

  it("take a partitioned table itself only with all its partitions", () => {
    const whole = toggleTick(tree, noSelection(tree), at("Shipments"));
    expect(chosenEntries(tree, whole)).toEqual({ kind: "objects", dumpIds: [20, 22, 21] });
    const part = toggleTick(tree, whole, at("shipments_1"));
    expect(tickStateOf(tree, part, at("Shipments"))).toBe("mixed");
    expect(chosenEntries(tree, part)).toEqual({ kind: "objects", dumpIds: [21] });
    expect(summarize(tree, part).tables).toEqual([{ node: at("Shipments"), rows: 5, isWhole: false }]);
  });

  it("take a schema with its own entries, and everything as everything", () => {
    const audit = toggleTick(tree, noSelection(tree), at("audit"));
    expect(chosenEntries(tree, audit)).toEqual({ kind: "objects", dumpIds: [3, 31] });
    const empty = toggleTick(tree, noSelection(tree), at("empty"));
    expect(chosenEntries(tree, empty)).toEqual({ kind: "objects", dumpIds: [4] });
    expect(chosenEntries(tree, everythingSelected(tree))).toEqual({ kind: "everything" });
    const almost = toggleTick(tree, everythingSelected(tree), at("log"));
    expect(isEverything(tree, almost)).toBe(false);
  });

  it("name large objects by what brings them all", () => {
    const large = toggleTick(tree, noSelection(tree), tree.kind.indexOf("largeObjects"));
    expect(chosenEntries(tree, large)).toEqual({ kind: "objects", dumpIds: [42] });
    expect(summarize(tree, large).others).toEqual([tree.kind.indexOf("largeObjects")]);
  });

  it("leave alone what a search hides", () => {
    const matches = createTreeSearch(tree).find("table_");
    const isMeant = (node: number) => matches !== null && matchesItself(matches, node);
    const found = toggleTick(tree, noSelection(tree), at("public"), isMeant);
    expect(chosenEntries(tree, found)).toEqual({ kind: "objects", dumpIds: [14, 10] });
    expect(chosenEntries(tree, toggleTick(tree, found, at("public"), isMeant))).toBeNull();
  });

  it("are counted rightly after any series of clicks", () => {
    assert(
      property(array(nat(tree.length - 1), { maxLength: 40 }), (clicks) => {
        const selection = clicks.reduce((before, node) => toggleTick(tree, before, node), noSelection(tree));
        for (let node = 0; node < tree.length; node += 1) {
          let sum = 0;
          for (let leaf = node; leaf < (tree.end[node] ?? 0); leaf += 1)
            if (tree.end[leaf] === leaf + 1) sum += selection.ticked[leaf] ?? 0;
          expect(selection.ticked[node]).toBe(sum);
        }
        const again = clicks.reduce((before, node) => setTicks(tree, before, [node], false), selection);
        expect(chosenEntries(tree, again)).toBeNull();
      }),
    );
  });
});
