/**
 * Decides whether a test that needs `name` can run here. Hand the answer to vitest:
 *
 *     const zstd = requirement("pg_dump 17", clientTool(17, "pg_dump") !== null, clientsRemedy);
 *     it.skipIf(zstd !== "run")(`… ${zstd}`, …)
 *
 * Under LIFEBOAT_REQUIRE_ALL=1 (continuous integration) nothing may be missing: it throws, and the test file fails.
 *
 * @param remedy how to get it, part of the reason
 * @returns `run`, else why not
 */
export function requirement(name: string, present: boolean, remedy = "see test/README.md"): string {
  if (present) return "run";
  const reason = `needs ${name} (${remedy})`;
  if (process.env["LIFEBOAT_REQUIRE_ALL"] === "1") throw new Error(`LIFEBOAT_REQUIRE_ALL=1, but this test ${reason}`);
  return reason;
}
