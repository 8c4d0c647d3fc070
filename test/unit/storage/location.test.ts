import { describe, expect, it } from "vitest";
import {
  formatSftpLocation,
  isRemoteLocation,
  parseSftpLocation,
  splitArchiveLocation,
  withoutEndSlash,
} from "../../../shared/storage/location.ts";

describe("an SFTP location", () => {
  it.each([
    ["sftp://nas", { host: "nas", port: null, user: null, path: "" }],
    ["sftp://backup@nas/srv/backups/", { host: "nas", port: null, user: "backup", path: "/srv/backups" }],
    ["sftp://backup@nas:2222/~/here", { host: "nas", port: 2222, user: "backup", path: "here" }],
    ["sftp://nas/~", { host: "nas", port: null, user: null, path: "" }],
    ["SFTP://[::1]:22/", { host: "::1", port: 22, user: null, path: "/" }],
    ["sftp://DOMAIN%5Cme@nas/x", { host: "nas", port: null, user: "DOMAIN\\me", path: "/x" }],
  ])("%s is read", (text, place) => {
    expect(parseSftpLocation(text)).toEqual(place);
    expect(parseSftpLocation(formatSftpLocation(place))).toEqual({
      ...place,
      port: place.port === 22 ? null : place.port,
    });
    expect(isRemoteLocation(text)).toBe(true);
  });

  it.each(["sftp://", "sftp:///x", "sftp://me:secret@nas/x", "sftp://nas:99999/x", "sftp://nas:x/"])(
    "%s is refused",
    (text) => {
      expect(() => parseSftpLocation(text)).toThrow(expect.objectContaining({ code: "usage.invalid" }));
    },
  );

  it.each([
    ["s3://bucket/db/", "s3://bucket/db"],
    ["s3://bucket/db//", "s3://bucket/db"],
    ["s3://bucket/", "s3://bucket"],
    ["s3://bucket//", "s3://bucket"],
    ["sftp://me@nas:2222/srv/", "sftp://me@nas:2222/srv"],
    // The root, and the user's home.
    ["sftp://nas/", "sftp://nas/"],
    ["sftp://nas/~/", "sftp://nas/~"],
    ["sftp://nas", "sftp://nas"],
    ["a folder/", "a folder/"],
  ])("%s is named %s", (text, name) => {
    expect(withoutEndSlash(text)).toBe(name);
  });

  it.each(["sftp://me@nas:2222/srv/", "sftp://nas/", "sftp://nas/~/"])("%s is the same place by that name", (text) => {
    expect(parseSftpLocation(withoutEndSlash(text))).toEqual(parseSftpLocation(text));
  });

  it("of an archive is split into a place and a name", () => {
    expect(splitArchiveLocation("sftp://me@nas:2222/~/b/a.dump")).toEqual({
      place: "sftp://me@nas:2222/~/b",
      name: "a.dump",
    });
    expect(splitArchiveLocation("sftp://nas/a.dump")).toEqual({ place: "sftp://nas/", name: "a.dump" });
    expect(splitArchiveLocation("sftp://nas/~/a.dump")).toEqual({ place: "sftp://nas/~", name: "a.dump" });
    expect(splitArchiveLocation("s3://bucket/a.dump")).toEqual({ place: "s3://bucket", name: "a.dump" });
    expect(splitArchiveLocation("s3://bucket/db/a.dir//")).toEqual({ place: "s3://bucket/db", name: "a.dir" });
    for (const text of ["s3://bucket", "s3://bucket/", "sftp://nas", "sftp://nas/", "sftp://nas/~/"])
      expect(() => splitArchiveLocation(text)).toThrow(expect.objectContaining({ code: "usage.invalid" }));
  });
});
