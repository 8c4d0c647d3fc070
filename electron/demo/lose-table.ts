import { formatName } from "../../shared/command/names.ts";
import { withSession } from "../postgres/connect.ts";
import { type Difference, findDifferences } from "./compare-pictures.ts";
import type { DemoSample } from "./prepare-sample.ts";
import { storyTable } from "./story.ts";
import { type Picture, takePicture } from "./take-picture.ts";

/** What the drop took. */
export interface Loss {
  readonly sql: string;
  /** Each has a `before` and no `after`. */
  readonly gone: readonly Difference[];
  /** Rows of the table itself. */
  readonly rows: number;
}

export const dropStatement = `drop table ${formatName(storyTable.schema, storyTable.name)} cascade`;

/** The drop itself is not cut short, so that it is never in doubt whether it happened. */
export async function dropTable({ connection }: DemoSample): Promise<void> {
  await withSession(connection.target, connection.password, {}, (session) => session.query(dropStatement));
}

/** Asks the database what is no more, instead of believing what was said. */
export async function nameLoss(sample: DemoSample, before: Picture, signal: AbortSignal): Promise<Loss> {
  const table = formatName(storyTable.schema, storyTable.name);
  return {
    sql: dropStatement,
    gone: findDifferences(before, await takePicture(sample, signal)),
    rows: before.rows.get(table)?.count ?? 0,
  };
}
