#include "client_hello.h"

namespace qdtls {
namespace {

constexpr std::uint8_t kHandshakeRecord = 22;
constexpr std::uint8_t kDtlsMajor = 0xfe;
constexpr std::uint8_t kDtls10Minor = 0xff;
constexpr std::uint8_t kClientHelloMessage = 1;
constexpr std::uint8_t kHelloVerifyRequestMessage = 3;
constexpr std::uint16_t kLastInitialMessageSequence = 1;
constexpr std::size_t kVersionAndRandom = 2 + 32;

// A cursor over foreign bytes: reads past the end fail once and for all, and give zeros.
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

  [[nodiscard]] ByteView takeCounted() { return take(number(1)); }

 private:
  ByteView rest_;
  bool ok_ = true;
};

void appendNumber(Bytes& out, std::uint64_t value, std::size_t width) {
  for (std::size_t i = width; i-- > 0;) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

}  // namespace

std::optional<ClientHello> parseClientHello(ByteView datagram) {
  Reader record(datagram);
  if (record.number(1) != kHandshakeRecord) return std::nullopt;
  if (record.number(1) != kDtlsMajor) return std::nullopt;
  static_cast<void>(record.number(1));  // minor version: clients differ, OpenSSL accepts any
  if (record.number(2) != 0) return std::nullopt;  // epoch

  ClientHello hello{};
  hello.record_sequence = record.number(6);
  Reader message(record.take(record.number(2)));
  if (!record.ok()) return std::nullopt;

  if (message.number(1) != kClientHelloMessage) return std::nullopt;
  const auto length = message.number(3);
  hello.message_sequence = static_cast<std::uint16_t>(message.number(2));
  const auto fragment_offset = message.number(3);
  const auto fragment_length = message.number(3);
  if (!message.ok() || hello.message_sequence > kLastInitialMessageSequence || fragment_offset != 0 ||
      fragment_length > length || fragment_length != message.remaining()) {
    return std::nullopt;
  }

  const ByteView version_and_random = message.take(kVersionAndRandom);
  static_cast<void>(message.takeCounted());  // session id
  hello.cookie = message.takeCounted();
  if (!message.ok() || version_and_random[0] != kDtlsMajor) return std::nullopt;
  return hello;
}

Bytes makeHelloVerifyRequest(const ClientHello& hello, ByteView cookie) {
  const std::size_t body = 2 + 1 + cookie.size();
  constexpr std::size_t kMessageHeader = 12;
  Bytes out;
  out.reserve(13 + kMessageHeader + body);
  out.insert(out.end(), {kHandshakeRecord, kDtlsMajor, kDtls10Minor, 0, 0});
  appendNumber(out, hello.record_sequence, 6);
  appendNumber(out, kMessageHeader + body, 2);
  out.push_back(kHelloVerifyRequestMessage);
  appendNumber(out, body, 3);
  appendNumber(out, 0, 2);     // message_seq
  appendNumber(out, 0, 3);     // fragment offset
  appendNumber(out, body, 3);  // fragment length
  out.insert(out.end(), {kDtlsMajor, kDtls10Minor, static_cast<std::uint8_t>(cookie.size())});
  out.insert(out.end(), cookie.data(), cookie.data() + cookie.size());
  return out;
}

}  // namespace qdtls
