#include "client_hello.h"

#include "record.h"

namespace qdtls {
namespace {

constexpr auto kHandshakeRecord = static_cast<std::uint8_t>(ContentType::kHandshake);
constexpr std::uint8_t kDtls10Minor = 0xff;
constexpr std::uint8_t kClientHelloMessage = 1;
constexpr std::uint8_t kHelloVerifyRequestMessage = 3;
constexpr std::uint16_t kLastInitialMessageSequence = 1;
constexpr std::size_t kVersionAndRandom = 2 + 32;

void appendNumber(Bytes& out, std::uint64_t value, std::size_t width) {
  for (std::size_t i = width; i-- > 0;) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

}  // namespace

std::optional<ClientHello> parseClientHello(ByteView datagram) {
  if (datagram.size() < RecordHeader::kSize) return std::nullopt;
  const RecordHeader header(datagram);
  if (!header.is(ContentType::kHandshake) || header.major != kDtlsMajor || header.epoch != 0 ||
      header.length > datagram.size() - RecordHeader::kSize) {
    return std::nullopt;
  }
  Reader content(datagram.subview(RecordHeader::kSize, header.length));
  const auto fragment = takeFragment(content);
  if (!fragment || content.remaining() != 0 || fragment->type != kClientHelloMessage || fragment->offset != 0 ||
      fragment->message_sequence > kLastInitialMessageSequence) {
    return std::nullopt;
  }

  ClientHello hello{};
  hello.record_sequence = header.sequence;
  hello.message_sequence = fragment->message_sequence;
  Reader message(fragment->body);
  const ByteView version_and_random = message.take(kVersionAndRandom);
  static_cast<void>(message.takeCounted(1));  // session id
  hello.cookie = message.takeCounted(1);
  if (!message.ok() || version_and_random[0] != kDtlsMajor) return std::nullopt;
  hello.random = version_and_random.subview(2, kVersionAndRandom - 2);
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
