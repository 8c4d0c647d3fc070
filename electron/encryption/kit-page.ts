import { renderSVG } from "uqr";
import { kitSteps, type RecoveryKit } from "./recovery-kit.ts";

/** The kit as a page to print: self-contained, no scripts, and the encrypted key as a code to scan. */
export function writeKitPage(kit: RecoveryKit): string {
  const wrapped = kit.wrapped.trim();
  // The browser must fetch nothing for a page with a key on it, encrypted or not.
  const policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";
  const code = renderSVG(`${wrapped}\n`, { ecc: "M", border: 4 }).replace(
    "<svg ",
    '<svg role="img" aria-label="The encrypted key" ',
  );
  const steps = kitSteps.map(({ say, run }) => `<li>${escape(say)}<pre>${escape(run)}</pre></li>`).join("\n");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>Lifeboat recovery kit: ${escape(kit.name)}</title>
<style>
body { font: 11pt/1.4 system-ui, sans-serif; color: #000; background: #fff; max-width: 18cm; margin: 1cm auto; padding: 0 1cm; }
h1 { font-size: 18pt; margin: 0 0 4mm; }
dl { display: grid; grid-template-columns: 3cm 1fr; gap: 1mm 4mm; }
dt { font-weight: 600; }
dd { margin: 0; overflow-wrap: anywhere; }
pre { font: 9pt/1.3 ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere; margin: 1mm 0 2mm; }
svg { width: 9cm; height: 9cm; display: block; }
section { break-inside: avoid; }
</style>
</head>
<body>
<h1>Lifeboat recovery kit</h1>
<dl>
<dt>Key</dt><dd>${escape(kit.name)}</dd>
<dt>Recipient</dt><dd>${escape(kit.recipient)}</dd>
<dt>Kit made</dt><dd>${escape(kit.madeAt)}</dd>
</dl>
<p>With this page and its passphrase every backup encrypted for this key can be opened. Without either, and without the
keychain of the machine that made the key, nobody can: the data is lost. Keep it away from that machine and from the
backups. Do not write the passphrase on it.</p>
<section>
<h2>The key, encrypted under the passphrase</h2>
${code}
<pre>${escape(wrapped)}</pre>
</section>
<section>
<h2>With Lifeboat, on any machine</h2>
<pre>lifeboat key import THIS-FILE</pre>
<h2>Without Lifeboat</h2>
<ol>
${steps}
</ol>
</section>
</body>
</html>
`;
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
