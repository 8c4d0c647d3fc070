import type { Random } from "./random.ts";

const record = 512;
const names = ["toc.dat", "blobs.toc", "../../etc/passwd", "/etc/passwd", "", "restore.sql", "1.dat", "x".repeat(100)];
const sizes = ["00000000000", "77777777777", "00000001000", "-0000000001", "zzzzzzzzzzz", "           "];

/** Changes members of a tar file: what their headers say, with the right checksum, their order, and how often they are there. */
export function mutateTar(bytes: Uint8Array, random: Random): Uint8Array | null {
  const members: Buffer[] = [];
  for (let at = 0; at + record <= bytes.length && bytes[at] !== 0; ) {
    const text = Buffer.from(bytes.subarray(at + 124, at + 135)).toString("latin1");
    const length = /^[0-7]+$/.test(text) ? Number.parseInt(text, 8) : 0;
    const end = at + record + Math.ceil(length / record) * record;
    members.push(Buffer.from(bytes.subarray(at, end)));
    at = end;
  }
  if (members.length < 2) return null;
  const [one, other] = [random.below(members.length), random.below(members.length)];
  switch (random.below(5)) {
    case 0:
      members.splice(one, 1);
      break;
    case 1:
      members.splice(other, 0, members[one]!);
      break;
    case 2:
      [members[one], members[other]] = [members[other]!, members[one]!];
      break;
    default:
      changeHeader(members[one]!, random);
  }
  return Buffer.concat([...members, Buffer.alloc(random.chance(0.8) ? 2 * record : 0)]);
}

function changeHeader(header: Buffer, random: Random): void {
  switch (random.below(4)) {
    case 0:
      header.fill(0, 0, 100).write(random.pick(names), 0, "latin1");
      break;
    case 1:
      header.write(random.pick(sizes), 124, "latin1");
      break;
    case 2:
      // Base-256, as GNU tar writes sizes of 8 GB and more.
      header.fill(random.pick([0, 255]), 125, 136)[124] = 0x80;
      header[135] = random.below(256);
      break;
    default:
      // A link, a device, a folder, a FIFO, an extended header.
      header[156] = random.pick(["1", "2", "3", "4", "5", "6", "x", "L"]).charCodeAt(0);
  }
  header.fill(32, 148, 156);
  const sum = header.subarray(0, record).reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
}
