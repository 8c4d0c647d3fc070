import { describe, expect, it } from "vitest";
import { createAccess } from "../../../electron/host/access.ts";

describe("codes and tokens", () => {
  it("exchanges a code once", () => {
    const access = createAccess();
    const code = access.newCode("anybody");
    const token = access.exchange(code, false);
    expect(token).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(access.isToken(token ?? "")).toBe(true);
    expect(access.exchange(code, false)).toBeNull();
  });

  it("lets a code live for a minute, and several at once", () => {
    let now = 0;
    const access = createAccess(() => now);
    const [first, second] = [access.newCode("anybody"), access.newCode("anybody")];
    now = 59_000;
    expect(access.exchange(second, false)).not.toBeNull();
    now = 61_000;
    expect(access.exchange(first, false)).toBeNull();
  });

  it("keeps a code for this user, whoever else tries it first", () => {
    const access = createAccess();
    const code = access.newCode("thisUser");
    expect(access.exchange(code, false)).toBeNull();
    expect(access.exchange(code, true)).not.toBeNull();
  });

  it.each(["", "x", "a".repeat(24), "\u0000", "é".repeat(12)])("refuses %j as either", (text) => {
    const access = createAccess();
    access.newCode("anybody");
    expect(access.exchange(text, true)).toBeNull();
    expect(access.isToken(text)).toBe(false);
  });
});
