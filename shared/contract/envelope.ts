import { z } from "zod";
import type { ErrorValue } from "../error/app-error.ts";

/**
 * What goes over the wire between a window and the services, the same over Electron's IPC and the browser host's
 * WebSocket: two verbs, invoke and subscribe. Errors are values; no exception crosses.
 */

export const clientMessageSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("invoke"), id: z.number().int(), method: z.string(), args: z.unknown() }),
  z.object({ kind: z.literal("subscribe"), id: z.number().int(), topic: z.string() }),
  z.object({ kind: z.literal("unsubscribe"), id: z.number().int() }),
]);

/** From the window. `id` is the window's own, unique while the connection lasts. */
export type ClientMessage = z.infer<typeof clientMessageSchema>;

/** The outcome of an invoke or subscribe. */
export type Reply =
  | { readonly kind: "reply"; readonly id: number; readonly ok: true; readonly value: unknown }
  | { readonly kind: "reply"; readonly id: number; readonly ok: false; readonly error: ErrorValue };

/**
 * A topic's stream: a snapshot, then deltas whose `seq` counts up by one from the snapshot's. A window that sees a gap
 * subscribes anew.
 */
export type StreamMessage =
  | { readonly kind: "snapshot"; readonly id: number; readonly seq: number; readonly value: unknown }
  | { readonly kind: "delta"; readonly id: number; readonly seq: number; readonly value: unknown };

export type ServerMessage = Reply | StreamMessage;

/**
 * The browser host's door. The page's address ends in `#code=…` (once, 60 s). The window takes the code out of the address,
 * exchanges it: `POST sessionPath` with JSON `{code}` gives JSON `{token}` (a refusal: 401 and `{error: ErrorValue}`), keeps
 * the token in sessionStorage so that a reload goes on, opens a WebSocket at `socketPath` and sends a DoorMessage first. The
 * host answers `{kind: "ready"}`, or closes with `socketRefused`: the token is not (or no longer) good, so it is to be forgotten
 * and the person told to open a fresh address. Every other close is a lost connection: connect again with the same token.
 */
export const sessionPath = "/session";
export const socketPath = "/socket";
export const socketRefused = 4401;

export const doorMessageSchema = z.strictObject({ kind: z.literal("token"), token: z.string().max(200) });
export type DoorMessage = z.infer<typeof doorMessageSchema>;
export interface ReadyMessage {
  readonly kind: "ready";
}
