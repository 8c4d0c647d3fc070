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
  "archive.databaseUnclear":
    "Name it with --database (lifeboat contents lists them), or choose in the tree within one database. Everything of all of them is restored into new databases with names of their own, without --as.",
  "archive.noData": "The backup holds this object's definition only.",
  "archive.hostile": "Do not restore it. Find out where it came from.",
  "archive.notOpen": "Open it again.",
  "archive.keyMissing":
    "Name the file of its key with --identity, or import its recovery kit with: lifeboat key import FILE",

  "compare.columnsDiffer": null,
  "compare.keyInvalid": null,
  "compare.keyNotUnique": "Choose another key with --key, or compare whole rows with: --key none",
  "compare.tableMissing": "Restore the table as it was: lifeboat restore ARCHIVE --into … --mode as-is --table NAME",

  "encryption.badRecipient":
    "Write a recipient as age1…, as the line or the path of an SSH public key, or as the name of a key from: lifeboat key list",
  "encryption.identityInvalid": "Use the recovery kit, or the key's file, as it was written.",
  "encryption.wrongPassphrase": "Enter the passphrase again. It was chosen when the kit or the file was made.",
  "encryption.passphraseMissing": "Type it when asked on a terminal, or set LIFEBOAT_PASSPHRASE.",
  "encryption.databasusKeyMissing": "Name the secret.key of the Databasus that made it with --identity FILE.",
  "encryption.databasusKeyWrong":
    "Use the secret.key of the Databasus that made it. The backup's id, in its name or its .metadata file, is a part of the key.",
  "encryption.passphraseWeak": "Use several words that do not belong together.",
  "encryption.keyNotFound": "List the keys with: lifeboat key list",
  "encryption.keyAmbiguous": "Name the key: lifeboat key list shows them.",
  "encryption.keyExists": "Choose another name with --name.",
  "encryption.keysInvalid": "It is kept as it is. Mend it, or move it away and import the recovery kits again.",
  "encryption.kitNotTried":
    "Make its recovery kit and try it first: there is no keychain here, so without the kit nobody could open the backups.",
  "encryption.kitNotNeeded": "Keep a copy of that file away from this machine, and try the copy: lifeboat key try FILE",
  "encryption.confirmationNeeded": "Add --yes to confirm.",
  "encryption.unavailable": "Use the lifeboat command, or the window in a browser (lifeboat serve).",

  "backup.notFound": "List the backups with: lifeboat backups",
  "backup.ambiguous": "Write more characters of the id.",
  "backup.incomplete": "Nothing was kept. Run the backup again.",
  "backup.manifestChanged":
    "Take another copy of this backup, or an older one. Find out who can write to that place; what a changed manifest says cannot be relied on.",
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
  "restore.dependants":
    "Bring the table beside the live one (--mode beside), or drop what is named first and make it again afterwards.",
  "restore.swapBlocked":
    "End what is named, then swap again; or restore into a new database (the default) and move over to it.",
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

  "retention.confirmationNeeded": "Look at what would go with --dry-run, then add --yes to confirm.",

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
  "ssh.hostNotFound": "Check the SSH server's name, and the VPN if there is one.",
  "ssh.unreachable": "Check that the SSH server is running, its port, the firewall and the VPN.",
  "ssh.hostKeyUnknown":
    "Compare the fingerprint with the one the server's keeper tells you. If it is the same, trust it: lifeboat profiles trust NAME",
  "ssh.hostKeyChanged":
    "Ask the server's keeper whether its key was changed on purpose. Only then remove the old line from the file and trust the new key.",
  "ssh.hostKeyRevoked": "Do not connect. Ask the server's keeper for the key that is good.",
  "ssh.authentication": "Check the SSH user and the key, and that the server lets that key in.",
  "ssh.secretMissing": "Store it in the profile, or run this on a terminal, where it is asked for.",
  "ssh.configuration": "Check the SSH fields of the connection.",
  "ssh.forwardingRefused": "Ask the SSH server's keeper to allow forwarding (AllowTcpForwarding, PermitOpen).",
  "ssh.lost": "Run it again when the SSH server is reachable.",
  "ssh.failed": null,

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
  "storage.unreachable": "Check the address, the network and the VPN. If they are right, try again in a while.",
  "storage.tls": "For a private authority, name its certificate with --ca-file.",
  "storage.insecure": "Use an https:// address. Keys and data would cross the network for all to read.",
  "storage.credentials": "Check the access key and its secret.",
  "storage.clockSkew": "Set this machine's clock.",
  "storage.wrongRegion": "Set the region that is named.",
  "storage.bucketMissing": "Check the bucket's name and region, or make the bucket first.",
  "storage.archived": "Have it thawed with: lifeboat thaw ARCHIVE --days 7. That takes minutes to two days.",
  "storage.tooLarge": null,
  "storage.invalid": null,
  "storage.notSaved": "List the storages with: lifeboat storages",
  "storage.inUse": "Choose other places for them first, on the databases' own pages.",
  "storage.nameTaken": "Choose another name, or remove that storage first.",

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
