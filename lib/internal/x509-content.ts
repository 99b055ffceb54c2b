import { X509Certificate } from 'node:crypto';
import { concatenatedDer } from './der';
import { pemBlocks, pemText } from './pem';
import type { X509Fields } from './x509-fields';
import { readX509Fields } from './x509-fields';

/**
 * A certificate in its two readings: our own fields at once, and node:crypto's object, which takes five
 * times as long to make, when it is asked for.
 */
export class X509Content {
  readonly der: Buffer;
  readonly fields: X509Fields;
  #x509: X509Certificate | null | undefined;

  constructor(der: Buffer, fields: X509Fields) {
    this.der = der;
    this.fields = fields;
  }

  /** Null if OpenSSL cannot decode the certificate. */
  get x509(): X509Certificate | null {
    if (this.#x509 === undefined) this.#x509 = this.#decode();
    return this.#x509;
  }

  #decode(): X509Certificate | null {
    try {
      // Not the DER itself: X509Certificate looks for PEM first, and would find one hidden in an extension.
      const x509 = new X509Certificate(pemText(this.der, 'CERTIFICATE'));
      return x509.raw.equals(this.der) ? x509 : null;
    } catch {
      return null;
    }
  }
}

/** Reads one DER certificate; null if it is not DER. Whether OpenSSL takes it shows in `x509`. */
export function readX509Content(der: Buffer): X509Content | null {
  const fields = readX509Fields(der);
  return fields === null ? null : new X509Content(der, fields);
}

function decodable(encodings: readonly Buffer[]): X509Content[] {
  const contents = encodings.map(readX509Content).filter((content) => content !== null);
  return contents.filter((content) => content.x509 !== null);
}

/** The certificates in a PEM text, in order; other blocks and broken ones are passed over. */
export function x509ContentsOfPem(text: Uint8Array): X509Content[] {
  return decodable(pemBlocks(text, 'CERTIFICATE').flatMap((block) => concatenatedDer(block).slice(0, 1)));
}

/** The certificates in encodings that stand one after the other, in order. */
export function x509ContentsOfDer(bytes: Uint8Array): X509Content[] {
  return decodable(concatenatedDer(bytes));
}
