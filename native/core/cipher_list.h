#pragma once

#include <string>
#include <vector>

#include "openssl_ptr.h"

namespace qdtls {

struct CipherInfo final {
  std::string name;            // OpenSSL's name, as in cipher lists
  std::string standard_name;   // IANA's, such as TLS_PSK_WITH_AES_128_CCM_8
  int used_bits = 0;           // secret bits in use
  int supported_bits = 0;      // bits of the algorithm
  std::string key_exchange;    // "ECDHE", "DHE", "RSA", "PSK", "ECDHE-PSK" ...
  std::string authentication;  // "RSA", "ECDSA", "PSK" ...
  std::string encryption;      // "AES-128-GCM" ...
  bool aead = false;
};

[[nodiscard]] CipherInfo describeCipher(const SSL_CIPHER* cipher);

// Truncated-tag suites (RFC 6655): mandatory for CoAP, refused by OpenSSL's security levels for their 64-bit tag.
[[nodiscard]] bool isCcm8(const SSL_CIPHER* cipher);

// What an OpenSSL cipher list selects for DTLS, in preference order. An empty string selects our default: authenticated
// encryption of 128 bits and more with forward secrecy or a pre-shared key. Empty when the list selects nothing.
[[nodiscard]] std::vector<CipherInfo> listCiphers(const std::string& list);

// The same default as one OpenSSL cipher list.
[[nodiscard]] std::string defaultCipherList();

}  // namespace qdtls
