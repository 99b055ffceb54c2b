#include "psk_gate.h"

#include <openssl/objects.h>

#include <algorithm>

namespace qdtls {
namespace {

// RFC 5246 section 7.4
constexpr std::uint8_t kClientHello = 1;
constexpr std::uint8_t kServerHello = 2;
constexpr std::uint8_t kHelloVerifyRequest = 3;  // RFC 6347 section 4.3.2
constexpr std::uint8_t kServerKeyExchange = 12;
constexpr std::uint8_t kServerHelloDone = 14;
constexpr std::uint8_t kClientKeyExchange = 16;

bool isPsk(const SSL_CIPHER* cipher) {
  if (cipher == nullptr) return false;
  switch (SSL_CIPHER_get_kx_nid(cipher)) {
    case NID_kx_psk:
    case NID_kx_dhe_psk:
    case NID_kx_ecdhe_psk:
    case NID_kx_rsa_psk:
      return true;
    default:
      return false;
  }
}

// Made when the first of it comes.
template <typename Prefix>
void addTo(std::unique_ptr<Prefix>& prefix, const HandshakeFragment& fragment) {
  if (!prefix) prefix = std::make_unique<Prefix>();
  prefix->add(fragment.offset, fragment.body);
}

}  // namespace

template <std::size_t kCapacity>
void MessagePrefix<kCapacity>::add(std::size_t offset, ByteView body) {
  for (std::size_t i = 0; i < body.size() && offset + i < kCapacity; ++i) {
    if (present_[offset + i]) continue;  // OpenSSL takes the last to come: see answerForServer()
    bytes_[offset + i] = body[i];
    present_[offset + i] = true;
  }
  while (leading_ < kCapacity && present_[leading_]) ++leading_;
}

template <std::size_t kCapacity>
std::optional<ByteView> MessagePrefix<kCapacity>::first(std::size_t count) const {
  if (count > leading_) return std::nullopt;
  return ByteView(bytes_.data(), count);
}

template <std::size_t kCapacity>
std::optional<std::string> MessagePrefix<kCapacity>::leadingField() const {
  const auto head = first(2);
  if (!head) return std::nullopt;
  const std::size_t length = static_cast<std::size_t>((*head)[0]) << 8 | (*head)[1];
  const auto whole = first(2 + length);
  if (!whole) return std::nullopt;
  const auto* text = whole->data() + 2;
  return std::string(text, std::find(text, text + length, 0));  // as OpenSSL reads it: up to the first NUL
}

bool PskGate::mustHold(ByteView record) {
  if (state_ != State::kWatching) return state_ == State::kAsking;
  Reader content(record.subview(RecordHeader::kSize, record.size() - RecordHeader::kSize));
  while (const auto fragment = takeFragment(content)) {
    if (SSL_is_server(ssl_) != 0) {
      watchServer(*fragment);
    } else {
      watchClient(*fragment);
    }
  }
  return state_ == State::kAsking;
}

// No client certificate goes with a pre-shared key, so that the key exchange comes right after the hello.
void PskGate::watchServer(const HandshakeFragment& fragment) {
  Messages& seen = *seen_;
  std::optional<std::uint16_t>& hello = seen.client_hello_sequence;
  if (fragment.type == kClientHello && !hello) hello = fragment.message_sequence;
  if (fragment.type != kClientKeyExchange || !isPsk(SSL_get_pending_cipher(ssl_))) return;
  if (!hello || fragment.message_sequence != *hello + 1) return;
  addTo(seen.client_key_exchange, fragment);
  if (auto identity = seen.client_key_exchange->leadingField()) ask(std::move(*identity));
}

void PskGate::watchClient(const HandshakeFragment& fragment) {
  Messages& seen = *seen_;
  const int place = fragment.message_sequence - seen.server_hello_sequence;
  switch (fragment.type) {
    case kHelloVerifyRequest:
      if (seen.server_hello.isEmpty()) seen.server_hello_sequence = 1;
      return;
    case kServerHello:
      if (place != 0) return;
      seen.server_hello.add(fragment.offset, fragment.body);
      break;
    case kServerKeyExchange: {
      if (place != 1 && place != 2) return;
      const SSL_CIPHER* cipher = chosenCipher();
      if (cipher != nullptr && !isPsk(cipher)) return;
      addTo(seen.key_exchanges[static_cast<std::size_t>(place - 1)], fragment);
      break;
    }
    case kServerHelloDone:
      if (place < 1 || place > 3 || seen.server_done_sequence) return;
      seen.server_done_sequence = fragment.message_sequence;
      break;
    default:
      return;
  }
  if (!seen.server_done_sequence) return;
  const SSL_CIPHER* cipher = chosenCipher();
  if (!isPsk(cipher)) return;
  // The message with the hint may be left out (RFC 4279 section 2): the numbers tell whether it is on its way.
  const std::size_t certificates = SSL_CIPHER_get_kx_nid(cipher) == NID_kx_rsa_psk ? 1 : 0;
  const int between = *seen.server_done_sequence - seen.server_hello_sequence - 1 - static_cast<int>(certificates);
  const auto& with_hint = seen.key_exchanges[certificates];
  auto hint = between > 0 ? (with_hint ? with_hint->leadingField() : std::nullopt) : std::string();
  if (hint) ask(std::move(*hint));
}

// In a ServerHello: version, random, session id, suite.
const SSL_CIPHER* PskGate::chosenCipher() const {
  constexpr std::size_t kBeforeSessionId = 2 + 32;
  const auto head = seen_->server_hello.first(kBeforeSessionId + 1);
  if (!head) return nullptr;
  const std::size_t suite = kBeforeSessionId + 1 + (*head)[kBeforeSessionId];
  const auto whole = seen_->server_hello.first(suite + 2);
  return whole ? SSL_CIPHER_find(ssl_, whole->data() + suite) : nullptr;
}

void PskGate::ask(std::string subject) {
  subject_ = std::move(subject);
  state_ = State::kAsking;
}

void PskGate::answer(PskAnswer answer) {
  answer_ = std::move(answer);
  state_ = State::kAnswered;
  seen_.reset();
}

void PskGate::forget() {
  state_ = State::kOver;
  seen_.reset();
  subject_ = std::string();
  answer_ = PskAnswer();
}

const PskAnswer* PskGate::answerForServer(std::string_view identity) const {
  return state_ == State::kAnswered && identity == subject_ ? &answer_ : nullptr;
}

}  // namespace qdtls
