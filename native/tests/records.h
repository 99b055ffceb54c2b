#pragma once

#include <cstdint>
#include <vector>

#include "core/bytes.h"

// DTLS 1.2 records, taken apart and put together (RFC 6347 section 4.1).
namespace qdtls::testing {

constexpr std::uint8_t kChangeCipherSpec = 20;
constexpr std::uint8_t kAlert = 21;
constexpr std::uint8_t kHandshake = 22;
constexpr std::uint8_t kApplicationData = 23;

constexpr std::size_t kRecordHeader = 13;

// Handshake messages (RFC 5246 section 7.4)
constexpr std::uint8_t kHelloRequest = 0;
constexpr std::uint8_t kClientHello = 1;
constexpr std::uint8_t kServerHello = 2;
constexpr std::uint8_t kCertificate = 11;
constexpr std::uint8_t kServerKeyExchange = 12;
constexpr std::uint8_t kServerHelloDone = 14;
constexpr std::uint8_t kClientKeyExchange = 16;
constexpr std::uint8_t kFinished = 20;

struct Record final {
  std::uint8_t type = kHandshake;
  std::uint16_t epoch = 0;
  std::uint64_t sequence = 0;
  Bytes fragment;
  std::uint8_t minor = 0xfd;  // of the version: 1.2

  [[nodiscard]] Bytes encode() const;
};

// A handshake message, or a part of one (RFC 6347 section 4.2.2). Nothing has to add up.
struct MessageFragment final {
  std::uint8_t type = kClientHello;
  std::size_t length = 0;  // that it claims, of the whole message
  std::uint16_t message_sequence = 0;
  std::size_t offset = 0;
  Bytes body;

  [[nodiscard]] static MessageFragment whole(std::uint8_t type, std::uint16_t message_sequence,
                                             const Bytes& body) {
    return {type, body.size(), message_sequence, 0, body};
  }

  [[nodiscard]] Bytes encode() const;
  // In a record of its own.
  [[nodiscard]] Bytes record(std::uint64_t record_sequence) const {
    return Record{kHandshake, 0, record_sequence, encode()}.encode();
  }
};

// The messages and parts of messages in an unencrypted handshake record; what does not add up at
// its end is left out.
[[nodiscard]] std::vector<MessageFragment> fragmentsOf(const Record& record);

// The records of a datagram; what is cut off at its end is left out.
[[nodiscard]] std::vector<Record> recordsOf(ByteView datagram);

[[nodiscard]] Bytes joined(const std::vector<Bytes>& datagrams);

}  // namespace qdtls::testing
