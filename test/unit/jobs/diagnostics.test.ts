import { homedir } from "node:os";
import { describe, expect, it } from "vitest";
import { writeDiagnostics } from "../../../electron/jobs/diagnostics.ts";
import { AppError } from "../../../shared/error/app-error.ts";
import { openManager, temporaryHome } from "../../helpers/job-home.ts";

describe("what may be sent to somebody who helps", () => {
  it("says what was done and how it went wrong, without rows, keys and the user's folder", async () => {
    const home = temporaryHome();
    const jobs = await openManager(home);
    const request = { archive: `${homedir()}/dumps/shop.dump` };
    const job = await jobs.run({ kind: "restore", title: "Restore into shop", request, locks: [] }, (context) => {
      context.step("Restoring");
      context.log('pg_restore: creating TABLE "public.people"');
      // Real words of PostgreSQL 15.18, the values made up.
      context.log(
        'pg_restore: error: COPY failed for table "people": ERROR:  duplicate key value violates unique constraint\nDETAIL:  Key (email)=(ada@example.org) already exists.\nCONTEXT:  COPY people, line 3\n    "Ada, in a value of two lines"',
      );
      context.log("pg_restore: finished");
      throw new AppError("restore.dataRejected", "Rows were refused.", {
        detail: "ERROR: duplicate key\nDETAIL: Key (email)=(ada@example.org) already exists.",
      });
    });
    const text = await writeDiagnostics(jobs, job.id, home);
    expect(text).toContain("Restore into shop (restore), failed");
    expect(text).toContain("restore.dataRejected");
    expect(text).toContain("duplicate key value violates unique constraint");
    expect(text).toContain("pg_restore: finished");
    expect(text).toContain("~/dumps/shop.dump");
    expect(text).not.toMatch(/ada@example|Ada, in/);
    expect(text).not.toContain(homedir());
  });
});
