#include "side.h"

#include "cast.h"
#include "world.h"

namespace qdtls::fuzzing {
namespace {

Bytes bytesOf(const std::string& text) { return {text.begin(), text.end()}; }

}  // namespace

Side::Side(const SideOptions& options) : options_(options) {
  auto made = Connection::create(options.context);
  expect(made.ok(), "a connection can be made");
  connection_ = std::move(made.value());
  connection_->setMtu(options.mtu);
  connection_->setLimits(options.limits);
  has_begun_ = options.context->role() == Role::kClient;
  if (!has_begun_ || (options.server_name.empty() && options.session.empty())) return;
  expect(connection_->prepare(options.server_name, options.session).empty(), "a session can be offered");
}

void Side::deliver(ByteView datagram) {
  if (!isOpen() || datagram.empty()) return;  // as the facade does
  const Bytes copy = datagram.copy();  // of its exact size, so that a read past its end is seen
  if (!has_begun_) return begin(copy);
  take(isEstablished() ? connection_->receive(copy) : connection_->handshake(copy));
}

void Side::begin(ByteView datagram) {
  if (!options_.asks_for_cookie) {
    has_begun_ = true;
    return take(connection_->accept(datagram));
  }
  auto decision = cookieVerifier().decide(datagram, clientAddress());
  expect(decision.answer.size() <= datagram.size(), "an answer is no longer than the question");
  if (!decision.answer.empty()) outbox_.push_back(std::move(decision.answer));
  if (decision.verdict != ClientVerifier::Verdict::kVerified) return;
  has_begun_ = true;
  take(connection_->acceptVerified(datagram, cookieVerifier(), clientAddress()));
}

void Side::handleTimeout() {
  if (isOpen() && has_begun_ && !isEstablished()) take(connection_->handleTimeout());
}

void Side::answerPsk(const std::string& key) {
  if (isOpen() && std::exchange(wants_context_, false)) return take(connection_->provideContext(nullptr));
  if (!isOpen() || !wants_psk_) return;
  wants_psk_ = false;
  take(connection_->providePsk({kIdentity, SecretBytes(bytesOf(key))}));
}

void Side::send(const std::string& text) {
  if (isEstablished()) take(connection_->send(bytesOf(text)));
}

void Side::shutdown() {
  if (isEstablished()) take(connection_->shutdown());
}

void Side::setMtu(std::size_t bytes) {
  options_.mtu = bytes;
  connection_->setMtu(bytes);
}

Bytes Side::takeDatagram() {
  if (outbox_.empty()) return {};
  Bytes datagram = std::move(outbox_.front());
  outbox_.pop_front();
  return datagram;
}

void Side::take(Outcome outcome) {
  const bool is_bad = outcome.status == Status::kFailed || outcome.status == Status::kRefused;
  expect(is_bad != outcome.reason.empty(), "what fails says why, and nothing else does");
  expect(outcome.status != Status::kRefused, "a call in its place is not refused");
  expect(!isEstablished() || outcome.status != Status::kInProgress,
         "no way leads back into the handshake");
  const bool asks = outcome.status == Status::kWantsPsk || outcome.status == Status::kWantsContext;
  expect(!isEstablished() || !asks, "an established association asks for nothing");
  const std::size_t largest = isEstablished() ? Connection::kMaximumPlaintext + 64 : options_.mtu;
  if (outcome.status == Status::kWantsPsk) {
    wants_psk_ = true;
    expect(connection_->pskSubject().size() <= Connection::kMaximumPskIdentity + 1,
           "what is asked about is bounded");
  } else if (outcome.status == Status::kWantsContext) {
    wants_context_ = true;
    expect(connection_->serverName().size() <= TLSEXT_MAXLEN_host_name, "a name is bounded");
  } else {
    status_ = outcome.status;
  }
  for (Bytes& datagram : outcome.datagrams) {
    expect(!datagram.empty() && datagram.size() <= largest, "a handshake datagram fits the MTU");
    outbox_.push_back(std::move(datagram));
  }
  for (const Bytes& text : outcome.plaintexts) texts_.emplace_back(text.begin(), text.end());
  if (isOpen()) static_cast<void>(connection_->timeout());
  if ((wants_psk_ || wants_context_) && options_.answers_psk) answerPsk(kSharedKey);
}

}  // namespace qdtls::fuzzing
