#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "bytes.h"
#include "handshake_limits.h"
#include "openssl_ptr.h"
#include "record.h"
#include "statistics.h"

namespace qdtls {

// Why a record had no effect.
enum class Drop : std::size_t {
  kMalformed,             // a header cut off, a length that does not add up, a fragment outside its message
  kUnknownType,           // no content type of DTLS, or one that cannot stand in its epoch
  kVersion,               // no version of DTLS
  kTooShort,              // cannot hold the nonce and tag of its cipher suite
  kOldEpoch,              // not encrypted, after the change to encryption
  kFutureEpoch,           // of an epoch that cannot have begun
  kOverLimit,             // more than HandshakeLimits allow
  kUnauthenticatedAlert,  // an alert that nobody signed
  kRenegotiation,         // asks for a renegotiation after one was refused
  kReplayed,              // a record that was received before, or is too old to tell
  kUndecryptable,         // a record that was not sealed with the key of this association
  kCount,
};

// Stands before every byte that OpenSSL reads, and lets one record pass at a time: what is due next depends on what the
// record before it (in the same datagram) did. What comes too early is kept until it is due. It drops only what no correct peer sends and what OpenSSL would ignore.
//
// Why it must be: a record shorter than nonce and tag ends the association on OpenSSL before 3.0.23, 3.4.8, 3.5.9,
// 3.6.5 and 4.0.3 (CVE-2026-75806) instead of being dropped in silence (RFC 6347 section 4.1.2.7), and early records
// are parked by the hundred (CVE-2026-54874).
class RecordGuard final {
 public:
  using Counters = std::array<std::uint64_t, static_cast<std::size_t>(Drop::kCount)>;

  explicit RecordGuard(Statistics& statistics) : statistics_(statistics) {}
  RecordGuard(const RecordGuard&) = delete;
  RecordGuard& operator=(const RecordGuard&) = delete;

  void attach(const SSL* ssl) { ssl_ = ssl; }
  void setLimits(const HandshakeLimits& limits) { limits_ = limits; }

  // Takes the next record that may pass off the front of `datagram`; empty when there is none left.
  [[nodiscard]] ByteView next(ByteView& datagram);

  // The same for what nearly every datagram to an established association is: one record of data. False, and nothing is
  // decided, for any other. `shortest_data_` is known when next() has let such a record pass.
  [[nodiscard]] bool passesAsData(ByteView datagram) {
    if (datagram.size() < RecordHeader::kSize || shortest_data_ == 0) return false;
    const std::uint8_t* at = datagram.data();  // not a RecordHeader: compilers put it together in memory, and wait for that
    const std::size_t length = RecordHeader::lengthOf(datagram);
    const bool is_ordinary = at[0] == static_cast<std::uint8_t>(ContentType::kApplicationData) && at[1] == kDtlsMajor &&
                             at[3] == 0 && at[4] == 1 && RecordHeader::kSize + length == datagram.size() &&
                             length >= shortest_data_ && length <= kMaximumFragment;
    if (!is_ordinary || is_unjudged_ || !early_.empty() || !early_record_.empty()) return false;
    asks_for_renegotiation_ = false;
    is_unjudged_ = true;
    unjudged_sequence_ = RecordHeader::sequenceOf(datagram);
    return true;
  }

  // Whether records are kept that were not due yet.
  [[nodiscard]] bool hasEarly() const { return !early_.empty(); }

  // Whether OpenSSL accepted the encrypted record passed last: what it does not accept it drops without a word. Accepted
  // are data that was read, an alert that was told, and a message of the handshake that was answered or ended it.
  void accepted() {
    if (is_unjudged_) accept();
  }
  void settle() {
    if (is_unjudged_) reject();
  }

  [[nodiscard]] const Counters& dropped() const { return dropped_; }
  // Description of the last alert that was not obeyed; -1 if there was none.
  [[nodiscard]] int ignoredAlert() const { return ignored_alert_; }

 private:
  static constexpr std::size_t kMaximumFragment = (1 << 14) + 2048;  // RFC 5246 section 6.2.3
  static constexpr std::size_t kMaximumMessages = 16;  // of one side's handshake
  static constexpr std::size_t kMaximumEarlyRecords = 32;

  [[nodiscard]] bool admits(const RecordHeader& header, ByteView record);
  [[nodiscard]] bool admitsPlain(const RecordHeader& header, ByteView content);
  [[nodiscard]] bool admitsEncrypted(const RecordHeader& header, ByteView record);
  [[nodiscard]] bool admitsData(const RecordHeader& header);
  [[nodiscard]] bool isDue(const RecordHeader& header) const;
  [[nodiscard]] bool isAhead(ByteView record) const;
  void forgetAhead();
  [[nodiscard]] bool keep(ByteView record);
  [[nodiscard]] bool takeEarly();
  [[nodiscard]] bool isLateRequest(const RecordHeader& header, const SSL_CIPHER* cipher) const;
  [[nodiscard]] bool admitsAlert(ByteView content);
  [[nodiscard]] bool isForUs(std::uint8_t message) const;
  [[nodiscard]] bool admitsMessages(ByteView content);
  void accept();
  void reject();
  [[nodiscard]] bool drop(Drop reason);
  [[nodiscard]] bool isReplay(std::uint64_t sequence) const;

  Statistics& statistics_;
  const SSL* ssl_ = nullptr;
  HandshakeLimits limits_;
  Counters dropped_{};
  int ignored_alert_ = -1;
  std::size_t shortest_data_ = 0;  // of an established association; 0: not asked yet
  bool may_ask_for_renegotiation_ = true;
  bool asks_for_renegotiation_ = false;  // the record passed last
  std::vector<Bytes> early_;  // records that are not due yet
  std::size_t early_bytes_ = 0;
  Bytes early_record_;  // the one of them that passed last
  std::array<std::optional<std::uint32_t>, kMaximumMessages> message_sizes_{};  // as claimed, by message_seq
  // Of encrypted records: the one passed last and not yet judged, and the window of those accepted (RFC 6347
  // section 4.1.2.6), kept to tell a replay from a forgery in the counters.
  bool is_unjudged_ = false;
  std::uint64_t unjudged_sequence_ = 0;
  std::uint64_t newest_sequence_ = 0;
  std::uint64_t window_ = 0;  // bit n: newest_sequence_ - n
};

}  // namespace qdtls
