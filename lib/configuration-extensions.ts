import { change, dataOf } from './configuration-data';
import { ConfigurationResumption } from './configuration-resumption';
import { checkArrayOf, checkString } from './internal/arguments';

/** What a QSslConfiguration can do beyond Qt's. */
export abstract class ConfigurationExtensions extends ConfigurationResumption {
  /** The SRTP profiles offered or accepted, best first. Extension. Source: RFC 5764 section 4.1.1 */
  srtpProfiles(): string[] {
    return [...dataOf(this).srtpProfiles];
  }

  /**
   * Sets the profiles of DTLS-SRTP, best first, by OpenSSL's names ("SRTP_AES128_CM_SHA1_80", "SRTP_AEAD_AES_128_GCM"
   * ...); an empty array turns DTLS-SRTP off. A client offers them and a server chooses by its own order; what was
   * agreed on tells `QDtls.srtpProfile()`. Without a common profile the handshake goes on all the same. An unknown name
   * fails the start of the handshake (TlsInitializationError). Extension.
   *
   * @throws TypeError - unless it is an array of strings.
   * Source: RFC 5764 section 4.1.2, SSL_CTX_set_tlsext_use_srtp
   */
  setSrtpProfiles(profiles: readonly string[]): void {
    change(this, { srtpProfiles: checkArrayOf(profiles, checkString, 'profiles') });
  }
}
