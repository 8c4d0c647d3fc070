import { describe, expect, it } from "vitest";
import { createAccess } from "../../../electron/host/access.ts";

describe("codes and tokens", () => {
  it("exchanges a code once", () => {
    const access = createAccess();
    const code = access.newCode();
    const token = access.exchange(code);
    expect(token).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(access.isToken(token ?? "")).toBe(true);
    expect(access.exchange(code)).toBeNull();
  });

  it("lets a code live for a minute, and several at once", () => {
    let now = 0;
    const access = createAccess(() => now);
    const [first, second] = [access.newCode(), access.newCode()];
    now = 59_000;
    expect(access.exchange(second)).not.toBeNull();
    now = 61_000;
    expect(access.exchange(first)).toBeNull();
  });

  it.each(["", "x", "a".repeat(24), "\u0000", "é".repeat(12)])("refuses %j as either", (text) => {
    const access = createAccess();
    access.newCode();
    expect(access.exchange(text)).toBeNull();
    expect(access.isToken(text)).toBe(false);
  });
});
