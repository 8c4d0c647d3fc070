import type { Page } from "@playwright/test";

/** What a page said that it should not have. */
export interface PageWatch {
  /** Console errors, uncaught exceptions and violations of the content security policy. */
  readonly complaints: string[];
  /** Complaints of this kind are part of the story that is told. */
  allow(pattern: RegExp): void;
}

/** Listens to a page from its first moment. */
export async function watchPage(page: Page): Promise<PageWatch> {
  const complaints: string[] = [];
  const allowed: RegExp[] = [];
  const complain = (text: string) => {
    if (!allowed.some((pattern) => pattern.test(text))) complaints.push(text);
  };
  page.on("console", (message) => {
    if (message.type() === "error") complain(`console: ${message.text()} (${message.location().url})`);
  });
  page.on("pageerror", (error) => complain(`exception: ${error.stack ?? error.message}`));
  await page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) => {
      // oxlint-disable-next-line no-console -- the way out of the page
      console.error(
        `CSP: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber} ${event.sample}`,
      );
    });
  });
  return { complaints, allow: (pattern) => allowed.push(pattern) };
}
