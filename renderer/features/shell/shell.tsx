import { lazy, type RefObject, Suspense, useEffect, useRef } from "react";
import { useConnection } from "../../client/client-context.ts";
import { ToneIcon } from "../../components/badge.tsx";
import { hasCommandKey } from "../../components/kbd.tsx";
import { Skeleton } from "../../components/skeleton.tsx";
import { useBackups } from "../../stores/backups.ts";
import { DropTarget } from "./drop-target.tsx";
import { setPaletteOpen, usePaletteOpen } from "./palette-door.ts";
import { Rail } from "./rail.tsx";
import { useRoute } from "./router.ts";
import { ScreenBoundary } from "./screen-boundary.tsx";
import { ScreenOf, warmScreens } from "./screens.tsx";
import styles from "./shell.module.css";
import { texts } from "./texts.ts";

const Palette = lazy(async () => ({ default: (await import("../palette/palette.tsx")).Palette }));

/** The window: rail at the left, the screen of the place at the right. */
export function Shell() {
  const route = useRoute();
  const connection = useConnection();
  const isPaletteOpen = usePaletteOpen();
  const main = useRef<HTMLElement>(null);

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== "k" || !hasCommandKey(event) || event.shiftKey || event.altKey) return;
      event.preventDefault();
      setPaletteOpen(true);
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);

  useFocusAfterMove(main, route.screen);
  useFreshFolder();
  useEffect(() => {
    const idle = requestIdleCallback(() => void warmScreens(), { timeout: 1000 });
    return () => cancelIdleCallback(idle);
  }, []);

  return (
    <div className={route.screen === "first-run" ? styles.bare : styles.app}>
      <a
        className={styles.skip}
        href="#main"
        onClick={(event) => {
          event.preventDefault();
          main.current?.focus();
        }}
      >
        {texts.skip}
      </a>
      {route.screen === "first-run" ? null : <Rail route={route} />}
      <main ref={main} id="main" tabIndex={-1} className={styles.main}>
        {connection === "lost" ? (
          <p className={styles.lost} role="status">
            <ToneIcon tone="warn" />
            {texts.lost}
          </p>
        ) : null}
        <ScreenBoundary key={route.screen}>
          <Suspense fallback={<ScreenSkeleton />}>
            <ScreenOf name={route.screen} fallback={<ScreenSkeleton />} />
          </Suspense>
        </ScreenBoundary>
      </main>
      <DropTarget />
      {isPaletteOpen ? (
        <Suspense>
          <Palette open onOpenChange={setPaletteOpen} />
        </Suspense>
      ) : null}
    </div>
  );
}

function ScreenSkeleton() {
  return (
    <div className={styles.loading}>
      <Skeleton label="Loading" lines={[22, 64, 48, 57]} />
    </div>
  );
}

/** A new screen takes the focus where the element that had it is gone, so that the keyboard does not begin at the top. */
function useFocusAfterMove(main: RefObject<HTMLElement | null>, place: string): void {
  const last = useRef(place);
  useEffect(() => {
    if (last.current === place) return;
    last.current = place;
    if (document.activeElement === document.body || document.activeElement === null) main.current?.focus();
  }, [main, place]);
}

/** Files come and go beside Lifeboat: a person who comes back to the window sees the folder as it is. */
function useFreshFolder(): void {
  const reload = useBackups((state) => state.reload);
  useEffect(() => {
    addEventListener("focus", reload);
    return () => removeEventListener("focus", reload);
  }, [reload]);
}
