#pragma once

#include <vector>

#include "core/bytes.h"
#include "input.h"

namespace qdtls::fuzzing {

// A datagram of an attacker's making: bytes, a record or a handshake message with any field wrong,
// or something made of what was seen. `seen` are genuine datagrams, the newest last.
[[nodiscard]] Bytes forge(Input& input, const std::vector<Bytes>& seen);

// Whether no record of a datagram is an unencrypted handshake message: those DTLS cannot tell from
// genuine ones.
[[nodiscard]] bool hasNoPlainMessage(ByteView datagram);

}  // namespace qdtls::fuzzing
