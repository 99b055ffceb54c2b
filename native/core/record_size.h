#pragma once

#include <cstddef>
#include <cstdint>

#include "openssl_ptr.h"

namespace qdtls {

// Bytes that the content of an encrypted record has at least: explicit nonce and tag (RFC 5288, RFC 6655, RFC 7905). 1 for
// CBC, which has no such length: see Context's setPolicy().
[[nodiscard]] std::size_t shortestFragment(const SSL_CIPHER* cipher);

// Bytes that each record adds to its plaintext, header included; 0 for a suite that pads, where that depends on the plaintext.
[[nodiscard]] std::uint16_t fixedOverhead(const SSL_CIPHER* cipher);

// Bytes of the record, header included, that holds this many bytes of plaintext.
[[nodiscard]] std::size_t sealedSize(const SSL_CIPHER* cipher, std::size_t plaintext);

}  // namespace qdtls
