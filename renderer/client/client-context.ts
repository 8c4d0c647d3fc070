import { createContext, useContext, useSyncExternalStore } from "react";
import type { Client } from "./client.ts";
import type { ConnectionState } from "./transport.ts";

/** Holds the window's client; app.tsx provides it. */
export const ClientContext = createContext<Client | null>(null);

/** The services. */
export function useClient(): Client {
  const client = useContext(ClientContext);
  if (client === null) throw new Error("useClient outside of ClientContext");
  return client;
}

/** Where the way to the services stands, followed. */
export function useConnection(): ConnectionState {
  const { connection } = useClient();
  return useSyncExternalStore(connection.subscribe, connection.state);
}
