/** Where a restored database is, as libpq takes it: without user and password, which each client has its own of. */
export function connectionUrl({ host, port, database }: { host: string; port: number; database: string }): string {
  const name = encodeURIComponent(database);
  // A socket is a folder, which stands in the query because a URL's host cannot hold it.
  if (host.startsWith("/") || host.startsWith("@"))
    return `postgresql:///${name}?host=${encodeURIComponent(host)}&port=${port}`;
  return `postgresql://${host.includes(":") ? `[${host}]` : host}:${port}/${name}`;
}
