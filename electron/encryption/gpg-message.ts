/** How an ASCII-armoured message begins (RFC 9580, section 6.2). */
const armour = "-----BEGIN PGP MESSAGE-----";

const publicKeyPacket = 1;
const symmetricKeyPacket = 3;

/** Public-key algorithms that encrypt: RSA (two of them), Elgamal, ECDH, X25519, X448; and what gpg knows as Kyber. */
const encrypting = new Set([1, 2, 8, 16, 18, 25, 26]);

/** Ways to make a key of a passphrase: simple, salted, iterated, Argon2 (RFC 9580, section 3.7.1). */
const passphraseToKey = new Set([0, 1, 3, 4]);

/**
 * Whether these first 32 bytes are those of a message that is encrypted with OpenPGP: armoured, or a packet with a session
 * key, for a public key or under a passphrase (RFC 9580, sections 4.2, 5.1 and 5.3; version 5 of the latter is GnuPG's own,
 * g10/parse-packet.c). Version and algorithms are looked at too: damaged files begin with anything.
 */
export function isGpgMessage(start: Uint8Array): boolean {
  if (Buffer.from(start.subarray(0, armour.length)).toString("latin1") === armour) return true;
  const packet = readPacketStart(start);
  if (packet === null) return false;
  const body = start.subarray(packet.bodyAt);
  if (packet.tag === publicKeyPacket) return isForPublicKey(body);
  return packet.tag === symmetricKeyPacket && isUnderPassphrase(body);
}

function isForPublicKey(body: Uint8Array): boolean {
  const [version, second = 0, keyVersion] = body;
  if (version === 3) return encrypting.has(body[9] ?? 0);
  // The key's version and fingerprint, or neither: the recipient may be left out.
  if (version !== 6 || !(second === 0 || (second === 21 && keyVersion === 4) || (second === 33 && keyVersion === 6)))
    return false;
  const algorithm = body[2 + second];
  return algorithm === undefined || encrypting.has(algorithm);
}

function isUnderPassphrase(body: Uint8Array): boolean {
  const [version] = body;
  if (version === 4) return isCipher(body[1]) && passphraseToKey.has(body[2] ?? 255);
  if (version === 5) return isCipher(body[1]) && isAead(body[2]) && passphraseToKey.has(body[3] ?? 255);
  // Two lengths more: of all that follows up to the key, and of how the key is made.
  return version === 6 && isCipher(body[2]) && isAead(body[3]) && passphraseToKey.has(body[5] ?? 255);
}

function isCipher(id = 0): boolean {
  return id >= 1 && id <= 13;
}

function isAead(id = 0): boolean {
  return id >= 1 && id <= 3;
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
