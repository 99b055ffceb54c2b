#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "bytes.h"
#include "openssl_ptr.h"

namespace qdtls {

// Why a record never reached OpenSSL.
enum class Drop : std::size_t {
  kMalformed,    // a header cut off, or a length that does not add up
  kUnknownType,  // no content type of DTLS, or one that cannot stand in its epoch
  kVersion,      // no version of DTLS
  kTooShort,     // cannot hold the nonce and tag of its cipher suite
  kOldEpoch,     // not encrypted, after the change to encryption
  kFutureEpoch,  // of an epoch that cannot have begun, or more early records than are kept
  kRenegotiation,  // asks for a renegotiation after one was refused
  kCount,
};

// Stands before every byte that OpenSSL reads, and lets one record pass at a time: what is due next depends on what the
// record before it (in the same datagram) did. It drops only what no correct peer sends and what OpenSSL would ignore.
//
// Why it must be: a record shorter than nonce and tag ends the association on OpenSSL before 3.0.23, 3.4.8, 3.5.9,
// 3.6.5 and 4.0.3 (CVE-2026-75806) instead of being dropped in silence (RFC 6347 section 4.1.2.7), and records of the
// next epoch are parked by the hundred (CVE-2026-54874).
class RecordGuard final {
 public:
  using Counters = std::array<std::uint64_t, static_cast<std::size_t>(Drop::kCount)>;

  // Early records of the next epoch that are let through to be parked by OpenSSL: a reordered flight and some data.
  static constexpr std::size_t kMaximumParkedRecords = 32;
  static constexpr std::size_t kMaximumParkedBytes = 32 * 1024;

  RecordGuard() = default;
  RecordGuard(const RecordGuard&) = delete;
  RecordGuard& operator=(const RecordGuard&) = delete;

  void attach(const SSL* ssl) { ssl_ = ssl; }

  // Takes the next record that may pass off the front of `datagram`; empty when there is none left.
  [[nodiscard]] ByteView next(ByteView& datagram);

  [[nodiscard]] const Counters& dropped() const { return dropped_; }

 private:
  struct Header;

  [[nodiscard]] bool admits(const Header& header);
  [[nodiscard]] bool admitsEncrypted(const Header& header);
  [[nodiscard]] bool admitsLateHandshake(const Header& header, const SSL_CIPHER* cipher);
  [[nodiscard]] bool drop(Drop reason);

  const SSL* ssl_ = nullptr;
  Counters dropped_{};
  std::size_t parked_records_ = 0;
  std::size_t parked_bytes_ = 0;
  bool may_ask_for_renegotiation_ = true;
};

}  // namespace qdtls
