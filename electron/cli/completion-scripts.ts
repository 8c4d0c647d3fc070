import type { CompletionOption, CompletionPoint } from "./completion-words.ts";

/**
 * The script for bash 3.2 and newer. Bash hands over the words of the line, split at `=` too; the script walks them to
 * find the command it is in, then offers the value of the option before, options, or commands. Files are bash's default.
 */
export function bashCompletion(points: readonly CompletionPoint[]): string {
  return `# bash completion for lifeboat: eval "$(lifeboat completion bash)"
_lifeboat() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}" at="" words="" index
  COMPREPLY=()
  if [[ "$cur" == "=" ]]; then cur=""; elif [[ "$prev" == "=" ]]; then prev="\${COMP_WORDS[COMP_CWORD-2]}"; fi
  for ((index = 1; index < COMP_CWORD; index++)); do
    case "$at \${COMP_WORDS[index]}" in
      ${pathPatterns(points)}) at="\${at:+$at }\${COMP_WORDS[index]}" ;;
    esac
  done
  case "$at|$prev" in
${valueCases(points, {
  words: (values) => `words=${quote(values.join(" "))}`,
  profiles: `words="$(lifeboat completion profiles 2>/dev/null)"`,
  files: "return",
})}
    *)
      if [[ "$cur" == -* ]]; then
        case "$at" in
${points.map((point) => `          ${quote(point.path)}) words=${quote(optionNames(point).join(" "))} ;;`).join("\n")}
        esac
      else
        case "$at" in
${points.map((point) => `          ${quote(point.path)}) words=${quote(plainWords(point).join(" "))} ;;`).join("\n")}
        esac
      fi ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o default -F _lifeboat lifeboat`;
}

/** The script for zsh, for eval after compinit or as a file _lifeboat in fpath. */
export function zshCompletion(points: readonly CompletionPoint[]): string {
  return `#compdef lifeboat
# zsh completion for lifeboat: eval "$(lifeboat completion zsh)"
_lifeboat() {
  local cur="\${words[CURRENT]}" prev="\${words[CURRENT-1]}" at="" index
  local -a found
  if [[ "$cur" == --*=* ]]; then prev="\${cur%%=*}"; compset -P '*='; fi
  for (( index = 2; index < CURRENT; index++ )); do
    case "$at \${words[index]}" in
      (${pathPatterns(points)}) at="\${at:+$at }\${words[index]}" ;;
    esac
  done
  case "$at|$prev" in
${valueCases(points, {
  words: (values) => `found=(${values.map(quote).join(" ")}); compadd -a found`,
  profiles: 'found=(${(f)"$(lifeboat completion profiles 2>/dev/null)"}); compadd -a found; _files',
  files: "_files",
})}
    (*)
      if [[ "$cur" == -* ]]; then
        case "$at" in
${points.map((point) => `          (${quote(point.path)}) found=(${described(optionPairs(point))}) ;;`).join("\n")}
        esac
        _describe -o option found
      else
        case "$at" in
${points.map((point) => `          (${quote(point.path)}) found=(${described(plainPairs(point))}) ;;`).join("\n")}
        esac
        if (( \${#found} )); then _describe command found; else _files; fi
      fi ;;
  esac
}
if [[ "\${funcstack[1]}" == _lifeboat ]]; then _lifeboat "$@"; else compdef _lifeboat lifeboat; fi`;
}

/** `" backup"|" jobs"|"jobs cancel"`: the place one is at and the next word, where that leads into a command. */
function pathPatterns(points: readonly CompletionPoint[]): string {
  const steps = points.filter(({ path }) => path !== "").map(({ path }) => (path.includes(" ") ? path : ` ${path}`));
  return steps.map(quote).join("|");
}

function valueCases(
  points: readonly CompletionPoint[],
  write: { words(values: readonly string[]): string; profiles: string; files: string },
): string {
  const cases = points.flatMap((point) =>
    point.options.flatMap((option) => {
      const action = valueAction(option.value, write);
      const patterns = option.names.map((name) => quote(`${point.path}|${name}`)).join("|");
      return action === null ? [] : [`    ${patterns})\n      ${action} ;;`];
    }),
  );
  return cases.join("\n");
}

function valueAction(
  value: CompletionOption["value"],
  write: { words(values: readonly string[]): string; profiles: string; files: string },
): string | null {
  if (value === "none") return null;
  if (value === "file") return write.files;
  return value === "profile" ? write.profiles : write.words(value);
}

function optionNames(point: CompletionPoint): string[] {
  return point.options.flatMap((option) => option.names);
}

function plainWords(point: CompletionPoint): string[] {
  return [...point.commands.map(({ name }) => name), ...point.values];
}

function optionPairs(point: CompletionPoint): [string, string][] {
  return point.options.flatMap(({ names, summary }) => names.map((name): [string, string] => [name, summary]));
}

function plainPairs(point: CompletionPoint): [string, string][] {
  return [
    ...point.commands.map(({ name, summary }): [string, string] => [name, summary]),
    ...point.values.map((value): [string, string] => [value, ""]),
  ];
}

function described(pairs: readonly (readonly [string, string])[]): string {
  return pairs.map(([name, summary]) => quote(summary === "" ? name : `${name}:${summary}`)).join(" ");
}

/** Text as one word of a shell, whatever is in it. */
function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
