/**
 * libpq's connection keywords with the environment variable of each, or null where it has none.
 * The union of PostgreSQL 13 to 18 (fe-connect.c, `PQconninfoOptions`): a keyword that only a newer libpq knows is
 * still a keyword, not a spelling mistake.
 */
export const keywordVariables = {
  service: "PGSERVICE",
  servicefile: "PGSERVICEFILE",
  host: "PGHOST",
  hostaddr: "PGHOSTADDR",
  port: "PGPORT",
  dbname: "PGDATABASE",
  user: "PGUSER",
  password: "PGPASSWORD",
  passfile: "PGPASSFILE",
  require_auth: "PGREQUIREAUTH",
  channel_binding: "PGCHANNELBINDING",
  connect_timeout: "PGCONNECT_TIMEOUT",
  client_encoding: "PGCLIENTENCODING",
  options: "PGOPTIONS",
  application_name: "PGAPPNAME",
  fallback_application_name: null,
  keepalives: null,
  keepalives_idle: null,
  keepalives_interval: null,
  keepalives_count: null,
  tcp_user_timeout: null,
  replication: null,
  sslmode: "PGSSLMODE",
  sslnegotiation: "PGSSLNEGOTIATION",
  sslcompression: "PGSSLCOMPRESSION",
  sslcert: "PGSSLCERT",
  sslkey: "PGSSLKEY",
  sslpassword: null,
  sslcertmode: "PGSSLCERTMODE",
  sslrootcert: "PGSSLROOTCERT",
  sslcrl: "PGSSLCRL",
  sslcrldir: "PGSSLCRLDIR",
  sslsni: "PGSSLSNI",
  sslkeylogfile: null,
  ssl_min_protocol_version: "PGSSLMINPROTOCOLVERSION",
  ssl_max_protocol_version: "PGSSLMAXPROTOCOLVERSION",
  min_protocol_version: "PGMINPROTOCOLVERSION",
  max_protocol_version: "PGMAXPROTOCOLVERSION",
  requirepeer: "PGREQUIREPEER",
  gssencmode: "PGGSSENCMODE",
  gssdelegation: "PGGSSDELEGATION",
  gsslib: "PGGSSLIB",
  krbsrvname: "PGKRBSRVNAME",
  target_session_attrs: "PGTARGETSESSIONATTRS",
  load_balance_hosts: "PGLOADBALANCEHOSTS",
  scram_client_key: null,
  scram_server_key: null,
} as const satisfies Record<string, string | null>;

/** A connection keyword as libpq spells it. */
export type Keyword = keyof typeof keywordVariables;

/** Values by keyword, as one source gives them; a missing key is "this source does not say". */
export type ConnectionParameters = Partial<Record<Keyword, string>>;

export function isKeyword(text: string): text is Keyword {
  return Object.hasOwn(keywordVariables, text);
}

/** All keywords in libpq's order. */
export const keywords: readonly Keyword[] = Object.keys(keywordVariables).filter(isKeyword);

/**
 * Sets one parameter as `conninfo_storeval` does: the old `requiressl` becomes sslmode, a later value replaces an
 * earlier one. False when there is no such keyword.
 */
export function storeParameter(parameters: ConnectionParameters, keyword: string, value: string): boolean {
  if (keyword === "requiressl") {
    parameters.sslmode = value.startsWith("1") ? "require" : "prefer";
    return true;
  }
  if (!isKeyword(keyword)) return false;
  parameters[keyword] = value;
  return true;
}
