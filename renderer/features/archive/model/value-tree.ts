/** A part of a value by its place: parents before children, so a subtree is the range from a part to its `end`. */
export type PartIndex = number;

/** `word` is what stands without quotes: true, false, null, an element of an array. */
type PartKind = "object" | "array" | "text" | "number" | "word";

/** JSON or an array of PostgreSQL as a tree, column by column over numbered parts: a document may have a million. */
export interface ValueTree {
  readonly length: number;
  readonly kind: readonly PartKind[];
  /** Its name in an object; null for an element of an array and for the whole. */
  readonly name: readonly (string | null)[];
  readonly depth: readonly number[];
  /** -1 for the whole. */
  readonly parent: readonly PartIndex[];
  /** One past the last part of the subtree. */
  readonly end: readonly PartIndex[];
  /** Among its siblings, from 1. */
  readonly position: readonly number[];
  /** Parts right below. */
  readonly count: readonly number[];
  /** What stands for it in the value, with every digit; the first so many characters of it where they are enough. */
  textOf(part: PartIndex, most?: number): string;
}

/** Longer ones would hold the window up; they are shown as text. */
const mostCharacters = 20_000_000;
/** Deeper ones nobody unfolds. */
const mostDepth = 500;

class Builder {
  readonly kind: PartKind[] = [];
  readonly name: (string | null)[] = [];
  readonly depth: number[] = [];
  readonly parent: PartIndex[] = [];
  readonly end: PartIndex[] = [];
  readonly position: number[] = [];
  readonly count: number[] = [];
  readonly #from: number[] = [];
  readonly #to: number[] = [];
  readonly #text: string;
  readonly #open: PartIndex[] = [];

  constructor(text: string) {
    this.#text = text;
  }

  /** The innermost part that is not closed; -1 for none. */
  get inside(): PartIndex {
    return this.#open.at(-1) ?? -1;
  }

  add(kind: PartKind, name: string | null, from: number, to: number): PartIndex {
    const part = this.kind.length;
    const parent = this.inside;
    this.kind.push(kind);
    this.name.push(name);
    this.depth.push(this.#open.length);
    this.parent.push(parent);
    this.end.push(part + 1);
    this.count.push(0);
    const position = parent < 0 ? 1 : (this.count[parent] ?? 0) + 1;
    this.position.push(position);
    if (parent >= 0) this.count[parent] = position;
    this.#from.push(from);
    this.#to.push(to);
    return part;
  }

  open(kind: "object" | "array", name: string | null, from: number): void {
    this.#open.push(this.add(kind, name, from, from));
  }

  close(to: number): void {
    const part = this.#open.pop();
    if (part === undefined) return;
    this.end[part] = this.kind.length;
    this.#to[part] = to;
  }

  /** null where it is not one whole value. */
  build(): ValueTree | null {
    const { kind, name, depth, parent, end, position, count } = this;
    if (this.inside !== -1 || end[0] !== kind.length || kind.length === 0) return null;
    const textOf = (part: PartIndex, most = Infinity) => {
      const from = this.#from[part] ?? 0;
      return this.#text.slice(from, Math.min(this.#to[part] ?? from, from + most));
    };
    return { length: kind.length, kind, name, depth, parent, end, position, count, textOf };
  }
}

/** Reads JSON as PostgreSQL gives it out; null for what is none, is too deep or too long. Numbers keep every digit. */
export function parseJsonTree(text: string): ValueTree | null {
  if (text.length > mostCharacters) return null;
  const builder = new Builder(text);
  let name: string | null = null;
  let isNameNext = false;
  for (let at = 0; at < text.length; ) {
    const sign = text[at] ?? "";
    if (sign === " " || sign === "\n" || sign === "\t" || sign === "\r" || sign === ":") at += 1;
    else if (sign === "{" || sign === "[") {
      if (builder.inside === -1 && builder.kind.length > 0) return null;
      builder.open(sign === "{" ? "object" : "array", name, at);
      if ((builder.depth.at(-1) ?? 0) > mostDepth) return null;
      isNameNext = sign === "{";
      name = null;
      at += 1;
    } else if (sign === "}" || sign === "]") {
      if (builder.kind[builder.inside] !== (sign === "}" ? "object" : "array")) return null;
      at += 1;
      builder.close(at);
    } else if (sign === ",") {
      isNameNext = builder.kind[builder.inside] === "object";
      name = null;
      at += 1;
    } else {
      const end = sign === '"' ? endOfQuoted(text, at) : endOfWord(text, at);
      if (end === -1) return null;
      if (isNameNext) {
        name = unquoteJson(text.slice(at, end));
        isNameNext = false;
      } else {
        if (builder.inside === -1 && builder.kind.length > 0) return null;
        builder.add(sign === '"' ? "text" : /[-\d]/.test(sign) ? "number" : "word", name, at, end);
        name = null;
      }
      at = end;
    }
  }
  return builder.build();
}

/**
 * Reads an array as array_out writes it (src/backend/utils/adt/arrayfuncs.c): `{1,NULL,"a \"b\""}`, `{{1,2},{3,4}}`,
 * `[0:1]={1,2}`; null for what is none.
 */
export function parseArrayTree(text: string): ValueTree | null {
  const start = /^(?:(?:\[-?\d+:-?\d+\])+=)?(?=\{)/.exec(text)?.[0].length;
  if (start === undefined || text.length > mostCharacters) return null;
  const builder = new Builder(text);
  for (let at = start; at < text.length; ) {
    const sign = text[at] ?? "";
    if (builder.inside === -1 && builder.kind.length > 0) return null;
    if (sign === "{") {
      builder.open("array", null, at);
      if ((builder.depth.at(-1) ?? 0) > mostDepth) return null;
      at += 1;
    } else if (sign === "}") {
      at += 1;
      builder.close(at);
    } else if (sign === "," || sign === ";") at += 1;
    else {
      const end = sign === '"' ? endOfQuoted(text, at) : endOfElement(text, at);
      if (end === -1) return null;
      builder.add(sign === '"' ? "text" : "word", null, at, end);
      at = end;
    }
  }
  return builder.build();
}

/** One past the quote that closes what begins at a quote; -1 where there is none. */
function endOfQuoted(text: string, from: number): number {
  for (let at = text.indexOf('"', from + 1); at !== -1; at = text.indexOf('"', at + 1)) {
    let backslashes = 0;
    while (text[at - 1 - backslashes] === "\\") backslashes += 1;
    if (backslashes % 2 === 0) return at + 1;
  }
  return -1;
}

function endOfWord(text: string, from: number): number {
  const word = /[^\s{}[\],:"]+/y;
  word.lastIndex = from;
  return word.test(text) ? word.lastIndex : -1;
}

function endOfElement(text: string, from: number): number {
  const element = /(?:[^\\{},;"]|\\.)+/sy;
  element.lastIndex = from;
  return element.test(text) ? element.lastIndex : -1;
}

function unquoteJson(quoted: string): string {
  try {
    const name: unknown = JSON.parse(quoted);
    return typeof name === "string" ? name : quoted;
  } catch {
    return quoted;
  }
}

/** The parts that are shown, top to bottom. */
export function listParts(tree: ValueTree, unfolded: ReadonlySet<PartIndex>): PartIndex[] {
  const shown: PartIndex[] = [];
  for (let part = 0; part < tree.length; part = unfolded.has(part) ? part + 1 : (tree.end[part] ?? tree.length))
    shown.push(part);
  return shown;
}

/** A small value is unfolded whole, of a large one the first level. */
export function partsUnfoldedAtFirst(tree: ValueTree): Set<PartIndex> {
  const isSmall = tree.length <= 60;
  const unfolded = new Set<PartIndex>([0]);
  if (isSmall) for (let part = 0; part < tree.length; part += 1) if ((tree.count[part] ?? 0) > 0) unfolded.add(part);
  return unfolded;
}

/** Where a part is, as JSON path of PostgreSQL writes it: `$.lines[3]."odd name"`. Elements count from 0. */
export function pathOf(tree: ValueTree, part: PartIndex): string {
  const steps: string[] = [];
  for (let at = part; at > 0; at = tree.parent[at] ?? -1) {
    const name = tree.name[at] ?? null;
    if (tree.kind[tree.parent[at] ?? 0] === "array") steps.push(`[${(tree.position[at] ?? 1) - 1}]`);
    else steps.push(/^[A-Za-z_]\w*$/.test(name ?? "") ? `.${name}` : `.${JSON.stringify(name)}`);
  }
  return `$${steps.toReversed().join("")}`;
}
