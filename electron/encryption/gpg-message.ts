/** How an ASCII-armoured message begins (RFC 9580, section 6.2). */
const armour = "-----BEGIN PGP MESSAGE-----";

const publicKeyPacket = 1;
const symmetricKeyPacket = 3;

/** Public-key algorithms that encrypt: RSA (two of them), Elgamal, ECDH, X25519, X448; and what gpg knows as Kyber. */
const encrypting = new Set([1, 2, 8, 16, 18, 25, 26]);

/**
 * Whether these first 32 bytes are those of a message that is encrypted with OpenPGP: armoured, or a packet with a session
 * key, for a public key or under a passphrase (RFC 9580, sections 4.2, 5.1 and 5.3).
 */
export function isGpgMessage(start: Uint8Array): boolean {
  if (Buffer.from(start.subarray(0, armour.length)).toString("latin1") === armour) return true;
  const packet = readPacketStart(start);
  if (packet === null) return false;
  const [version = 0] = start.subarray(packet.bodyAt);
  if (packet.tag === publicKeyPacket)
    return version === 3 ? encrypting.has(start[packet.bodyAt + 9] ?? 0) : version === 6;
  if (packet.tag !== symmetricKeyPacket) return false;
  if (version !== 4) return version === 5 || version === 6;
  const [cipher = 0, s2k = 255] = start.subarray(packet.bodyAt + 1);
  return cipher >= 1 && cipher <= 13 && [0, 1, 3, 4].includes(s2k);
}

/** A packet's kind, and where behind its length its body begins; null where it is none, or longer than a session key. */
function readPacketStart(bytes: Uint8Array): { tag: number; bodyAt: number } | null {
  const [first = 0, length = 0] = bytes;
  if ((first & 0x80) === 0) return null;
  if ((first & 0x40) === 0) {
    const lengthBytes = [1, 2][first & 3];
    return lengthBytes === undefined ? null : { tag: (first >> 2) & 15, bodyAt: 1 + lengthBytes };
  }
  const tag = first & 63;
  if (length < 192) return { tag, bodyAt: 2 };
  return length < 224 ? { tag, bodyAt: 3 } : null;
}
