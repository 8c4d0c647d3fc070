import { AppError } from "../error/app-error.ts";
import type { StorageSettings } from "./settings.ts";

/** A place in a bucket. */
export interface BucketPlace {
  readonly bucket: string;
  /** Key or prefix, without slashes at its ends. */
  readonly path: string;
}

export function isS3Location(text: string): boolean {
  return /^s3:\/\//i.test(text);
}

/** Reads `s3://bucket/path/to/it`. @throws usage.invalid */
export function parseS3Location(text: string): BucketPlace {
  const [, bucket = "", path = ""] = /^s3:\/\/([^/?#@:]+)(?:\/(.*))?$/is.exec(text) ?? [];
  if (bucket === "")
    throw new AppError("usage.invalid", "This is no place in a bucket.", { hint: "Write it as s3://bucket/path." });
  return { bucket, path: path.replaceAll(/^\/+|\/+$/g, "") };
}

/** A folder on an SFTP server. */
export interface SftpPlace {
  readonly host: string;
  readonly port: number | null;
  readonly user: string | null;
  /** Absolute, or from the user's home there; empty for the home itself. No slash at its end, but for the root. */
  readonly path: string;
}

export function isSftpLocation(text: string): boolean {
  return /^sftp:\/\//i.test(text);
}

/** Whether a place is named by an address rather than as a folder of this machine. */
export function isRemoteLocation(text: string): boolean {
  return isS3Location(text) || isSftpLocation(text);
}

/**
 * Reads `sftp://user@host:port/folder`, with `/~/` before a folder of the user's home, as curl has it.
 * @throws usage.invalid
 */
export function parseSftpLocation(text: string): SftpPlace {
  const [, user = "", bracketed = "", name = "", port = "", path = ""] =
    /^sftp:\/\/(?:([^/?#@:]+)@)?(?:\[([0-9a-f:.%]+)\]|([^/?#@:[\]]+))(?::(\d{1,5}))?(\/.*)?$/is.exec(text) ?? [];
  const host = bracketed || name;
  // A password would be in every list of processes.
  if (host === "" || Number(port) > 65_535)
    throw new AppError("usage.invalid", "This is no place on an SFTP server.", {
      hint: "Write it as sftp://user@host:22/folder, without a password.",
    });
  const ending = path.replace(/(?<=.)\/+$/, "");
  return {
    host,
    port: port === "" ? null : Number(port),
    user: user === "" ? null : decodeURIComponent(user),
    path: /^\/~(\/|$)/.test(ending) ? ending.slice(3) : ending,
  };
}

/** As parseSftpLocation reads it. */
export function formatSftpLocation({ host, port, user, path }: SftpPlace): string {
  const name = user === null ? "" : `${encodeURIComponent(user)}@`;
  const place = host.includes(":") ? `[${host}]` : host;
  const folder = path === "" ? "" : path.startsWith("/") ? path : `/~/${path}`;
  return `sftp://${name}${place}${port === null || port === 22 ? "" : `:${port}`}${folder}`;
}

/**
 * A remote LOCATION or archive without the slashes that a folder may be named with at its end, so that it has one name.
 * `sftp://host/` keeps its own: that is the server's root, and `sftp://host` the user's home there.
 */
export function withoutEndSlash(text: string): string {
  if (!isRemoteLocation(text)) return text;
  return isSftpLocation(text)
    ? text.replace(/^([^:]+:\/\/[^/]+\/.*[^/])\/+$/s, "$1")
    : text.replace(/^([^:]+:\/\/[^/]+(?:\/.*[^/])?)\/+$/s, "$1");
}

/**
 * The LOCATION of the folder that a remote archive lies in, and its name in there; of a directory archive it may have a slash
 * at its end.
 * @throws usage.invalid
 */
export function splitArchiveLocation(location: string): { place: string; name: string } {
  const text = withoutEndSlash(location);
  const path = isSftpLocation(text) ? parseSftpLocation(text).path : parseS3Location(text).path;
  const { name } = splitPath(path);
  if (name === "") throw placeAsArchive();
  const place = text.slice(0, -name.length - 1);
  // In the server's root, whose name is its slash.
  return { place: isSftpLocation(text) && path === `/${name}` ? `${place}/` : place, name };
}

/** What is said where an archive was to be named, and a folder was that holds some. */
export function placeAsArchive(): AppError {
  return new AppError("usage.invalid", "This names a place for archives, not an archive in it.", {
    hint: "lifeboat backups --in LOCATION lists what is in it.",
  });
}

/** The folder and the name of a path with `/`. */
export function splitPath(path: string): { folder: string; name: string } {
  const at = path.lastIndexOf("/");
  return { folder: path.slice(0, Math.max(0, at)), name: path.slice(at + 1) };
}

/** The reverse of splitPath; an empty folder is the root. */
export function joinPath(folder: string, name: string): string {
  return folder === "" ? name : `${folder}/${name}`;
}

/** A storage's settings as a LOCATION; holds no secret. */
export function storageAddress(settings: StorageSettings): string {
  if (settings.kind === "folder") return settings.path;
  if (settings.kind === "sftp") return formatSftpLocation(settings);
  return `s3://${settings.bucket}${settings.prefix === "" ? "" : `/${settings.prefix}`}`;
}
