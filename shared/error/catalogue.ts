/**
 * Every code an error of Lifeboat can carry, with what the person can do about it by default.
 * A code is stable: scripts and the window match on it. The area before the dot is the room that raises it;
 * `usage.*` ends the command line with exit code 2. Messages are written where the error is raised, because only
 * that place knows the names and numbers; a hint given there replaces the one here.
 */
export const catalogue = {
  "usage.invalid": "Run the command with --help to see its options.",

  "internal.unexpected": "This is a defect in Lifeboat. The job's log has the details.",

  "window.disconnected": "Wait until the window is connected again, then look before doing it anew.",

  "contract.unknownMethod": "The window and the program are of different versions. Reload the window.",
  "contract.badArguments": "This is a defect in Lifeboat's window.",
  "contract.refused": "Open the address that `lifeboat serve` prints; each address works once.",
  "contract.tooMany": "Close something first.",
  "contract.placeNotAllowed":
    "Choose a place below your home folder or the backups folder, or use the desktop window or the command line.",
  "contract.notHere": "Use the desktop window or the command line for this.",

  "archive.notAnArchive": "Choose a file made by pg_dump. Plain SQL files are restored with psql.",
  "archive.unsupportedFormat": "Restore it with pg_restore or psql for now.",
  "archive.unsupportedVersion":
    "Install a newer Lifeboat, or open it with the pg_restore that matches the pg_dump that wrote it.",
  "archive.truncated": "The file ends too early: the copy or the backup was cut short. Use another backup.",
  "archive.damaged": "The file was changed or damaged after it was written. Use another backup.",
  "archive.limitExceeded": "The file claims sizes no real dump has. Do not trust it.",
  "archive.objectNotFound": "List what is inside with: lifeboat contents ARCHIVE",
  "archive.objectAmbiguous": "Name it with its schema, as schema.name.",
  "archive.noData": "The backup holds this object's definition only.",
  "archive.hostile": "Do not restore it. Find out where it came from.",
  "archive.notOpen": "Open it again.",
  "archive.keyMissing": "Import the key it was made for.",

  "backup.notFound": "List the backups with: lifeboat backups",
  "backup.ambiguous": "Write more characters of the id.",
  "backup.incomplete": "Nothing was kept. Run the backup again.",
  "backup.manifestInvalid":
    "The file beside the backup was edited or damaged. The backup itself may be whole: open it by its path.",
  "backup.destinationExists": "Wait a second and run the backup again.",
  "backup.nothingToDump": "Check the schema and table patterns.",
  "backup.preflightFailed": "Mend what is named, then run the backup again.",
  "backup.optionConflict": "Leave one of the two options out.",

  "restore.optionConflict": "Leave one of the two options out.",
  "restore.nothingSelected": "Choose at least one object.",
  "restore.targetExists": "Give the new database another name with --as.",
  "restore.objectsExist": "Restore into a new database (the default), or choose objects that the target does not have.",
  "restore.missingRequirement": null,
  "restore.lineIgnored": "This is a defect in Lifeboat: pg_restore did not take the list it was given.",
  "restore.confirmationNeeded": "Add --yes to confirm, after reading what it names.",
  "restore.planOutdated": "Look at the plan again, then start it.",
  "restore.rowsDiffer": "Do not rely on this copy. Compare it with the source and restore again.",
  "restore.versionMismatch": "Restore into a server as new as the source.",
  "restore.dataRejected": "Restore into a new database (the default) and compare.",
  "restore.encoding": "Create the target with the encoding and locale of the source.",

  "verify.checksumMismatch": "The stored file is not the file that was written. Use another backup.",
  "verify.sizeMismatch": "The stored file is not the file that was written. Use another backup.",
  "verify.noManifest": "Verify it with --level read, which needs no manifest.",
  "verify.rowsDiffer": "Do not rely on this backup. Make a new one.",

  "tool.missing": null,
  "tool.tooOld": null,
  "tool.unsafe": "Install the newest minor version of the PostgreSQL client.",
  "tool.failed": null,
  "tool.killed": "Run it again. If it happens again, look for memory or time limits on this machine.",
  "tool.stalled": "Look for a lock or a dead network connection, then run it again.",
  "tool.note": null,

  "connection.invalid": "Check the connection's fields.",
  "connection.failed": null,
  "connection.refused": "Check that the server is running and that host and port are right.",
  "connection.hostNotFound": "Check the host name, and the VPN if there is one.",
  "connection.timeout": "Check the network, the firewall and the VPN.",
  "connection.authentication": "Enter the password again.",
  "connection.passwordMissing": "Store a password in the profile, in .pgpass, or set PGPASSWORD.",
  "connection.databaseMissing": "List the server's databases and choose one of them.",
  "connection.tls": "Check the TLS settings of the connection.",
  "connection.lost": "Run it again when the server is reachable.",
  "connection.notAllowed": "Ask whoever runs the server to let this connection in.",
  "connection.tooMany": "Try again later, or use fewer jobs.",
  "connection.notReady": "Wait a little and run it again.",
  "connection.pooler": "Use the server's direct address, not the pooled one.",
  "postgres.queryFailed": null,
  "postgres.permissionDenied": "Ask for the privilege, or use a role that has it.",
  "postgres.rowSecurity": "Use a superuser or a role that has BYPASSRLS.",
  "postgres.lockTimeout": "Run it again when the other work is done.",
  "postgres.recoveryConflict": "Run it again, or use the primary.",
  "postgres.outOfLocks": "Raise max_locks_per_transaction on the server.",
  "postgres.rowTooLarge": null,
  "postgres.dataDamaged": "Keep all older backups, and look at the server's log.",
  "postgres.objectChanged": "Run it again when nothing changes the schema.",
  "postgres.databaseInUse": "End the other sessions or wait, then run it again.",
  "postgres.readOnly": "Connect to the primary.",
  "postgres.deadlock": "Run it again.",
  "postgres.diskFull": "Make room on the server's machine, then run it again.",
  "postgres.outOfMemory": null,
  "postgres.configuration": null,
  "postgres.collationChanged": "Rebuild the indexes on text.",

  "profile.notFound": "List the profiles with: lifeboat profiles",
  "profile.exists": "Choose another name, or remove that profile first.",
  "profile.invalid": null,
  "settings.invalid": "Mend the file, or move it away to start with the defaults.",
  "secrets.unavailable": "Use .pgpass or PGPASSWORD, or let Lifeboat ask each time.",

  "job.notFound": "List the jobs with: lifeboat jobs",
  "job.conflict": "Wait for the other job, or cancel it with: lifeboat jobs cancel ID",
  "job.notRetryable": "Only jobs that have ended can be run again.",
  "job.notRunning": null,
  "job.cancelled": null,
  "job.storeNewer": "Use the newer Lifeboat that wrote it, or another folder through LIFEBOAT_HOME.",
  "job.storeFailed": "Check the folder's permissions and free space.",
  "job.interrupted": "Run it again with: lifeboat jobs retry ID",

  "storage.notFound": "Check the path.",
  "storage.permissionDenied": "Check the folder's owner and permissions.",
  "storage.full": "Free some space, or choose another place, then run it again.",
  "storage.unsupported": null,
  "storage.failed": null,
  "storage.notEmpty": "Choose a new folder.",
  "storage.busy": "Try again in a while.",
  "storage.conflict": null,

  "sample.unavailable": null,
  "sample.failed": "Start over with: lifeboat sample reset",

  "physical.walMissing": "Take a new base backup.",
  "physical.chainBroken": "Take a new full backup.",
  "physical.slot": null,
  "physical.wrongSystem": "Give each server an archive of its own.",
  "physical.archivingFails": null,

  "recovery.targetUnreachable": "Choose another point in time.",
  "recovery.configuration": null,
} as const satisfies Record<string, string | null>;

/** A stable, dotted error code. */
export type ErrorCode = keyof typeof catalogue;
