import { firstBytes } from "../../e2e/support/bundle.ts";
import type { BenchLine } from "../measure.ts";
import { within } from "./lines.ts";

/** What the window loads before its lazy parts. */
export async function measureBundle(): Promise<BenchLine[]> {
  return [within("the window's first files, gzipped", firstBytes() / 1000, 350, "kB")];
}
