import type { Job, Progress } from "../../shared/job/job.ts";
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatNumberOf,
  formatPercent,
  formatRate,
} from "../../shared/text/format.ts";
import { visibleText } from "../../shared/text/visible-text.ts";
import { paint, type Style } from "./style.ts";
import { cutMiddle } from "./table.ts";
import { loadTextWidth } from "./text-width.ts";

/** auto: a bar where stderr is a terminal, else nothing. */
export type ProgressMode = "auto" | "json" | "silent";

/** Shows how a job goes on. */
export interface ProgressReporter {
  /** Takes the job's record after a change; shows nothing twice by itself. */
  update(job: Job): void;
  /** Leaves the terminal clean: the lines of the bar are gone. Safe to call again. */
  end(): void;
  /** Writes something else on the same terminal: the bar is taken away, and drawn again below what was written. */
  interrupt(write: () => void): void;
}

interface ErrorScreen {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** Makes the reporter that a mode and a stream call for. */
export function createProgressReporter(
  screen: ErrorScreen,
  mode: ProgressMode,
  looks: { readonly colour: boolean; readonly dumb: boolean },
): ProgressReporter {
  if (mode === "json") return new EventReporter(screen);
  if (mode === "silent" || !screen.isTTY || looks.dumb) return silentReporter;
  return new BarReporter(screen, looks.colour);
}

const silentReporter: ProgressReporter = {
  update() {},
  end() {},
  interrupt: (write) => write(),
};

/** One JSON event a line: `{"event":"job","jobId":…,"kind":…,"state":…,"step":…,"progress":…}`, `error` when it failed. */
class EventReporter implements ProgressReporter {
  readonly #screen: ErrorScreen;

  constructor(screen: ErrorScreen) {
    this.#screen = screen;
  }

  update(job: Job): void {
    const event = {
      event: "job",
      jobId: job.id,
      kind: job.kind,
      state: job.state,
      step: currentStep(job),
      progress: job.progress,
      ...(job.error === null ? {} : { error: job.error }),
    };
    this.#screen.write(`${JSON.stringify(event)}\n`);
  }

  end(): void {}

  interrupt(write: () => void): void {
    write();
  }
}

/** Two lines at the bottom of the terminal, redrawn in one write each time so that nothing flickers. */
class BarReporter implements ProgressReporter {
  readonly #screen: ErrorScreen;
  readonly #colour: boolean;
  #job: Job | null = null;
  #drawnLines = 0;
  #ended = false;
  /** Keeps the elapsed time moving while nothing is reported, so that a quiet job does not look dead. */
  #tick: NodeJS.Timeout | null = null;

  constructor(screen: ErrorScreen, colour: boolean) {
    this.#screen = screen;
    this.#colour = colour;
    // Names that are not ASCII are measured by characters until this has come, a moment later.
    void loadTextWidth();
  }

  update(job: Job): void {
    if (this.#ended) return;
    this.#job = job;
    this.#tick ??= setInterval(() => this.#draw(), 1000).unref();
    this.#draw();
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    if (this.#tick !== null) clearInterval(this.#tick);
    const erase = this.#erase();
    if (erase !== "") this.#screen.write(erase);
  }

  interrupt(write: () => void): void {
    const erase = this.#erase();
    if (erase !== "") this.#screen.write(erase);
    write();
    if (!this.#ended) this.#draw();
  }

  #draw(): void {
    if (this.#job === null) return;
    // One column is left free: a full line would wrap, and the way back up would miss.
    const width = (this.#screen.columns ?? 80) - 1;
    const lines = describeProgress(this.#job, width, Date.now(), (style, text) =>
      this.#colour ? paint(style, text) : text,
    );
    const back = this.#drawnLines > 1 ? `\u001b[${this.#drawnLines - 1}A\r` : "\r";
    const text = lines.map((line) => `${line}\u001b[K`).join("\n");
    this.#screen.write(`${this.#drawnLines > 0 ? back : ""}${text}\u001b[J`);
    this.#drawnLines = lines.length;
  }

  /** The codes that remove the drawn lines and leave the cursor where they began. */
  #erase(): string {
    const lines = this.#drawnLines;
    this.#drawnLines = 0;
    if (lines === 0) return "";
    return `${lines > 1 ? `\u001b[${lines - 1}A` : ""}\r\u001b[J`;
  }
}

/** The lines for a job's progress, each at most `width` columns: what is happening, and how far it is. */
export function describeProgress(
  job: Job,
  width: number,
  nowMs: number,
  styled: (style: Style, text: string) => string,
): string[] {
  const elapsed = job.startedAt === null ? "" : formatDuration(wholeSeconds(nowMs - Date.parse(job.startedAt)));
  const state = job.state === "cancelling" ? "cancelling" : currentStep(job);
  const subject = [job.title, state, itemText(job.progress)].filter((part) => part !== null && part !== "");
  const room = width - elapsed.length - 2;
  const withTime = elapsed !== "" && room >= 10;
  const head = cutMiddle(visibleText(subject.join(" · ")), withTime ? room : width);
  const first = withTime ? `${head}  ${styled("dim", elapsed)}` : head;
  if (job.progress === null) return [first];
  return [
    first,
    job.progress.kind === "measured" ? bar(job.progress, width, styled) : cutMiddle(counters(job.progress), width),
  ];
}

function bar(
  progress: Extract<Progress, { kind: "measured" }>,
  width: number,
  styled: (style: Style, text: string) => string,
): string {
  const { done, total, unit } = progress;
  const amount = (value: number) => (unit === "bytes" ? formatBytes(value) : formatCount(value));
  const unitName = unit === "bytes" ? "" : ` ${unit}`;
  const parts = [
    formatPercent(done, total).padStart(5),
    `${amount(done)} of ${progress.exact ? "" : "about "}${amount(total)}${unitName}`,
    ...rateAndRest(progress),
  ];
  const tail = cutMiddle(parts.join("  "), width);
  const room = Math.min(30, width - tail.length - 2);
  if (room < 5) return tail;
  const filled = total > 0 ? Math.floor(Math.min(1, done / total) * room) : 0;
  return `${styled("accent", "█".repeat(filled))}${styled("dim", "░".repeat(room - filled))}  ${tail}`;
}

function rateAndRest(progress: Extract<Progress, { kind: "measured" }>): string[] {
  const { ratePerSecond, remainingMs, unit } = progress;
  const isDone = progress.done >= progress.total;
  const rate = ratePerSecond ?? 0;
  const rateText = unit === "bytes" ? formatRate(rate) : `${formatCount(Math.round(rate))} ${unit}/s`;
  return [
    ...(ratePerSecond === null ? [] : [rateText]),
    ...(remainingMs === null || isDone ? [] : [`${formatDuration(wholeSeconds(remainingMs))} left`]),
  ];
}

/** What was done, without a claim about the end. */
function counters(progress: Extract<Progress, { kind: "unmeasured" }>): string {
  const rows = progress.rows > 0 ? [formatNumberOf(progress.rows, "row")] : [];
  return [formatBytes(progress.bytes), ...rows].join("  ");
}

function itemText(progress: Progress | null): string | null {
  const item = progress?.current ?? null;
  if (item === null) return null;
  if (item.bytes !== null && item.totalBytes !== null && item.totalBytes > 0)
    return `${item.label} ${formatPercent(item.bytes, item.totalBytes)}`;
  return item.rows === null ? item.label : `${item.label} (${formatNumberOf(item.rows, "row")})`;
}

function currentStep(job: Job): string | null {
  const last = job.steps.at(-1);
  return last === undefined || last.endedAt !== null ? null : last.name;
}

function wholeSeconds(ms: number): number {
  return Math.max(1000, Math.round(ms / 1000) * 1000);
}
