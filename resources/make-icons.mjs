/**
 * Draws resources/icons/*.png from lifeboat.svg with Chromium, and packs them into lifeboat.ico and lifeboat.icns, which
 * are nothing but a table over PNG files. Draws the tray's pictures too: a buoy with a sign for each state, which is told by
 * its shape alone, since macOS takes nothing but the shape (-Template). Run by hand after the drawing has changed: node resources/make-icons.mjs
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "@playwright/test";

const folder = join(import.meta.dirname, "icons");
const sizes = [16, 24, 32, 48, 64, 128, 256, 512, 1024];
const svg = readFileSync(join(folder, "lifeboat.svg")).toString("base64");
const trayStates = {
  plain: null,
  protected: { colour: "#1f9d63", sign: "M19.6 24.2l3.1 3.1 5.7-6.3" },
  attention: { colour: "#d98a00", sign: "M24 18.8v5.6M24 28.3v.1" },
  failing: { colour: "#d63a3a", sign: "M20.6 20.6l6.8 6.8M27.4 20.6l-6.8 6.8" },
};
const traySizes = { 16: "", 32: "@2x", 48: "@3x" };
const systemChromium = "/usr/bin/chromium";

const browser = await chromium.launch({
  ...(existsSync(systemChromium) ? { executablePath: systemChromium } : {}),
  args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
});
const pictures = new Map();
try {
  const page = await browser.newPage();
  for (const size of sizes) {
    // oxlint-disable-next-line no-await-in-loop -- one page, one size after another
    pictures.set(size, await draw(page, size, svg));
  }
  for (const [state, badge] of Object.entries(trayStates))
    for (const [size, suffix] of Object.entries(traySizes))
      for (const kind of ["", "-Template"]) {
        const drawing = Buffer.from(trayDrawing(badge, kind !== "")).toString("base64");
        // oxlint-disable-next-line no-await-in-loop -- as above
        const png = await draw(page, Number(size), drawing);
        writeFileSync(join(folder, `tray-${state}${kind}${suffix}.png`), png);
      }
} finally {
  await browser.close();
}
for (const [size, png] of pictures) writeFileSync(join(folder, `${size}x${size}.png`), png);
writeFileSync(join(folder, "lifeboat.ico"), packIco([16, 24, 32, 48, 64, 128, 256]));
writeFileSync(join(folder, "lifeboat.icns"), packIcns());

/** The buoy, cut out around a badge at its corner, whose sign is cut out of it. */
function trayDrawing(badge, isTemplate) {
  const colour = (own) => (isTemplate ? "#000000" : own);
  const buoy = `<circle cx="15" cy="15" r="10" fill="none" stroke-width="7.5" stroke="${colour("#f26419")}" stroke-dasharray="11.7 4" stroke-dashoffset="-2"/>`;
  const cut = badge === null ? "" : '<circle cx="24" cy="24" r="9.6" fill="black"/>';
  const sign =
    badge === null
      ? ""
      : `<mask id="sign"><rect width="32" height="32" fill="white"/><path d="${badge.sign}" fill="none" stroke="black" stroke-width="2.4" stroke-linecap="round" stroke-linejoin="round"/></mask>
         <circle cx="24" cy="24" r="7.9" fill="${colour(badge.colour)}" mask="url(#sign)"/>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><mask id="ring"><rect width="32" height="32" fill="white"/>${cut}</mask>
    <g mask="url(#ring)">${buoy}</g>${sign}</svg>`;
}

async function draw(page, size, drawing) {
  await page.setViewportSize({ width: size, height: size });
  const source = `data:image/svg+xml;base64,${drawing}`;
  await page.setContent(
    `<style>body{margin:0}img{display:block}</style><img src="${source}" width="${size}" height="${size}">`,
  );
  return page.screenshot({ omitBackground: true });
}

/** ICONDIR and ICONDIRENTRY of Microsoft's format; entries may be PNG since Windows Vista. A side of 256 is written as 0. */
function packIco(wanted) {
  const head = Buffer.alloc(6 + wanted.length * 16);
  head.writeUInt16LE(1, 2);
  head.writeUInt16LE(wanted.length, 4);
  let offset = head.length;
  wanted.forEach((size, at) => {
    const entry = 6 + at * 16;
    const { length } = pictures.get(size);
    head.writeUInt8(size % 256, entry);
    head.writeUInt8(size % 256, entry + 1);
    head.writeUInt16LE(1, entry + 4);
    head.writeUInt16LE(32, entry + 6);
    head.writeUInt32LE(length, entry + 8);
    head.writeUInt32LE(offset, entry + 12);
    offset += length;
  });
  return Buffer.concat([head, ...wanted.map((size) => pictures.get(size))]);
}

/** Apple's icns: `icns`, the whole length, then for each picture its type, its length with this head, and the PNG. */
function packIcns() {
  const types = { ic11: 32, ic12: 64, ic07: 128, ic13: 256, ic08: 256, ic14: 512, ic09: 512, ic10: 1024 };
  const parts = Object.entries(types).flatMap(([type, size]) => {
    const png = pictures.get(size);
    return [icnsHead(type, png.length), png];
  });
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return Buffer.concat([icnsHead("icns", length), ...parts]);
}

function icnsHead(type, length) {
  const head = Buffer.alloc(8);
  head.write(type, "latin1");
  head.writeUInt32BE(length + 8, 4);
  return head;
}
