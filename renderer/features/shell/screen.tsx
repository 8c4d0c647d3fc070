import { ChevronRight, Search } from "lucide-react";
import { type ReactNode, useEffect } from "react";
import { classNames } from "../../components/class-names.ts";
import { IconButton } from "../../components/icon-button.tsx";
import { Kbd } from "../../components/kbd.tsx";
import { Visible } from "../../components/visible.tsx";
import { OpenDumpButton } from "./open-dump.tsx";
import { setPaletteOpen } from "./palette-door.ts";
import { formatRoute, type Route } from "./router.ts";
import styles from "./screen.module.css";
import { texts } from "./texts.ts";

export interface ScreenProps {
  /** The heading and the window's title. */
  readonly title: string;
  /** What the screen lies in, outermost first. */
  readonly crumbs?: readonly { readonly label: string; readonly to: Route }[];
  /** Badges below the title. */
  readonly below?: ReactNode;
  /** The screen's own actions, in place of the wide search and "Open a dump file…". */
  readonly actions?: ReactNode;
  /** No space around the content and no scrolling of it: it is made of panes that do so themselves. */
  readonly flush?: boolean;
  readonly children: ReactNode;
}

/** The frame of every screen: the head with title, search and actions, and the content below. */
export function Screen({ title, crumbs = [], below, actions, flush = false, children }: ScreenProps) {
  useEffect(() => {
    document.title = `${title} · Lifeboat`;
  }, [title]);

  return (
    <>
      <header className={classNames(styles.head, below !== undefined && styles.tall)}>
        <div className={styles.titles}>
          <div className={styles.line}>
            {crumbs.map(({ label, to }) => (
              <span key={label} className={styles.crumb}>
                <a href={formatRoute(to)}>
                  <Visible text={label} limit={28} />
                </a>
                <ChevronRight aria-hidden />
              </span>
            ))}
            <h1 className={styles.title} tabIndex={-1}>
              <Visible text={title} limit={48} />
            </h1>
          </div>
          {below === undefined ? null : <div className={styles.below}>{below}</div>}
        </div>
        {actions === undefined ? (
          <>
            <button type="button" className={styles.search} onClick={() => setPaletteOpen(true)}>
              <Search aria-hidden />
              <span>{texts.search}</span>
              <Kbd keys="Ctrl K" />
            </button>
            <OpenDumpButton />
          </>
        ) : (
          <>
            <IconButton label={texts.search} shortcut="Ctrl K" onClick={() => setPaletteOpen(true)}>
              <Search aria-hidden />
            </IconButton>
            {actions}
          </>
        )}
      </header>
      <div className={flush ? styles.flush : styles.body}>{children}</div>
    </>
  );
}
