import { PassThrough } from "node:stream";
import { describe, expect, test } from "vitest";
import { ProcessGuard } from "../../../electron/tools/process-guard.ts";

describe("ProcessGuard", () => {
  test("one shell for all children, and a new one after it was ended", async () => {
    const pipes: PassThrough[] = [];
    const guard = new ProcessGuard(() => {
      const pipe = new PassThrough();
      pipes.push(pipe);
      return pipe;
    });
    guard.watch(11);
    guard.watch(12);
    guard.release(11);
    expect(String(pipes[0]?.read())).toBe("watch 11\nwatch 12\nrelease 11\n");
    pipes[0]?.destroy(new Error("EPIPE"));
    await new Promise((resolve) => pipes[0]?.once("close", resolve));
    guard.release(12);
    guard.watch(13);
    expect(pipes).toHaveLength(2);
    expect(String(pipes[1]?.read())).toBe("watch 13\n");
  });

  test("a machine without a shell has no guard, and tools run all the same", () => {
    const guard = new ProcessGuard(() => null);
    expect(() => {
      guard.watch(11);
      guard.release(11);
    }).not.toThrow();
  });
});
