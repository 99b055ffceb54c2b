#include "record_guard.h"

#include <string_view>
#include <utility>

#include "record_size.h"

namespace qdtls {
namespace {

constexpr std::uint64_t kWindow = 64;

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

// What is sent without encryption once it is clear that a session is resumed (RFC 5077 section 3.1), and what the peer may
// repeat.
bool isForResumed(std::uint8_t message, bool is_server) {
  if (is_server) return message == SSL3_MT_CLIENT_HELLO;
  return message == SSL3_MT_SERVER_HELLO || message == SSL3_MT_NEWSESSION_TICKET;
}

}  // namespace

ByteView RecordGuard::next(ByteView& datagram) {
  settle();
  if (!early_record_.empty()) early_record_ = Bytes();
  if (!early_.empty() && takeEarly()) return early_record_;
  while (datagram.size() >= RecordHeader::kSize) {
    const RecordHeader header(datagram);  // read once: the memory may be shared with another thread
    const std::size_t size = RecordHeader::kSize + header.length;
    if (size > datagram.size()) break;
    const ByteView record = datagram.subview(0, size);
    datagram = datagram.subview(size, datagram.size() - size);
    if (admits(header, record)) return record;
  }
  if (!datagram.empty()) static_cast<void>(drop(Drop::kMalformed));  // nothing behind it can be found
  datagram = ByteView();
  return {};
}

bool RecordGuard::admits(const RecordHeader& header, ByteView record) {
  const bool is_known = header.type >= static_cast<std::uint8_t>(ContentType::kChangeCipherSpec) &&
                        header.type <= static_cast<std::uint8_t>(ContentType::kApplicationData);
  if (!is_known) return drop(Drop::kUnknownType);
  if (header.major != kDtlsMajor) return drop(Drop::kVersion);
  if (header.length == 0 || header.length > kMaximumFragment) return drop(Drop::kMalformed);
  if (header.epoch != 0) return admitsEncrypted(header, record);
  if (isAhead(record)) return keep(record);
  return admitsPlain(header, record.subview(RecordHeader::kSize, header.length));
}

bool RecordGuard::admitsPlain(const RecordHeader& header, ByteView content) {
  if (readingOf(ssl_) == Reading::kEncrypted) return drop(Drop::kOldEpoch);
  switch (static_cast<ContentType>(header.type)) {
    case ContentType::kChangeCipherSpec:
      return (content.size() == 1 && content[0] == 1) || drop(Drop::kMalformed);
    case ContentType::kAlert:
      return admitsAlert(content);
    case ContentType::kHandshake:
      return admitsMessages(content);
    default:
      return drop(Drop::kUnknownType);
  }
}

// Whether a client has this before the server's first message. It may be the rest of a flight that was overtaken, or of a flight
// to whoever had this address before (a client that restarts), which OpenSSL would take for the answer to the hello with
// the cookie.
bool RecordGuard::isAhead(ByteView record) const {
  if (message_sizes_[0] || SSL_is_server(ssl_) != 0 || SSL_is_init_finished(ssl_) != 0) return false;
  if (!RecordHeader(record).is(ContentType::kHandshake)) return false;
  Reader content(record.subview(RecordHeader::kSize, record.size() - RecordHeader::kSize));
  const auto fragment = takeFragment(content);
  return fragment && fragment->message_sequence > 0;
}

// The server asks for a cookie, so that it has sent nothing else yet.
void RecordGuard::forgetAhead() {
  for (auto record = early_.begin(); record != early_.end();) {
    if (RecordHeader(*record).epoch != 0) {
      ++record;
      continue;
    }
    early_bytes_ -= record->size();
    record = early_.erase(record);
    static_cast<void>(drop(Drop::kReplayed));
  }
}

bool RecordGuard::admitsAlert(ByteView content) {
  if (content.size() != 2) return drop(Drop::kMalformed);
  if (limits_.obey_unauthenticated_alerts) return true;
  ignored_alert_ = content[1];
  statistics_.alerts_received.add(content[1]);
  return drop(Drop::kUnauthenticatedAlert);
}

// RFC 5246 section 7.4, RFC 6066 section 8, RFC 4680: what the other role sends without encryption. A HelloRequest may be ignored.
bool RecordGuard::isForUs(std::uint8_t message) const {
  const bool is_server = SSL_is_server(ssl_) != 0;
  if (SSL_session_reused(ssl_) == 1) return isForResumed(message, is_server);
  const bool asks_for_certificate = (SSL_get_verify_mode(ssl_) & SSL_VERIFY_PEER) != 0;
  switch (message) {
    case SSL3_MT_CERTIFICATE:
      return !is_server || asks_for_certificate;
    case SSL3_MT_CERTIFICATE_VERIFY:
      return is_server && asks_for_certificate;
    case SSL3_MT_CLIENT_HELLO:
    case SSL3_MT_CLIENT_KEY_EXCHANGE:
      return is_server;
    case SSL3_MT_SERVER_HELLO:
    case DTLS1_MT_HELLO_VERIFY_REQUEST:
    case SSL3_MT_NEWSESSION_TICKET:
    case SSL3_MT_SERVER_KEY_EXCHANGE:
    case SSL3_MT_CERTIFICATE_REQUEST:
    case SSL3_MT_SERVER_DONE:
    case SSL3_MT_CERTIFICATE_STATUS:
    case SSL3_MT_SUPPLEMENTAL_DATA:
      return !is_server;
    default:
      return false;
  }
}

bool RecordGuard::admitsMessages(ByteView content) {
  Reader reader(content);
  while (reader.remaining() > 0) {
    const auto fragment = takeFragment(reader);
    if (!fragment) return drop(Drop::kMalformed);
    if (!isForUs(fragment->type)) return drop(Drop::kUnknownType);
    if (fragment->message_sequence >= kMaximumMessages) return drop(Drop::kOverLimit);
    std::optional<std::uint32_t>& claimed = message_sizes_[fragment->message_sequence];
    if (claimed) {
      // OpenSSL ends the handshake, without a reason, over fragments that do not belong together.
      if (*claimed != fragment->length) return drop(Drop::kMalformed);
      continue;
    }
    // OpenSSL reserves what a message claims to be, and several messages ahead: the sum counts.
    std::size_t total = fragment->length;
    for (const auto& size : message_sizes_) total += size.value_or(0);
    if (total > limits_.messageBytes()) return drop(Drop::kOverLimit);
    claimed = static_cast<std::uint32_t>(fragment->length);  // of 24 bits
    if (fragment->type == DTLS1_MT_HELLO_VERIFY_REQUEST && fragment->message_sequence == 0) forgetAhead();
  }
  return true;
}

bool RecordGuard::admitsEncrypted(const RecordHeader& header, ByteView record) {
  const bool is_data = header.epoch == 1 && header.is(ContentType::kApplicationData);
  if (is_data && SSL_is_init_finished(ssl_) != 0) return admitsData(header);
  const bool is_plain = readingOf(ssl_) == Reading::kPlain;
  const SSL_CIPHER* cipher = is_plain ? SSL_get_pending_cipher(ssl_) : SSL_get_current_cipher(ssl_);
  if (header.epoch > 1 || cipher == nullptr) return drop(Drop::kFutureEpoch);
  if (header.length < shortestFragment(cipher)) return drop(Drop::kTooShort);
  if (!isDue(header)) return keep(record);
  asks_for_renegotiation_ = header.is(ContentType::kHandshake) && isLateRequest(header, cipher);
  if (asks_for_renegotiation_ && !may_ask_for_renegotiation_) return drop(Drop::kRenegotiation);
  is_unjudged_ = true;
  unjudged_sequence_ = header.sequence;
  return true;
}

bool RecordGuard::admitsData(const RecordHeader& header) {
  if (shortest_data_ == 0) shortest_data_ = shortestFragment(SSL_get_current_cipher(ssl_));
  if (header.length < shortest_data_) return drop(Drop::kTooShort);
  asks_for_renegotiation_ = false;
  is_unjudged_ = true;
  unjudged_sequence_ = header.sequence;
  return true;
}

// The Finished is due after the peer's ChangeCipherSpec, everything else that is encrypted after the Finished, and what is not
// after the first message.
bool RecordGuard::isDue(const RecordHeader& header) const {
  if (header.epoch == 0) return message_sizes_[0].has_value();
  return header.is(ContentType::kHandshake) ? readingOf(ssl_) == Reading::kEncrypted : SSL_is_init_finished(ssl_) != 0;
}

// OpenSSL would park it with a read buffer of its own, 17 KiB whatever its size, and up to 100 of them.
bool RecordGuard::keep(ByteView record) {
  if (early_.size() == kMaximumEarlyRecords || early_bytes_ + record.size() > limits_.earlyBytes()) {
    return drop(Drop::kOverLimit);
  }
  early_bytes_ += record.size();
  early_.push_back(record.copy());
  return false;
}

bool RecordGuard::takeEarly() {
  for (auto record = early_.begin(); record != early_.end();) {
    if (!isDue(RecordHeader(*record))) {
      ++record;
      continue;
    }
    early_record_ = std::move(*record);
    record = early_.erase(record);
    if (admits(RecordHeader(early_record_), early_record_)) return true;
  }
  return false;
}

void RecordGuard::accept() {
  is_unjudged_ = false;
  if (asks_for_renegotiation_) may_ask_for_renegotiation_ = false;
  if (unjudged_sequence_ > newest_sequence_) {
    const std::uint64_t shift = unjudged_sequence_ - newest_sequence_;
    window_ = shift < kWindow ? window_ << shift : 0;
    newest_sequence_ = unjudged_sequence_;
  }
  const std::uint64_t age = newest_sequence_ - unjudged_sequence_;
  if (age < kWindow) window_ |= std::uint64_t{1} << age;
}

void RecordGuard::reject() {
  is_unjudged_ = false;
  static_cast<void>(drop(isReplay(unjudged_sequence_) ? Drop::kReplayed : Drop::kUndecryptable));
}

bool RecordGuard::isReplay(std::uint64_t sequence) const {
  if (sequence > newest_sequence_) return false;
  const std::uint64_t age = newest_sequence_ - sequence;
  return age >= kWindow || (window_ >> age & 1) != 0;
}

// OpenSSL refuses one renegotiation. It then keeps counting the peer's handshake messages from there, takes the next
// request for an old message and is stuck in half a handshake, so that one is ignored (RFC 5246 section 7.4.1.1 allows
// it). The peer's Finished passes, for OpenSSL answers its repetition: only AEAD shows by its length what it is.
bool RecordGuard::isLateRequest(const RecordHeader& header, const SSL_CIPHER* cipher) const {
  constexpr std::size_t kFinished = 12 + 12;  // message header and verify_data
  return SSL_is_init_finished(ssl_) != 0 && SSL_CIPHER_is_aead(cipher) != 0 &&
         header.length != shortestFragment(cipher) + kFinished;
}

bool RecordGuard::drop(Drop reason) {
  dropped_[static_cast<std::size_t>(reason)] += 1;
  return false;
}

}  // namespace qdtls
