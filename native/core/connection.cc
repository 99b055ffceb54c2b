#include "connection.h"

#include <openssl/err.h>

#include <array>

#include "error_scope.h"

namespace qdtls {
namespace {

constexpr const char* kNotEstablished = "the handshake is not complete";

}  // namespace

Result<std::unique_ptr<Connection>> Connection::create(std::shared_ptr<const Context> context) {
  const ErrorScope errors;
  UniqueSsl ssl(SSL_new(context->get()));
  if (!ssl) return Error{"SSL_new failed: " + errors.drain()};
  const BIO_METHOD* method = context->bioMethod();
  std::unique_ptr<Connection> self(new Connection(std::move(context), std::move(ssl)));  // NOLINT(cppcoreguidelines-owning-memory): private constructor
  if (!self->bio_.attach(self->ssl_.get(), method)) return Error{"BIO_new failed: " + errors.drain()};
  return self;
}

Connection::Connection(std::shared_ptr<const Context> context, UniqueSsl ssl)
    : context_(std::move(context)), ssl_(std::move(ssl)) {
  events_.psk_identity_hint = context_->pskIdentityHint();
  events_.attach(ssl_.get());
  setMtu(kDefaultMtu);
  if (context_->role() == Role::kServer) {
    SSL_set_accept_state(ssl_.get());
  } else {
    SSL_set_connect_state(ssl_.get());
  }
}

Outcome Connection::start(PskSource* psk) { return advance({}, psk); }

Outcome Connection::accept(ByteView hello, PskSource* psk) {
  const auto parsed = parseClientHello(hello);
  // OpenSSL would wait for message 0 for ever: the client is answering a cookie that this server does not ask for.
  if (parsed && parsed->message_sequence != 0) {
    return finish(Status::kFailed, "the client hello answers a cookie request, but cookie verification is disabled");
  }
  return advance(hello, psk);
}

Outcome Connection::acceptVerified(ByteView datagram, const ClientVerifier& verifier, const Peer& peer,
                                   PskSource* psk) {
  constexpr const char* kUnverified = "a verified client hello is expected";
  const auto hello = verifier.verifiedHello(datagram, peer);
  if (!hello) return finish(Status::kFailed, kUnverified);

  // DTLSv1_listen() brings the SSL to the state after the HelloVerifyRequest that ClientVerifier sent for it:
  // it compares the cookie with the one checked here, and keeps the hello for the handshake.
  events_.expected_cookie = hello->cookie.copy();
  bio_.startSequenceAt(hello->record_sequence);
  const ErrorScope errors;
  const OpenSslPtr<BIO_ADDR, BIO_ADDR_free> unused(BIO_ADDR_new());
  const DatagramBio::Input input(bio_, datagram);
  const int listened = unused ? DTLSv1_listen(ssl_.get(), unused.get()) : -1;
  return listened > 0 ? step(psk) : finish(Status::kFailed, kUnverified);
}

Outcome Connection::handshake(ByteView datagram, PskSource* psk) { return advance(datagram, psk); }

Outcome Connection::advance(ByteView datagram, PskSource* psk) {
  const DatagramBio::Input input(bio_, datagram);
  return step(psk);
}

Outcome Connection::step(PskSource* psk) {
  const ErrorScope errors;
  events_.psk_source = psk;
  const int result = SSL_do_handshake(ssl_.get());
  events_.psk_source = nullptr;
  if (result == 1) return readAll();
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
      return finish(Status::kInProgress);
    default:
      return finish(Status::kFailed, errors.drain());
  }
}

Outcome Connection::handleTimeout() {
  const ErrorScope errors;
  if (DTLSv1_handle_timeout(ssl_.get()) < 0) return finish(Status::kFailed, errors.drain());
  return finish(SSL_is_init_finished(ssl_.get()) != 0 ? Status::kEstablished : Status::kInProgress);
}

std::optional<unsigned> Connection::timeout() const {
  timeval left{};
  if (DTLSv1_get_timeout(ssl_.get(), &left) != 1) return std::nullopt;
  const auto milliseconds = static_cast<unsigned>(left.tv_sec * 1000 + (left.tv_usec + 999) / 1000);
  return milliseconds == 0 ? 1 : milliseconds;
}

Outcome Connection::send(ByteView plaintext) {
  if (plaintext.size() > kMaximumPlaintext) {
    return finish(Status::kRefused, "a datagram holds at most " + std::to_string(kMaximumPlaintext) + " bytes");
  }
  if (SSL_is_init_finished(ssl_.get()) == 0) return finish(Status::kRefused, kNotEstablished);
  if (plaintext.empty()) return finish(Status::kEstablished);
  const ErrorScope errors;
  const int written = SSL_write(ssl_.get(), plaintext.data(), static_cast<int>(plaintext.size()));
  return written > 0 ? finish(Status::kEstablished) : finish(Status::kFailed, errors.drain());
}

Outcome Connection::receive(ByteView datagram) {
  if (SSL_is_init_finished(ssl_.get()) == 0) return finish(Status::kRefused, kNotEstablished);
  const ErrorScope errors;
  const DatagramBio::Input input(bio_, datagram);
  return readAll();
}

// One datagram may hold several records, and records that came early wait inside OpenSSL: read until it would block.
Outcome Connection::readAll() {
  const ErrorScope errors;
  std::vector<Bytes> plaintexts;
  std::array<std::uint8_t, kMaximumPlaintext> buffer;
  int count = 0;
  int error = SSL_ERROR_NONE;
  while (error == SSL_ERROR_NONE) {
    count = SSL_read(ssl_.get(), buffer.data(), static_cast<int>(buffer.size()));
    error = SSL_get_error(ssl_.get(), count);
    if (count > 0) plaintexts.emplace_back(buffer.data(), buffer.data() + count);
    // A record without data is allowed (RFC 5246 section 6.2.1) and reads as 0: neither closed nor failed.
    if (count == 0 && error == SSL_ERROR_SYSCALL && ERR_peek_error() == 0) error = SSL_ERROR_NONE;
  }
  Outcome outcome = [&] {
    if (events_.received_fatal_alert) return finish(Status::kFailed, events_.received_alert);
    if (error == SSL_ERROR_ZERO_RETURN) return finish(Status::kClosed);
    if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) return finish(Status::kFailed, errors.drain());
    // An authenticated handshake message out of order leaves OpenSSL in half a renegotiation, and nothing undoes that.
    if (SSL_is_init_finished(ssl_.get()) == 0) return finish(Status::kFailed, "a handshake message out of order");
    return finish(Status::kEstablished);
  }();
  outcome.plaintexts = std::move(plaintexts);
  return outcome;
}

Outcome Connection::shutdown() {
  const ErrorScope errors;
  if (SSL_is_init_finished(ssl_.get()) != 0) SSL_shutdown(ssl_.get());
  return finish(Status::kClosed);
}

Outcome Connection::finish(Status status, std::string reason) {
  if (status == Status::kFailed && reason.empty()) reason = "OpenSSL gave no reason";
  return Outcome{status, bio_.takeOutput(), {}, std::move(reason)};
}

// Not DTLS_set_link_mtu(): that one counts only when the next flight is written. Our BIO has no overhead to subtract.
void Connection::setMtu(std::size_t bytes) { SSL_set_mtu(ssl_.get(), static_cast<long>(bytes)); }

std::size_t Connection::maximumPayload() const {
  return SSL_get_current_cipher(ssl_.get()) != nullptr ? DTLS_get_data_mtu(ssl_.get()) : 0;
}

std::optional<CipherInfo> Connection::cipher() const {
  const SSL_CIPHER* current = SSL_get_current_cipher(ssl_.get());
  if (current == nullptr) return std::nullopt;
  return describeCipher(current);
}

}  // namespace qdtls
