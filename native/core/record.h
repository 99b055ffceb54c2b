#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "bytes.h"

namespace qdtls {

// RFC 6347 section 4.1
enum class ContentType : std::uint8_t { kChangeCipherSpec = 20, kAlert = 21, kHandshake = 22, kApplicationData = 23 };

constexpr std::uint8_t kDtlsMajor = 0xfe;

// A cursor over foreign bytes in network order: a read past the end fails once and for all, and gives zeros.
class Reader final {
 public:
  explicit Reader(ByteView bytes) : rest_(bytes) {}

  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] std::size_t remaining() const { return rest_.size(); }

  [[nodiscard]] std::uint64_t number(std::size_t width) {
    const ByteView bytes = take(width);
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) value = value << 8 | bytes[i];
    return value;
  }

  [[nodiscard]] ByteView take(std::size_t count) {
    if (!ok_ || count > rest_.size()) {
      ok_ = false;
      return {};
    }
    const ByteView head = rest_.subview(0, count);
    rest_ = rest_.subview(count, rest_.size() - count);
    return head;
  }

  // A field that is preceded by its length in `width` bytes.
  [[nodiscard]] ByteView takeCounted(std::size_t width) { return take(number(width)); }

 private:
  ByteView rest_;
  bool ok_ = true;
};

struct RecordHeader final {
  static constexpr std::size_t kSize = 13;

  // `bytes` hold kSize bytes or more. Without a Reader: every record comes through here.
  explicit RecordHeader(ByteView bytes)
      : type(bytes[0]), major(bytes[1]), epoch(static_cast<std::uint16_t>(bytes[3] << 8 | bytes[4])),
        sequence(sequenceOf(bytes)), length(lengthOf(bytes)) {}

  static std::size_t lengthOf(ByteView bytes) { return static_cast<std::size_t>(bytes[11]) << 8 | bytes[12]; }
  // Written out, for compilers to make two loads of it.
  static std::uint64_t sequenceOf(ByteView bytes) {
    const std::uint8_t* at = bytes.data() + 5;
    return std::uint64_t{at[0]} << 40 | std::uint64_t{at[1]} << 32 | std::uint64_t{at[2]} << 24 |
           std::uint64_t{at[3]} << 16 | std::uint64_t{at[4]} << 8 | std::uint64_t{at[5]};
  }

  [[nodiscard]] bool is(ContentType content) const { return type == static_cast<std::uint8_t>(content); }

  std::uint8_t type;
  std::uint8_t major;
  std::uint16_t epoch;
  std::uint64_t sequence;  // 48 bits
  std::size_t length;      // of what follows the header
};

// A handshake message, or a part of one. RFC 6347 section 4.2.2
struct HandshakeFragment final {
  std::uint8_t type;
  std::size_t length;  // of the whole message
  std::uint16_t message_sequence;
  std::size_t offset;
  ByteView body;
};

// Takes the next fragment off a handshake record's content; nothing at its end, or when it does not add up.
[[nodiscard]] inline std::optional<HandshakeFragment> takeFragment(Reader& content) {
  HandshakeFragment fragment{};
  fragment.type = static_cast<std::uint8_t>(content.number(1));
  fragment.length = content.number(3);
  fragment.message_sequence = static_cast<std::uint16_t>(content.number(2));
  fragment.offset = content.number(3);
  fragment.body = content.takeCounted(3);
  if (!content.ok() || fragment.offset + fragment.body.size() > fragment.length) return std::nullopt;
  return fragment;
}

}  // namespace qdtls
