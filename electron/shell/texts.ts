import type { JobState } from "../../shared/job/job.ts";
import { formatNumberOf } from "../../shared/text/format.ts";

/** What the desktop's own parts say: dialogs, menu, notifications. */
export const texts = {
  openArchive: "Open an archive",
  archives: "PostgreSQL archives",
  allFiles: "All files",
  chooseFolder: "Choose a folder",
  notThere: "This file or folder is not there any more.",

  quitWhileRunning: (jobs: number) => `${formatNumberOf(jobs, "job")} still running`,
  quitDetail: "Quitting now ends what is running. A backup that is not finished is not kept.",
  closeDetail: "Without the window it goes on, and Lifeboat stays in the tray.",
  closeOnly: "Close the window only",
  stay: "Keep it running",
  stopAndQuit: "End it and quit",

  cannotStart: "Lifeboat cannot start",

  ended: {
    succeeded: "Done.",
    finishedWithErrors: "Finished, with some errors. Have a look at what they are.",
    failed: "This did not work. Lifeboat says why and what to do.",
    cancelled: "Stopped, as you asked.",
    interrupted: "This was cut off.",
  } satisfies Partial<Record<JobState, string>>,

  tray: {
    backUp: (name: string) => `Back up ${name} now`,
    running: (name: string) => `${name} is being backed up`,
    open: "Open Lifeboat",
    quit: "Quit",
  },

  menu: {
    file: "File",
    open: "Open archive…",
    settings: "Settings…",
    go: "Go",
    back: "Back",
    forward: "Forward",
    home: "Home",
    backups: "Backups",
    activity: "Activity",
    documentation: "PostgreSQL: backup and restore",
  },
} as const;
