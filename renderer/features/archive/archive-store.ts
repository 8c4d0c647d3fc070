import { createStore } from "zustand/vanilla";
import type { ArgsOf, MethodName, ResultOf } from "../../../shared/contract/methods.ts";
import type { ArchiveView, EntryColumns, ExplainedEntry } from "../../../shared/contract/views.ts";
import { AppError, type ErrorValue, toErrorValue } from "../../../shared/error/app-error.ts";
import type { Client } from "../../client/client.ts";
import { createStoreHook, perClient } from "../../stores/store-hook.ts";
import { keepTicks, readTicks } from "./kept-ticks.ts";
import { chosenEntries, everythingSelected, noSelection, type Selection } from "./model/selection.ts";
import { buildTree, type NodeIndex, type TreeModel } from "./model/tree-model.ts";
import { listRows, type TreeRows, unfoldedAtFirst, unfoldTo } from "./model/tree-rows.ts";
import { createTreeSearch, type TreeMatches, type TreeSearch } from "./model/tree-search.ts";

/** An archive as it lies open. */
export interface OpenedArchive {
  readonly view: ArchiveView;
  readonly columns: EntryColumns;
  readonly tree: TreeModel;
  readonly search: TreeSearch;
}

/** What the ticked objects bring along, and what may be wanted with them. */
export interface Closure {
  readonly added: readonly ExplainedEntry[];
  readonly offered: readonly ExplainedEntry[];
  readonly warnings: readonly string[];
}

export interface ArchiveState {
  /** Of the archive that is open or being opened; null before the first. */
  readonly path: string | null;
  readonly opened: OpenedArchive | null;
  readonly error: ErrorValue | null;
  readonly query: string;
  readonly matches: TreeMatches | null;
  readonly unfolded: ReadonlySet<NodeIndex>;
  /** Nodes folded or unfolded against what a search shows; new with each search. */
  readonly toggledInSearch: ReadonlySet<NodeIndex>;
  /** What of the tree is to be seen. Listed here and not while rendering: it takes a frame where there are 100,000. */
  readonly rows: TreeRows;
  readonly selection: Selection;
  /** null: nothing is ticked, or the answer is on its way. */
  readonly closure: Closure | null;
  readonly closureError: ErrorValue | null;
  /** Dump IDs that were offered and not wanted. */
  readonly declined: ReadonlySet<number>;
}

const noRows: TreeRows = { nodes: new Int32Array(0), position: new Int32Array(0), siblings: new Int32Array(0) };
const nothing: ArchiveState = {
  path: null,
  opened: null,
  error: null,
  query: "",
  matches: null,
  unfolded: new Set(),
  toggledInSearch: new Set(),
  rows: noRows,
  selection: { ticked: new Int32Array(0) },
  closure: null,
  closureError: null,
  declined: new Set(),
};

/** Long enough that a series of clicks is asked about once. */
const CLOSURE_DELAY_MS = 120;

/** Two frames: the letter is there before the work begins. */
const SEARCH_DELAY_MS = 30;

/** What opens an encrypted archive. */
type ArchiveSecret = Omit<ArgsOf<"archive.open">, "path">;

type ArchiveMethod = Extract<MethodName, `archive.${string}`>;
type WithoutHandle<N extends ArchiveMethod> = Omit<ArgsOf<N>, "handle">;

/** The one archive that is open in this window, with what is folded, searched and ticked in it. */
export function createArchiveStore(client: Client) {
  const store = createStore<ArchiveState>(() => nothing);
  /** Archives that are to come up with everything ticked. */
  const wholeOnes = new Set<string>();
  let opening: Promise<OpenedArchive> | null = null;
  let searchTimer: ReturnType<typeof setTimeout> | undefined;
  let closureTimer: ReturnType<typeof setTimeout> | undefined;
  let closureRound = 0;

  async function load(path: string, secret: ArchiveSecret): Promise<OpenedArchive> {
    const view = await client.invoke("archive.open", { path, ...secret });
    const columns = await client.invoke("archive.entries", { handle: view.handle });
    const tree = buildTree(columns);
    return { view, columns, tree, search: createTreeSearch(tree) };
  }

  /**
   * Opens an archive unless it is the open one; what was open before is closed.
   * @param secret of one that is encrypted; it goes with this request and is kept nowhere here
   */
  async function open(path: string, secret: ArchiveSecret = {}): Promise<void> {
    const { path: before, opened, error } = store.getState();
    if (before === path && error === null) {
      if (opened !== null) tickWhole(path);
      return;
    }
    closeQuietly(opened);
    closureRound += 1;
    store.setState({ ...nothing, path });
    const mine = load(path, secret);
    opening = mine;
    try {
      const done = await mine;
      if (opening !== mine) return closeQuietly(done);
      store.setState({ opened: done, selection: noSelection(done.tree) });
      show({ unfolded: unfoldedAtFirst(done.tree) });
      const kept = readTicks(done);
      if (kept !== null) select(kept);
      tickWhole(path);
    } catch (thrown) {
      if (opening === mine) store.setState({ error: toErrorValue(thrown) });
    }
  }

  function tickWhole(path: string): void {
    const { opened } = store.getState();
    if (wholeOnes.delete(path) && opened !== null) select(everythingSelected(opened.tree));
  }

  function closeQuietly(opened: OpenedArchive | null): void {
    if (opened !== null) client.invoke("archive.close", { handle: opened.view.handle }).catch(() => {});
  }

  /** Asks about the open archive. Where the services have let go of it (they were started anew), it is opened again. */
  async function ask<N extends ArchiveMethod>(method: N, args: WithoutHandle<N>): Promise<ResultOf<N>> {
    const { opened, path } = store.getState();
    if (opened === null || path === null) throw new AppError("archive.notOpen", "The archive is not open.");
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the arguments with the handle they were without
    const askWith = (handle: string) => client.invoke(method, { ...args, handle } as ArgsOf<N>);
    try {
      return await askWith(opened.view.handle);
    } catch (thrown) {
      if (!(thrown instanceof AppError) || thrown.code !== "archive.notOpen") throw thrown;
      const view = await reopen(path, opened);
      return askWith(view.handle);
    }
  }

  let reopening: Promise<ArchiveView> | null = null;
  async function reopen(path: string, before: OpenedArchive): Promise<ArchiveView> {
    const current = store.getState().opened;
    if (current !== null && current !== before) return current.view;
    reopening ??= client.invoke("archive.open", { path }).finally(() => {
      reopening = null;
    });
    const view = await reopening;
    const { sizeBytes, createdAt, entryCount } = before.view;
    if (view.sizeBytes !== sizeBytes || view.createdAt !== createdAt || view.entryCount !== entryCount)
      throw new AppError("archive.notOpen", "The file is another one than before.");
    if (store.getState().opened === before) store.setState({ opened: { ...before, view } });
    return view;
  }

  function show(change: Partial<Pick<ArchiveState, "query" | "matches" | "unfolded" | "toggledInSearch">>): void {
    const next = { ...store.getState(), ...change };
    if (next.opened === null) return;
    const folds = next.matches === null ? next.unfolded : next.toggledInSearch;
    store.setState({ ...change, rows: listRows(next.opened.tree, folds, next.matches) });
  }

  /** What is typed shows at once; the search runs after it has been painted, so that typing never waits for it. */
  function search(query: string): void {
    store.setState({ query });
    clearTimeout(searchTimer);
    searchTimer = setTimeout(searchNow, SEARCH_DELAY_MS);
  }

  function searchNow(): void {
    clearTimeout(searchTimer);
    const { opened, query, matches } = store.getState();
    if (opened === null) return;
    const found = opened.search.find(query);
    if (found?.query !== matches?.query) show({ matches: found, toggledInSearch: new Set() });
  }

  function fold(node: NodeIndex): void {
    const { matches, unfolded, toggledInSearch } = store.getState();
    if (matches === null) show({ unfolded: toggled(unfolded, node) });
    else show({ toggledInSearch: toggled(toggledInSearch, node) });
  }

  function reveal(node: NodeIndex): void {
    const { opened, unfolded, matches } = store.getState();
    if (opened === null) return;
    const shown = { unfolded: unfoldTo(opened.tree, unfolded, node) };
    const isHidden = matches !== null && (matches.marks[node] ?? 0) === 0;
    show(isHidden ? { ...shown, query: "", matches: null } : shown);
  }

  function select(selection: Selection): void {
    store.setState({ selection, closure: null, closureError: null });
    clearTimeout(closureTimer);
    closureRound += 1;
    const round = closureRound;
    closureTimer = setTimeout(() => void fetchClosure(round), CLOSURE_DELAY_MS);
  }

  async function fetchClosure(round: number): Promise<void> {
    const { opened, selection } = store.getState();
    if (opened === null) return;
    keepTicks(opened, selection);
    const choice = chosenEntries(opened.tree, selection);
    if (choice === null) return;
    if (choice.kind === "everything") {
      store.setState({ closure: { added: [], offered: [], warnings: [] } });
      return;
    }
    try {
      const closure = await ask("archive.closure", { choice });
      if (round === closureRound) store.setState({ closure });
    } catch (thrown) {
      if (round === closureRound) store.setState({ closureError: toErrorValue(thrown) });
    }
  }

  function decline(dumpIds: readonly number[]): void {
    store.setState(({ declined }) => ({ declined: new Set([...declined, ...dumpIds]) }));
  }

  /** The next time this archive is opened, everything in it is ticked. */
  function openWhole(path: string): void {
    wholeOnes.add(path);
  }

  return Object.assign(store, { open, ask, search, searchNow, fold, reveal, select, decline, openWhole });
}

function toggled(nodes: ReadonlySet<NodeIndex>, node: NodeIndex): Set<NodeIndex> {
  const next = new Set(nodes);
  if (!next.delete(node)) next.add(node);
  return next;
}

/** The store with its actions. */
export const archiveStoreOf = perClient(createArchiveStore);
/** Its state, followed. */
export const useArchive = createStoreHook<ArchiveState>(archiveStoreOf);
