import { AppError } from "../error/app-error.ts";
import type { ConnectionParameters } from "./keywords.ts";
import type { HostAddress } from "./profile.ts";

/** PostgreSQL's port where nothing says another (DEF_PGPORT). */
export const defaultPort = 5432;

/** True for a socket folder: a path, or an abstract name that begins with `@`. */
export function isSocket(host: string): boolean {
  return host.startsWith("/") || host.startsWith("@");
}

/** True for a socket or a loopback address: no network lies between, so nobody can pose as the server. */
export function isLocalHost(host: string): boolean {
  const name = host.toLowerCase();
  return isSocket(host) || name === "localhost" || name === "::1" || /^127(\.\d{1,3}){3}$/.test(name);
}

/**
 * The hosts in the order to try them, as `connectOptions2` (fe-connect.c) pairs them: one port serves all hosts, else
 * there are as many ports as hosts; an empty entry is the default. Where only `hostaddr` is given it takes the host's
 * place.
 *
 * @throws AppError `connection.invalid`; a port is never repeated, because in a URL that lacks its host the password
 *   stands where the port should be
 */
export function readHosts(parameters: ConnectionParameters, defaultHost: string): HostAddress[] {
  const hosts = (parameters.host || parameters.hostaddr || "").split(",").map((host) => host || defaultHost);
  const addresses = parameters.host && parameters.hostaddr ? parameters.hostaddr.split(",").length : hosts.length;
  if (addresses !== hosts.length) {
    throw invalid(`There are ${hosts.length} hosts and ${addresses} addresses (hostaddr); their numbers must agree.`);
  }
  const ports = (parameters.port || "").split(",");
  if (ports.length !== 1 && ports.length !== hosts.length) {
    throw invalid(`There are ${hosts.length} hosts and ${ports.length} ports; give one port, or one for each host.`);
  }
  return hosts.map((host, index) => ({ host, port: readPort(ports.length === 1 ? ports[0] : ports[index]) }));
}

function readPort(text = ""): number {
  if (text === "") return defaultPort;
  const port = /^\s*\+?\d{1,9}\s*$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65535) throw invalid("The port is not a number from 1 to 65535.");
  return port;
}

function invalid(message: string): AppError {
  return new AppError("connection.invalid", message, {
    hint: "The shape of a URL is postgresql://user@host:5432/database; a password in it is percent-encoded.",
  });
}
