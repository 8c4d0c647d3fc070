/** What the tests in TypeScript use of electron-stand-in.mjs. */
interface Emitter {
  emit(name: string, ...values: unknown[]): boolean;
  removeAllListeners(): void;
}

/** What was told to it. */
export const told: {
  hasQuit: boolean;
  readonly notifications: (Emitter & { readonly options: { readonly title: string; readonly body: string } })[];
};
export const answers: { openDialog: string[]; messageBox: number };
export const app: Emitter & { quit(): void };
export class BrowserWindow {
  constructor(options: object);
  focused: boolean;
  readonly progress: number | null;
  readonly isShown: boolean;
  show(): void;
  /** @returns whether it closed */
  close(): boolean;
}
