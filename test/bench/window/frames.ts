import type { Page } from "@playwright/test";

/** What of a page's frames a person sees. */
export interface Frames {
  readonly perSecond: number;
  /** The longest time between two of them. */
  readonly slowestMs: number;
}

/** Counts the frames of a page while something is done in it. */
export async function framesDuring(page: Page, work: () => Promise<unknown>): Promise<Frames> {
  const counter = await page.evaluateHandle(() => {
    const times: number[] = [];
    let isOver = false;
    const tick = (now: number) => {
      times.push(now);
      if (!isOver) requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
    const stop = () => {
      isOver = true;
      return times;
    };
    return { stop };
  });
  await work();
  const times = await counter.evaluate(({ stop }) => stop());
  await counter.dispose();
  const gaps = times.slice(1).map((time, index) => time - (times[index] ?? time));
  return { perSecond: (gaps.length / ((times.at(-1) ?? 0) - (times[0] ?? 0))) * 1000, slowestMs: Math.max(...gaps) };
}

/** Turns the wheel over an element, down and back up again, at about 430 rows a second. */
export async function wheelOver(page: Page, selector: string, pixels: number): Promise<void> {
  const box = await page.locator(selector).boundingBox();
  if (box === null) throw new Error(`${selector} is not to be seen`);
  const session = await page.context().newCDPSession(page);
  // oxlint-disable-next-line no-await-in-loop -- down, then up
  for (const yDistance of [-pixels, pixels])
    await session.send("Input.synthesizeScrollGesture", {
      x: box.x + box.width / 2,
      y: box.y + box.height / 2,
      yDistance,
      speed: 12_000,
      gestureSourceType: "mouse",
    });
  await session.detach();
}

/** Drags the scrollbar's thumb: each frame shows rows that the last one did not. */
export async function dragThumb(page: Page, selector: string, frames: number): Promise<void> {
  await page.locator(selector).evaluate(
    (scroller, count) =>
      new Promise<void>((resolve) => {
        const most = scroller.scrollHeight - scroller.clientHeight;
        let frame = 0;
        const step = () => {
          scroller.scrollTop = (most * frame) / count;
          frame += 1;
          if (frame <= count) requestAnimationFrame(step);
          else resolve();
        };
        requestAnimationFrame(step);
      }),
    frames,
  );
}
