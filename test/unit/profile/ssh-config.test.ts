import { describe, expect, it } from "vitest";
import { matchesPatterns, parseSshConfig } from "../../../shared/profile/ssh-config.ts";
import { parseSshAddress } from "../../../shared/profile/target.ts";

const config = `# mine
Include conf.d/*
Port 2200
Host bastion bast-*
    HostName "gate.example.org"
    User=deploy
    IdentityFile ~/.ssh/work # the new one
    IdentityFile "~/.ssh/old key"
    ProxyJump outer

Host *.inner !secret.inner
\tHostName %h.example.org
\tPort 2022
Match user root
    User nobody
Host *
    User fallback
    IdentityFile none
`;

describe("~/.ssh/config", () => {
  it("gives a host what its blocks say, the first value of each keyword", () => {
    expect(parseSshConfig(config, "bastion")).toEqual({
      hostName: "gate.example.org",
      port: 2200,
      user: "deploy",
      identityFiles: ["~/.ssh/work", "~/.ssh/old key"],
      ignored: ["Include conf.d/*", "ProxyJump outer", "Match user root"],
    });
    expect(parseSshConfig(config, "db.inner")).toMatchObject({ hostName: "db.inner.example.org", user: "fallback" });
    expect(parseSshConfig(config, "secret.inner")).toMatchObject({ hostName: null, identityFiles: [] });
    expect(parseSshConfig("", "x")).toEqual({ hostName: null, port: null, user: null, identityFiles: [], ignored: [] });
  });

  it.each([
    ["a", ["a"], true],
    ["a", ["b", "*"], true],
    ["abc", ["a?c"], true],
    ["abc", ["a?"], false],
    ["a.example.org", ["*.example.org", "!a.*"], false],
    ["x", ["!y"], false],
    ["A", ["a"], true],
    ["aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", [`${"*a".repeat(30)}*c`], false],
  ])("%s and the patterns %j", (host, patterns, isMeant) => {
    expect(matchesPatterns(host, patterns)).toBe(isMeant);
  });
});

describe("--ssh", () => {
  it.each([
    ["bastion", { host: "bastion", port: null, user: null }],
    ["me@bastion.example.org:2222", { host: "bastion.example.org", port: 2222, user: "me" }],
    ["me@[::1]:22", { host: "::1", port: 22, user: "me" }],
  ])("%s", (text, address) => {
    expect(parseSshAddress(text)).toEqual(address);
  });

  it.each(["", "me@", "-oProxyCommand=x", "a b", "host:0", "host:99999", "::1", "me@@host"])("refuses %j", (text) => {
    expect(() => parseSshAddress(text)).toThrow("not written as user@host:port");
  });
});
