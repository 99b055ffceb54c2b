import type { X509Certificate } from 'node:crypto';
import type { NameAttribute, X509Fields } from './x509-fields';

// Values are shown as JSON strings: a line break in a name cannot imitate another line.
function nameText(attributes: readonly NameAttribute[]): string {
  return attributes.map(({ type, value }) => `${type}=${JSON.stringify(value)}`).join(', ');
}

function timeText(time: Date | null): string {
  return time?.toISOString() ?? 'malformed';
}

/** A description of a certificate for people to read, one property per line. */
export function certificateText(x509: X509Certificate, fields: X509Fields): string {
  const names = fields.alternativeNames.map(({ kind, value }) => `${kind}:${JSON.stringify(value)}`);
  const lines = [
    'Certificate:',
    `  Version: ${fields.version}`,
    `  Serial number: ${fields.serialNumber}`,
    `  Issuer: ${nameText(fields.issuer)}`,
    `  Subject: ${nameText(fields.subject)}`,
    `  Valid from: ${timeText(fields.notBefore)}`,
    `  Valid until: ${timeText(fields.notAfter)}`,
    `  Certificate authority: ${x509.ca ? 'yes' : 'no'}`,
    `  Alternative names: ${names.length > 0 ? names.join(', ') : 'none'}`,
    `  SHA-256 fingerprint: ${x509.fingerprint256.toLowerCase()}`,
  ];
  return `${lines.join('\n')}\n`;
}
