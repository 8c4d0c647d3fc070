/**
 * Of those that a backup is encrypted for, the keys of age: their identities open it, prove who wrote it, and have recovery
 * kits. What gpg encrypts for, named by a fingerprint, is in the keyring of gpg, which is for its owner to keep.
 */
export function ageRecipients(recipients: readonly string[]): readonly string[] {
  return recipients.filter((recipient) => !/^[0-9A-F]{40,}$/i.test(recipient));
}
