#include "record_guard.h"

#include <openssl/objects.h>

#include <string_view>
#include <utility>

#include "cipher_list.h"

namespace qdtls {
namespace {

constexpr std::size_t kHeaderSize = 13;                        // RFC 6347 section 4.1
constexpr std::size_t kMaximumFragment = (1 << 14) + 2048;     // RFC 5246 section 6.2.3
constexpr std::uint8_t kDtlsMajor = 0xfe;

enum ContentType : std::uint8_t { kChangeCipherSpec = 20, kAlert = 21, kHandshake = 22, kApplicationData = 23 };

enum class Reading { kPlain, kEncrypted };

// After the peer's ChangeCipherSpec, OpenSSL reads epoch 1. There is no third epoch: renegotiation is off.
// The state is asked for by name: the numbers of OSSL_HANDSHAKE_STATE differ between the OpenSSL we were built with and
// the one inside another version of Node.
Reading readingOf(const SSL* ssl) {
  if (SSL_is_init_finished(ssl) != 0) return Reading::kEncrypted;
  const std::string_view state = SSL_state_string(ssl);
  const bool has_changed = state == "TRCCS" || state == "TRFIN";  // read change cipher spec, read finished
  return has_changed ? Reading::kEncrypted : Reading::kPlain;
}

// Explicit nonce and tag (RFC 5288, RFC 6655, RFC 7905). CBC has no such length: see Context's setPolicy().
std::size_t shortestFragment(const SSL_CIPHER* cipher) {
  if (SSL_CIPHER_is_aead(cipher) == 0) return 1;
  const std::size_t nonce = SSL_CIPHER_get_cipher_nid(cipher) == NID_chacha20_poly1305 ? 0 : 8;
  return nonce + (isCcm8(cipher) ? 8 : 16);
}

}  // namespace

struct RecordGuard::Header final {
  explicit Header(ByteView bytes)
      : type(bytes[0]),
        major(bytes[1]),
        epoch(static_cast<std::uint16_t>(bytes[3] << 8 | bytes[4])),
        fragment(static_cast<std::size_t>(bytes[11]) << 8 | bytes[12]) {}

  std::uint8_t type;
  std::uint8_t major;
  std::uint16_t epoch;
  std::size_t fragment;
};

ByteView RecordGuard::next(ByteView& datagram) {
  while (!datagram.empty()) {
    const std::size_t available = datagram.size();
    const std::size_t size = available < kHeaderSize ? 0 : kHeaderSize + Header(datagram).fragment;
    if (size == 0 || size > available) {
      datagram = ByteView();  // nothing behind it can be found
      static_cast<void>(drop(Drop::kMalformed));
      break;
    }
    const ByteView record = datagram.subview(0, size);
    datagram = datagram.subview(size, available - size);
    if (admits(Header(record))) return record;
  }
  return {};
}

bool RecordGuard::admits(const Header& header) {
  if (header.type < kChangeCipherSpec || header.type > kApplicationData) return drop(Drop::kUnknownType);
  if (header.major != kDtlsMajor) return drop(Drop::kVersion);
  if (header.fragment == 0 || header.fragment > kMaximumFragment) return drop(Drop::kMalformed);
  if (header.epoch != 0) return admitsEncrypted(header);
  if (readingOf(ssl_) == Reading::kEncrypted) return drop(Drop::kOldEpoch);
  return header.type != kApplicationData || drop(Drop::kUnknownType);
}

bool RecordGuard::admitsEncrypted(const Header& header) {
  const bool is_early = readingOf(ssl_) == Reading::kPlain;
  const SSL_CIPHER* cipher = is_early ? SSL_get_pending_cipher(ssl_) : SSL_get_current_cipher(ssl_);
  if (header.epoch > 1 || cipher == nullptr) return drop(Drop::kFutureEpoch);
  if (header.fragment < shortestFragment(cipher)) return drop(Drop::kTooShort);
  if (!is_early) return header.type != kHandshake || admitsLateHandshake(header, cipher);

  if (parked_records_ == kMaximumParkedRecords || parked_bytes_ + header.fragment > kMaximumParkedBytes) {
    return drop(Drop::kFutureEpoch);
  }
  parked_records_ += 1;
  parked_bytes_ += header.fragment;
  return true;
}

// OpenSSL refuses one renegotiation. It then keeps counting the peer's handshake messages from there, takes the next
// request for an old message and is stuck in half a handshake, so that one is ignored (RFC 5246 section 7.4.1.1 allows
// it). The peer's Finished passes, for OpenSSL answers its repetition: only AEAD shows by its length what it is.
bool RecordGuard::admitsLateHandshake(const Header& header, const SSL_CIPHER* cipher) {
  constexpr std::size_t kFinished = 12 + 12;  // message header and verify_data
  if (SSL_is_init_finished(ssl_) == 0 || SSL_CIPHER_is_aead(cipher) == 0) return true;
  if (header.fragment == shortestFragment(cipher) + kFinished) return true;
  return std::exchange(may_ask_for_renegotiation_, false) || drop(Drop::kRenegotiation);
}

bool RecordGuard::drop(Drop reason) {
  dropped_[static_cast<std::size_t>(reason)] += 1;
  return false;
}

}  // namespace qdtls
