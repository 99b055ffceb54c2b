import { opensslVersion } from '../../lib';

/** Whether the tests run on the OpenSSL of Node 20 and 22; later ones answer some questions differently. */
export const isOpenSsl30 = opensslVersion().startsWith('OpenSSL 3.0.');
