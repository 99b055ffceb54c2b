#include "hello.h"

namespace qdtls::testing {
namespace {

void append(Bytes& out, std::uint64_t value, int width) {
  for (int shift = 8 * (width - 1); shift >= 0; shift -= 8)
    out.push_back(static_cast<std::uint8_t>(value >> shift));
}

void append(Bytes& out, ByteView bytes) {
  out.insert(out.end(), bytes.data(), bytes.data() + bytes.size());
}

}  // namespace

Bytes HelloDraft::encode() const {
  Bytes body = {version_major, version_minor};
  body.insert(body.end(), 32, 0x5a);  // random
  append(body, session_id.size() + static_cast<std::size_t>(session_id_length_error), 1);
  append(body, session_id);
  append(body, cookie.size() + static_cast<std::size_t>(cookie_length_error), 1);
  append(body, cookie);
  append(body, tail);

  Bytes message = {message_type};
  append(message, body.size() + static_cast<std::size_t>(message_length_error), 3);
  append(message, message_sequence, 2);
  append(message, fragment_offset, 3);
  append(message, body.size() + static_cast<std::size_t>(fragment_length_error), 3);
  append(message, body);

  Bytes record = {record_type, record_major, record_minor};
  append(record, epoch, 2);
  append(record, record_sequence, 6);
  append(record, message.size() + static_cast<std::size_t>(record_length_error), 2);
  append(record, message);
  return record;
}

}  // namespace qdtls::testing
