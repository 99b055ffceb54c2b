import type { OpensslPeer } from './openssl';

/** RFC 5764 section 4.2. */
export const SRTP_LABEL = 'EXTRACTOR-dtls_srtp';
/** Bytes: two keys of 16 and two salts of 14, for the profile SRTP_CM. */
export const SRTP_KEYS = 60;
export const SRTP_CM = 'SRTP_AES128_CM_SHA1_80';
export const SRTP_GCM = 'SRTP_AEAD_AES_128_GCM';

/** Makes the command export its keys and print them. */
export const exporting = ['-keymatexport', SRTP_LABEL, '-keymatexportlen', String(SRTP_KEYS)];

/** What the command exported, in the bytes it printed. */
export async function exportedBy(command: OpensslPeer): Promise<string> {
  const [, keys = ''] = await command.waitFor(/Keying material: ([0-9A-F]+)\s/);
  return keys.toLowerCase();
}
