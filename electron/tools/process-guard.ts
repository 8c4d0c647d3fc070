import type { Writable } from "node:stream";

/**
 * Ends the children of a Lifeboat that was killed. Without it, pg_dump's workers go on until their next line of
 * output, which for one large table may be hours away (seen with pg_dump 15 -Fd -j2 -v).
 *
 * A shell waits on a pipe that only this process holds. However this process ends, the pipe ends with it, and the shell
 * then signals the process groups that are still on its list, as a cancel would. It runs a constant text that comes in
 * on stdin; numbers are all it is told. POSIX only.
 */
export const guardScript = `
groups=' '
while read -r verb group <&3; do
  case $verb in
    watch) groups="$groups$group " ;;
    release) groups="\${groups%% $group *} \${groups#* $group }" ;;
  esac
done
signal() {
  left=' '
  for group in $groups; do kill -s "$1" -- "-$group" 2>/dev/null && left="$left$group "; done
  groups=$left
  [ "$groups" = ' ' ] && exit 0
}
signal INT
sleep 3
signal TERM
sleep 7
signal KILL
`;

/** The pipe's other end: one line for each process group that begins or ends. */
export class ProcessGuard {
  readonly #open: () => Writable | null;
  #pipe: Writable | null = null;

  /** @param open starts the shell and gives its protocol pipe (its file descriptor 3); null where it could not */
  constructor(open: () => Writable | null) {
    this.#open = open;
  }

  watch(group: number): void {
    if (this.#pipe === null) {
      const pipe = this.#open();
      // Somebody ended the shell: the next child gets a new one. What ran until then is left to the sweep at start.
      pipe?.on("error", () => {
        if (this.#pipe === pipe) this.#pipe = null;
      });
      this.#pipe = pipe;
    }
    this.#pipe?.write(`watch ${group}\n`);
  }

  release(group: number): void {
    this.#pipe?.write(`release ${group}\n`);
  }
}
