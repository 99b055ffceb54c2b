/**
 * The decoded blocks of one label in a PEM text (RFC 7468), in order. Text around the blocks, blocks
 * of other labels and blocks without an END line are passed over.
 */
export function pemBlocks(text: Uint8Array, label: string): Buffer[] {
  const [, ...parts] = Buffer.from(text).toString('latin1').split(`-----BEGIN ${label}-----`);
  const blocks: Buffer[] = [];
  for (const part of parts) {
    const end = part.indexOf(`-----END ${label}-----`);
    if (end >= 0) blocks.push(Buffer.from(part.slice(0, end), 'base64'));
  }
  return blocks;
}

/** The PEM text of one block, in lines of 64 characters, ending in a newline. */
export function pemText(der: Uint8Array, label: string): string {
  const lines = Buffer.from(der).toString('base64').match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}
