/**
 * Draws resources/icons/*.png from lifeboat.svg with Chromium, and packs them into lifeboat.ico and lifeboat.icns, which
 * are nothing but a table over PNG files. Run by hand after the drawing has changed: node resources/make-icons.mjs
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "@playwright/test";

const folder = join(import.meta.dirname, "icons");
const sizes = [16, 24, 32, 48, 64, 128, 256, 512, 1024];
const svg = readFileSync(join(folder, "lifeboat.svg")).toString("base64");
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
    pictures.set(size, await draw(page, size));
  }
} finally {
  await browser.close();
}
for (const [size, png] of pictures) writeFileSync(join(folder, `${size}x${size}.png`), png);
writeFileSync(join(folder, "lifeboat.ico"), packIco([16, 24, 32, 48, 64, 128, 256]));
writeFileSync(join(folder, "lifeboat.icns"), packIcns());

async function draw(page, size) {
  await page.setViewportSize({ width: size, height: size });
  const source = `data:image/svg+xml;base64,${svg}`;
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
