import { setFlagsFromString } from "node:v8";

/** Node 24's, where this was measured. Another one may not know the flags, and would say so on stderr. */
const KNOWN_V8 = "13.";

/**
 * Lets buffers count for the garbage collector as what is in its heap does, and both double before it marks all of it.
 * Of itself this V8 marks its whole heap for every 15 MB or so of buffers that come and go, however much memory is free; a
 * dump that passes through in pieces is nothing but buffers, and a sixth of the processor time of a backup went there
 * (`node test/bench/backup.ts` and `test/bench/upload.ts`, with and without this; `node --trace-gc`). For a process that
 * does nothing else.
 */
export function collectRarely(): void {
  if (!process.versions.v8.startsWith(KNOWN_V8)) return;
  setFlagsFromString("--external-memory-accounted-in-global-limit");
  setFlagsFromString("--heap-growing-percent=100");
}
