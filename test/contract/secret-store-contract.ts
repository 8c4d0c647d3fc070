import { Secret } from "../../electron/secrets/secret.ts";
import type { SecretStore } from "../../electron/secrets/secret-store.ts";

/** What every store must do; resolves with a list of what it did wrong. Runs in any process. */
export async function misbehaviour(store: SecretStore): Promise<string[]> {
  const wrong: string[] = [];
  const check = (what: string, holds: boolean) => {
    if (!holds) wrong.push(what);
  };
  const account = `test ${process.pid} “odd; näme”`;
  check("an unknown name gives null", (await store.read(account)) === null);
  for (const text of ["plain", " s p a c e ", "ünïcode 🔑 'quotes' \"\\", "x".repeat(1000)]) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other is what is tested
    await store.write(account, new Secret(text));
    // oxlint-disable-next-line no-await-in-loop
    check(`${text.slice(0, 12)} comes back`, (await store.read(account))?.reveal() === text);
  }
  await store.write(`${account} 2`, new Secret("second"));
  check("names are apart", (await store.read(account))?.reveal() !== "second");
  check("removing tells that it was there", await store.remove(account));
  check("what is removed is gone", (await store.read(account)) === null);
  check("removing nothing tells so", !(await store.remove(account)));
  check("the other stays", (await store.read(`${account} 2`))?.reveal() === "second");
  await store.remove(`${account} 2`);
  return wrong;
}
