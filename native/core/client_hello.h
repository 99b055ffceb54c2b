#pragma once

#include <cstdint>
#include <optional>

#include "bytes.h"

namespace qdtls {

// What a stranger's first datagram says, read without OpenSSL and without allocating.
// The views point into the datagram.
struct ClientHello final {
  std::uint64_t record_sequence = 0;   // 48 bits
  std::uint16_t message_sequence = 0;  // 0 without a cookie, 1 as the answer to a HelloVerifyRequest
  ByteView random;
  ByteView cookie;                     // empty when there is none
};

// Reads the first record of a datagram as an unencrypted ClientHello. A first fragment will do if it holds the whole
// cookie (large hellos are split), later fragments will not. What follows the cookie is not looked at: OpenSSL checks
// it once the cookie has proved the address. Nothing when the datagram is anything else.
// Rules as in OpenSSL's DTLSv1_listen(), and the version in the body must be DTLS; layout: RFC 6347 sections 4.1, 4.2.2 and 4.2.1.
[[nodiscard]] std::optional<ClientHello> parseClientHello(ByteView datagram);

// The HelloVerifyRequest that answers `hello` (RFC 6347 section 4.2.1): version 0xfeff in record and body, the
// record sequence number of the hello so that no state is kept, message_seq 0.
[[nodiscard]] Bytes makeHelloVerifyRequest(const ClientHello& hello, ByteView cookie);

}  // namespace qdtls
