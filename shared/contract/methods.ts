import { z } from "zod";
import type { Job, JobId } from "../job/job.ts";
import { exportFormats } from "../rows/row-format.ts";
import { storageNameSchema } from "../storage/settings.ts";
import { sshTunnelSchema } from "./connection-target.ts";
import { gives, type Method } from "./method.ts";
import { connectionText, localPath } from "./named-paths.ts";
import { storageMethods } from "./storage-methods.ts";
import type {
  ArchiveCache,
  ArchiveView,
  BackupChecks,
  BackupListing,
  CompareView,
  ConnectionTestStep,
  DoctorCheck,
  EntryColumns,
  FolderView,
  FoundDatabase,
  Hello,
  HostKeyView,
  LargeObjectsPage,
  PreflightView,
  ProfileView,
  PutBackPlanView,
  RecentArchive,
  Relations,
  RestorePlanView,
  RowsPage,
  SampleView,
  SchemaDiffView,
  Settings,
  ThawView,
} from "./views.ts";

const nothing = z.strictObject({});
const name = z.string().min(1).max(200);
const path = localPath;
const secret = z.string().max(2000);
const patterns = z.array(z.string().max(500)).max(1000);

const connection = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("profile"), name }),
  z.strictObject({ kind: z.literal("found"), id: z.string().max(2000) }),
  z.strictObject({ kind: z.literal("url"), url: connectionText }),
  z.strictObject({ kind: z.literal("sample") }),
]);

/** What an archive is compared with: a live database, or another archive. */
const comparedWith = z.discriminatedUnion("kind", [
  ...connection.options,
  /** `database`: of a pg_dumpall script the one that is meant. */
  z.strictObject({ kind: z.literal("archive"), path, database: name.optional() }),
]);

const profile = z.strictObject({
  name,
  hosts: z.array(z.strictObject({ host: z.string().max(1000), port: z.number().int().min(1).max(65_535) })).min(1),
  database: z.string().max(200),
  user: z.string().max(200),
  sslMode: z.enum(["disable", "allow", "prefer", "require", "verify-ca", "verify-full"]),
  sslRootCert: path.nullable(),
  sslCert: path.nullable(),
  sslKey: path.nullable(),
  /** null: reached directly. */
  tunnel: sshTunnelSchema.nullable(),
  passwordSource: z.enum(["keychain", "pgpass", "ask", "none"]),
  environment: z.enum(["production", "staging", "development"]),
  colour: z
    .string()
    .regex(/^#[0-9a-f]{6}$/)
    .nullable(),
});

const places = z.strictObject({
  folder: path.nullable(),
  storages: z.array(storageNameSchema).max(20),
  recipients: z.array(z.string().min(1).max(4000)).max(20),
});

const rowKeys = z
  .array(z.array(z.string().max(100_000)).max(100))
  .max(10_000)
  .nullable();

/** A name alone, for a file in a folder that is named beside it. */
const fileName = z
  .string()
  .min(1)
  .max(200)
  .refine((text) => !/[/\\\p{Cc}]|^\.{1,2}$/u.test(text));

const rowFilter = {
  /** `column op value`, as `lifeboat rows --where` takes it; all of them must hold. */
  where: z.array(z.string().max(2000)).max(50),
  /** A text that one of the columns must hold, in any case. */
  search: z.string().max(1000).nullable(),
};

const choice = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("everything") }),
  z.strictObject({ kind: z.literal("objects"), dumpIds: z.array(z.number().int()).min(1).max(200_000) }),
]);

/**
 * Every method. `args` may come from anywhere and is parsed once, at dispatch; long work returns a JobId at once and goes
 * on in the jobs topic. Codes a method can answer with are those of the service behind it.
 */
export const methods = {
  hello: gives<Hello>()(nothing),

  "settings.get": gives<Settings>()(nothing),
  "settings.set": gives<Settings>()(
    z.strictObject({
      theme: z.enum(["system", "light", "dark"]).optional(),
      backupsFolder: path.nullable().optional(),
      /** No localPath: a browser may not choose any, wherever it is. */
      toolFolders: z.array(z.string().min(1).max(4096)).max(50).optional(),
      notifications: z.boolean().optional(),
    }),
  ),
  "doctor.run": gives<readonly DoctorCheck[]>()(nothing),

  /** Sockets and common ports of this computer, pg_service.conf, .pgpass, the environment. Takes at most two seconds. */
  "databases.find": gives<readonly FoundDatabase[]>()(nothing),
  /** The databases of a server. */
  "databases.list": gives<readonly { readonly name: string; readonly sizeBytes: number | null }[]>()(
    z.strictObject({ connection, password: z.string().max(2000).optional() }),
  ),
  "databases.preflight": gives<PreflightView>()(
    z.strictObject({ connection, password: z.string().max(2000).optional() }),
  ),

  "profiles.list": gives<readonly ProfileView[]>()(nothing),
  /** Saves a profile, and its password where one is given: in the keychain, else in this process's memory only. */
  "profiles.save": gives<{ readonly passwordKeptIn: "keychain" | "memory" | "nowhere" }>()(
    z.strictObject({ profile, replaces: name.nullable(), password: secret.optional(), sshSecret: secret.optional() }),
  ),
  "profiles.remove": gives<null>()(z.strictObject({ name })),
  /** The fields of a URL or keyword/value string; its password stays behind. */
  "profiles.parse": gives<{
    readonly profile: ProfileView;
    readonly hasPassword: boolean;
    readonly warnings: readonly string[];
  }>()(z.strictObject({ text: connectionText })),
  "profiles.test": gives<readonly ConnectionTestStep[]>()(
    z.strictObject({ profile, password: secret.optional(), sshSecret: secret.optional() }),
  ),

  /** Where a profile's backups go, and for whom they are encrypted, until it is said otherwise. */
  "profiles.setPlaces": gives<null>()(z.strictObject({ name, places })),

  /** The key that an SSH server (a tunnel's, a storage's) shows now, without logging in; one that must not be trusted is an error. */
  "profiles.hostKey": gives<HostKeyView>()(z.strictObject({ tunnel: sshTunnelSchema })),
  /** Trusts the key with this fingerprint from now on. */
  "profiles.trustHostKey": gives<HostKeyView>()(
    z.strictObject({ tunnel: sshTunnelSchema, fingerprint: z.string().regex(/^SHA256:[A-Za-z0-9+/]{43}$/) }),
  ),
  /** Starts a backup; a found database or a URL becomes a profile on the way, so that it is on Home afterwards. */
  "backup.start": gives<{ readonly jobId: JobId; readonly profile: string }>()(
    z.strictObject({
      connection,
      database: z.string().max(200).nullable(),
      password: z.string().max(2000).optional(),
      options: z
        .strictObject({
          format: z.enum(["custom", "directory", "tar", "plain"]),
          compression: z
            .strictObject({ method: z.enum(["none", "gzip", "lz4", "zstd"]), level: z.number().int().nullable() })
            .nullable(),
          jobs: z.number().int().min(1).max(64),
          schemas: patterns,
          tables: patterns,
          excludeTables: patterns,
          excludeTableData: patterns,
          schemaOnly: z.boolean(),
          dataOnly: z.boolean(),
          globals: z.boolean(),
        })
        .partial()
        .optional(),
      location: path.optional(),
      /** Left out: the profile's own. */
      places: places.optional(),
    }),
  ),
  "backups.list": gives<BackupListing>()(z.strictObject({ location: path.optional() })),
  /** A whole backup to saved storages and a folder; what is there already is not sent again. */
  "backups.copy": gives<{ readonly jobId: JobId }>()(
    z.strictObject({ path, storages: z.array(storageNameSchema).max(20), folder: path.nullable() }),
  ),
  "backups.verify": gives<{ readonly jobId: JobId }>()(z.strictObject({ path, level: z.enum(["checksum", "read"]) })),

  /** What checks of a backup found, as it stands beside it; backup.notFound where there is no manifest. */
  "backups.checks": gives<BackupChecks>()(z.strictObject({ path })),

  /** Opened lately, in whichever window; archive.open adds to it. */
  "archives.recent": gives<readonly RecentArchive[]>()(nothing),
  /** `archive` is a path of that list: a name to strike out, nothing is opened. */
  "archives.forget": gives<null>()(z.strictObject({ archive: z.string().min(1).max(4096) })),
  /** How far an archive in an archive class is from being readable; with days, it is asked to be thawed before. */
  "archives.thaw": gives<ThawView>()(
    z.strictObject({
      path,
      ask: z
        .strictObject({ days: z.int().min(1).max(3650), tier: z.enum(["Standard", "Bulk", "Expedited"]) })
        .nullable(),
    }),
  ),
  /** What is kept on this disk of archives in storages, and the most that is. */
  "archives.cache": gives<ArchiveCache>()(z.strictObject({})),
  /** Empties it. */
  "archives.clearCache": gives<ArchiveCache>()(z.strictObject({})),
  /**
   * @param passphrase of a file that is encrypted with one; kept in memory for what is done with it afterwards
   * @param databasusKey what is in the secret.key of the Databasus that encrypted the file; kept in the same way
   */
  "archive.open": gives<ArchiveView>()(
    z.strictObject({ path, passphrase: secret.optional(), databasusKey: secret.optional() }),
  ),
  /** The databases of a pg_dumpall script, in its order; none for what holds but one. */
  "archive.databases": gives<readonly string[]>()(z.strictObject({ path })),
  "archive.close": gives<null>()(z.strictObject({ handle: z.string() })),
  "archive.entries": gives<EntryColumns>()(z.strictObject({ handle: z.string() })),
  "archive.definition": gives<{ readonly sql: string }>()(
    z.strictObject({ handle: z.string(), dumpId: z.number().int() }),
  ),
  "archive.rows": gives<RowsPage>()(
    z.strictObject({
      handle: z.string(),
      dumpId: z.number().int(),
      /** Rows to pass over; pages that follow each other are read on, not from the beginning. */
      offset: z.number().int().min(0),
      limit: z.number().int().min(1).max(1000),
      ...rowFilter,
      /** Values as long as they are, for an export and for looking at one; else they are cut (see RowsPage). */
      whole: z.boolean().optional(),
    }),
  ),
  /** Writes a table's rows, those that the filter lets pass, to a new file in a folder. */
  "archive.export": gives<{ readonly jobId: JobId }>()(
    z.strictObject({
      handle: z.string(),
      dumpId: z.number().int(),
      format: z.enum(exportFormats),
      ...rowFilter,
      folder: path,
      /** In that folder; a file that is there already is not replaced. */
      fileName,
    }),
  ),
  /** The large objects of the database that an entry is in, with their sizes, page by page (see LargeObjectsPage). */
  "archive.largeObjects": gives<LargeObjectsPage>()(
    z.strictObject({
      handle: z.string(),
      dumpId: z.number().int(),
      /** Large objects to pass over. */
      offset: z.number().int().min(0),
      limit: z.number().int().min(1).max(1000),
    }),
  ),
  /** Writes the bytes of a large object, or of one value, as they are to a new file in a folder. */
  "archive.saveBytes": gives<{ readonly jobId: JobId }>()(
    z.strictObject({
      handle: z.string(),
      bytesOf: z.discriminatedUnion("kind", [
        z.strictObject({
          kind: z.literal("largeObject"),
          /** Of any entry of the database that it is in. */
          dumpId: z.number().int(),
          oid: z.number().int().min(1).max(4_294_967_295),
        }),
        z.strictObject({
          kind: z.literal("value"),
          dumpId: z.number().int(),
          /** Rows that the filter lets pass before it. */
          row: z.number().int().min(0),
          column: z.number().int().min(0),
          ...rowFilter,
        }),
      ]),
      folder: path,
      /** In that folder; a file that is there already is not replaced. */
      fileName,
    }),
  ),
  "archive.relations": gives<Relations>()(z.strictObject({ handle: z.string(), dumpId: z.number().int() })),
  /** What a choice would bring along, before a target is known. */
  "archive.closure": gives<{
    readonly added: Relations["needs"];
    readonly offered: Relations["needs"];
    readonly warnings: readonly string[];
  }>()(z.strictObject({ handle: z.string(), choice })),

  "restore.plan": gives<RestorePlanView>()(
    z.strictObject({
      path,
      choice,
      into: connection,
      password: z.string().max(2000).optional(),
      mode: z.enum(["new-database", "as-is", "beside", "replace", "swap"]),
      newDatabaseName: name.nullable(),
      /** Of `beside`: the schema that the tables come under; null: Lifeboat's proposal. */
      besideSchema: name.nullable().optional(),
      noOwner: z.boolean(),
      noPrivileges: z.boolean(),
      jobs: z.number().int().min(1).max(64).nullable(),
    }),
  ),
  "restore.start": gives<{ readonly jobId: JobId }>()(
    z.strictObject({ planId: z.string(), confirmation: z.string().nullable() }),
  ),

  ...storageMethods,

  /** Compares a table's rows with those of the live table, or of the table of that name in another archive; changes nothing. */
  "compare.run": gives<CompareView>()(
    z.strictObject({
      path,
      dumpId: z.number().int(),
      with: comparedWith,
      password: z.string().max(2000).optional(),
      /** Rows of each kind to give. */
      limit: z.number().int().min(1).max(1000),
    }),
  ),
  /** Compares all definitions with those of a database or of another archive; changes nothing. */
  "compare.schemas": gives<SchemaDiffView>()(
    z.strictObject({
      path,
      /** Of a pg_dumpall script the one that is meant. */
      database: name.optional(),
      with: comparedWith,
      password: z.string().max(2000).optional(),
    }),
  ),
  /** Writes the script that puts rows back, and shows it. */
  "putBack.plan": gives<PutBackPlanView>()(
    z.strictObject({
      path,
      dumpId: z.number().int(),
      into: connection,
      password: z.string().max(2000).optional(),
      /** Keys of rows that are gone, and of changed ones; null: all. */
      missing: rowKeys,
      changed: rowKeys,
    }),
  ),
  "putBack.start": gives<{ readonly jobId: JobId }>()(
    z.strictObject({ planId: z.string(), confirmation: z.string().nullable() }),
  ),
  /** Takes back what a job put back. */
  "putBack.undo": gives<{ readonly jobId: JobId }>()(
    z.strictObject({
      jobId: z.string(),
      password: z.string().max(2000).optional(),
      confirmation: z.string().nullable(),
    }),
  ),

  "jobs.get": gives<Job>()(z.strictObject({ id: z.string() })),
  "jobs.cancel": gives<Job>()(z.strictObject({ id: z.string() })),
  "jobs.retry": gives<{ readonly jobId: JobId }>()(z.strictObject({ id: z.string() })),
  "jobs.log": gives<{ readonly text: string; readonly nextOffset: number }>()(
    z.strictObject({ id: z.string(), offset: z.number().int().min(0) }),
  ),
  /** What may be sent to somebody who helps: versions, the job, its log without data. */
  "jobs.diagnostics": gives<{ readonly text: string }>()(z.strictObject({ id: z.string() })),

  "sample.status": gives<SampleView>()(nothing),
  "sample.start": gives<SampleView>()(nothing),
  "sample.stop": gives<SampleView>()(nothing),
  "sample.reset": gives<SampleView>()(nothing),

  /** The host's own file browser, below the allowed roots; hosts with native dialogs answer through dialogs.*. */
  "files.list": gives<FolderView>()(z.strictObject({ path: path.nullable() })),
  "dialogs.openArchive": gives<{ readonly path: string | null }>()(nothing),
  "dialogs.chooseFolder": gives<{ readonly path: string | null }>()(nothing),
  "shell.reveal": gives<null>()(z.strictObject({ path })),
} as const;

export type MethodName = keyof typeof methods;
/** Arguments of a method as the door has checked them. */
export type ArgsOf<Name extends MethodName> =
  (typeof methods)[Name] extends Method<infer Args, infer _Result> ? Args : never;
/** What a method gives. */
export type ResultOf<Name extends MethodName> =
  (typeof methods)[Name] extends Method<infer _Args, infer Result> ? Result : never;
