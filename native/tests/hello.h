#pragma once

#include <cstdint>

#include "core/bytes.h"

namespace qdtls::testing {

// A ClientHello datagram, field by field, each of which can be made wrong.
struct HelloDraft final {
  std::uint8_t record_type = 22;
  std::uint8_t record_major = 0xfe;
  std::uint8_t record_minor = 0xff;
  std::uint16_t epoch = 0;
  std::uint64_t record_sequence = 0;
  int record_length_error = 0;  // added to the true value, as are the other errors
  std::uint8_t message_type = 1;
  int message_length_error = 0;
  std::uint16_t message_sequence = 0;
  std::uint32_t fragment_offset = 0;
  int fragment_length_error = 0;
  std::uint8_t version_major = 0xfe;
  std::uint8_t version_minor = 0xfd;
  Bytes session_id;
  int session_id_length_error = 0;
  Bytes cookie;
  int cookie_length_error = 0;
  Bytes tail = {0, 2, 0xc0, 0x2b, 1, 0};  // one cipher suite, no compression

  [[nodiscard]] Bytes encode() const;
};

}  // namespace qdtls::testing
