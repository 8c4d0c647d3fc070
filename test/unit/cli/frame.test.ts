import { describe, expect, it } from "vitest";
import { temporaryHome } from "../../helpers/job-home.ts";
import { runCli, saw, startCli } from "../../helpers/run-cli.ts";

const script = "test/fixtures/cli/fixture-cli.ts";
const fixture = (args: string[], env: Record<string, string> = {}) => runCli(args, { script, env });

describe("exit codes", () => {
  it.each([0, 1, 3, 4])("are the action's: %i", async (code) => {
    expect((await fixture(["end", String(code)])).code).toBe(code);
  });

  it("0 for --version and --help, on stdout", async () => {
    expect(await runCli(["--version"])).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
    const help = await runCli(["jobs", "--help"]);
    expect(help).toMatchObject({ code: 0, stderr: "" });
    expect(help.stdout).toContain("Example");
  });

  it("2 for no command at all, with the help on stderr", async () => {
    const end = await runCli([]);
    expect(end).toMatchObject({ code: 2, stdout: "" });
    expect(end.stderr).toContain("Usage: lifeboat COMMAND");
  });
});

describe("wrong usage", () => {
  it.each([
    [["ende", "1"], "Unknown command 'ende'. Did you mean end?", "Usage: lifeboat COMMAND [options]"],
    [["options", "--job", "3"], "Unknown option '--job'. Did you mean --jobs?", "Usage: lifeboat options [options]"],
    [["options", "--jobs", "99"], "It must be a whole number from 1 to 8.", "Usage: lifeboat options [options]"],
    [["options", "--jobs"], "Option '--jobs <n>' argument missing.", "Usage: lifeboat options [options]"],
    [["options", "--profile", "a", "--url", "b"], "cannot be used with", "Usage: lifeboat options [options]"],
    [["end"], "Missing required argument 'code'.", "Usage: lifeboat end [options] <code>"],
    [["end", "1", "2"], "Too many arguments", "Usage: lifeboat end [options] <code>"],
    [["misuse"], "--this and --that exclude each other.", "Usage: lifeboat misuse [options]"],
  ])("%j is named, with the usage line, and ends with 2", async (args, message, usage) => {
    const end = await fixture(args);
    expect(end).toMatchObject({ code: 2, stdout: "" });
    expect(end.stderr).toContain(message);
    expect(end.stderr).toContain(usage);
  });

  it.each([[["--json", "nope"]], [["nope", "--json"]], [["options", "--json"]]])(
    "%j is JSON on stdout",
    async (args) => {
      const end = await fixture(args);
      expect(end).toMatchObject({ code: 2, stderr: "" });
      expect(JSON.parse(end.stdout)).toMatchObject({ error: { code: "usage.invalid", detail: null } });
    },
  );
});

describe("failures", () => {
  it("are told in words: what, the tool's words, what to do; no stack, nothing a terminal obeys", async () => {
    const end = await fixture(["fail"]);
    expect(end).toMatchObject({ code: 1, stdout: "" });
    expect(end.stderr).toBe(
      "lifeboat: The disk ␛[31mis full.\n  write: ENOSPC\n  at byte 7\n" +
        "Free some space, or choose another place, then run it again.\n",
    );
  });

  it("are one JSON document with --json", async () => {
    const end = await fixture(["fail", "--json"]);
    expect(end).toMatchObject({ code: 1, stderr: "" });
    expect(Object.keys(JSON.parse(end.stdout).error)).toEqual(["code", "message", "detail", "hint"]);
  });

  it("that are defects say so without a stack, which LIFEBOAT_DEBUG=1 shows", async () => {
    const end = await fixture(["crash"]);
    expect(end.code).toBe(1);
    expect(end.stderr).toContain("Something went wrong inside Lifeboat.\n  x is undefined\n");
    expect(end.stderr).not.toContain("    at ");
    expect((await fixture(["crash"], { LIFEBOAT_DEBUG: "1" })).stderr).toContain("    at ");
  });
});

describe("output", () => {
  it("is text or the document, never both", async () => {
    expect(await fixture(["print"])).toMatchObject({ stdout: "for people\n", stderr: "a note\n" });
    expect((await fixture(["print", "--json"])).stdout).toBe('{"for":"programs"}\n');
  });

  it("takes colour where forced, and not where refused", async () => {
    expect((await fixture(["fail"], { FORCE_COLOR: "1" })).stderr).toContain("\u001b[31mlifeboat:\u001b[39m");
    expect((await fixture(["fail"], { FORCE_COLOR: "1", NO_COLOR: "1" })).stderr).not.toContain("\u001b");
  });

  it("ends quietly with 0 when nobody reads it any more", async () => {
    const { child, end } = startCli(["flood"], { script });
    child.stdout?.once("data", () => child.stdout?.destroy());
    expect(await end).toMatchObject({ code: 0, stderr: "" });
  });

  it("does not take a running job with it when nobody reads it any more", async () => {
    const { child, end } = startCli(["job-flood"], { script, env: { LIFEBOAT_HOME: temporaryHome().root } });
    child.stdout?.once("data", () => child.stdout?.destroy());
    expect(await end).toMatchObject({ code: 3, stderr: "" });
  });
});

describe.skipIf(process.platform === "win32")("signals", () => {
  it.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
    "%s stops the job, lets it clean up, ends with 130",
    async (signal) => {
      const { child, end } = startCli(["job"], { script, env: { LIFEBOAT_HOME: temporaryHome().root } });
      await saw(child, "started");
      child.kill(signal);
      const { code, stderr } = await end;
      expect(code).toBe(130);
      expect(stderr).toContain("Stopping.");
      expect(stderr).toContain("cleaned up");
    },
  );

  it("leaves at once at the second SIGINT", async () => {
    const env = { LIFEBOAT_HOME: temporaryHome().root, CLEAN_UP_MS: "60000" };
    const { child, end } = startCli(["job"], { script, env });
    await saw(child, "started");
    child.kill("SIGINT");
    await saw(child, "Stopping.");
    child.kill("SIGINT");
    const { code, stderr } = await end;
    expect(code).toBe(130);
    expect(stderr).not.toContain("cleaned up");
  });

  it("are a JSON document too with --json", async () => {
    const { child, end } = startCli(["job", "--json"], { script, env: { LIFEBOAT_HOME: temporaryHome().root } });
    await saw(child, "started");
    child.kill("SIGINT");
    const { code, stdout } = await end;
    expect(code).toBe(130);
    expect(JSON.parse(stdout)).toEqual({
      error: { code: "job.cancelled", message: "Cancelled.", detail: null, hint: null },
    });
  });

  it("end a command that has nothing to clean up", async () => {
    const { child, end } = startCli(["deaf"], { script });
    await saw(child, "started");
    child.kill("SIGINT");
    expect((await end).code).toBe(130);
  });
});
