import { homedir } from "node:os";
import { join } from "node:path";

/** Where the PostgreSQL clients for tests are kept, outside the checkout so that a fresh clone finds them again. */
export function clientsFolder() {
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache");
  return process.env.LIFEBOAT_TEST_CLIENTS ?? join(cache, "lifeboat-test-clients");
}
