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

struct Record final {
  std::uint8_t type = kHandshake;
  std::uint16_t epoch = 0;
  std::uint64_t sequence = 0;
  Bytes fragment;
  std::uint8_t minor = 0xfd;  // of the version: 1.2

  [[nodiscard]] Bytes encode() const;
};

// The records of a datagram; what is cut off at its end is left out.
[[nodiscard]] std::vector<Record> recordsOf(ByteView datagram);

[[nodiscard]] Bytes joined(const std::vector<Bytes>& datagrams);

}  // namespace qdtls::testing
