import { visibleText } from "../../shared/text/visible-text.ts";
import { paint, type Style } from "./style.ts";
import { isMeasurable, widthOf } from "./text-width.ts";

export interface Column {
  readonly title: string;
  readonly align?: "left" | "right";
}

/** A cell's text, or text with a style. Escape sequences inside the text are shown, not obeyed. */
export type Cell = string | { readonly text: string; readonly style: Style };

const gap = "  ";
const narrowest = 8;

/**
 * Rows under their titles, columns aligned by what a terminal shows. Where `width` is known and the lines would be longer,
 * the widest columns give way first and their cells are cut in the middle. Ends with a line end.
 */
export function layOutTable(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  screen: { readonly width: number | null; readonly colour: boolean },
): string {
  const texts = rows.map((row) => columns.map((_, at) => textOf(row[at])));
  const natural = columns.map((column, at) =>
    texts.reduce((most, row) => Math.max(most, widthOf(row[at] ?? "")), widthOf(column.title)),
  );
  const widths = screen.width === null ? natural : shrink(natural, screen.width - gap.length * (columns.length - 1));
  const title = columns.map((column) => column.title);
  const lines = [layOutRow(title, columns, widths, (text) => (screen.colour ? paint("dim", text) : text))];
  texts.forEach((row, index) => {
    const styled = (text: string, at: number) => {
      const cell = rows[index]?.[at];
      return screen.colour && typeof cell === "object" ? paint(cell.style, text) : text;
    };
    lines.push(layOutRow(row, columns, widths, styled));
  });
  return `${lines.join("\n")}\n`;
}

function layOutRow(
  texts: readonly string[],
  columns: readonly Column[],
  widths: readonly number[],
  styled: (text: string, at: number) => string,
): string {
  const cells = columns.map((column, at) => {
    const width = widths[at] ?? 0;
    const text = cutMiddle(texts[at] ?? "", width);
    const space = " ".repeat(Math.max(0, width - widthOf(text)));
    return column.align === "right" ? space + styled(text, at) : styled(text, at) + space;
  });
  return cells.join(gap).trimEnd();
}

function textOf(cell: Cell | undefined): string {
  return visibleText(typeof cell === "object" ? cell.text : (cell ?? ""));
}

/** True where the table can be aligned without loading the exact measure of text (text-width.ts). */
export function isTableMeasurable(rows: readonly (readonly Cell[])[]): boolean {
  return rows.every((row) => row.every((cell) => isMeasurable(textOf(cell))));
}

/** Text of at most `width` columns, the middle replaced by `…`: the ends of a path or a name tell most. */
export function cutMiddle(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  if (width <= 1) return "…".slice(0, width);
  const characters = Array.from(text);
  const head = takeWidth(characters, Math.ceil((width - 1) / 2));
  const tail = takeWidth(characters.toReversed(), width - 1 - widthOf(head));
  return `${head}…${Array.from(tail).toReversed().join("")}`;
}

function takeWidth(characters: readonly string[], width: number): string {
  let taken = "";
  let used = 0;
  for (const character of characters) {
    used += widthOf(character);
    if (used > width) break;
    taken += character;
  }
  return taken;
}

function shrink(natural: readonly number[], available: number): number[] {
  const widths = [...natural];
  let excess = widths.reduce((sum, width) => sum + width, 0) - available;
  while (excess > 0) {
    const widest = Math.max(...widths);
    if (widest <= narrowest) break;
    widths[widths.indexOf(widest)] = widest - 1;
    excess -= 1;
  }
  return widths;
}
