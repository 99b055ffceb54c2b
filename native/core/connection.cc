#include "connection.h"

#include <atomic>

#include "error_scope.h"

namespace qdtls {
namespace {

// OpenSSL repeats a flight 12 times at most, which over a bad link is too few for one handshake in some thousands. From
// this repetition on, when the intervals have become long, each is sent twice; the peer drops the spare one as a replay.
constexpr unsigned kRepetitionsSentOnce = 3;

constexpr unsigned kMostRepetitions = 12;  // OpenSSL's limit

std::atomic<std::uint64_t> objects_created = 0;

}  // namespace

Result<std::unique_ptr<Connection>> Connection::create(std::shared_ptr<const Context> context) {
  const ErrorScope errors;
  UniqueSsl ssl(SSL_new(context->get()));
  if (!ssl) return Error{"SSL_new failed: " + errors.drain()};
  const BIO_METHOD* method = context->bioMethod();
  std::unique_ptr<Connection> self(new Connection(std::move(context), std::move(ssl)));  // NOLINT(cppcoreguidelines-owning-memory): private constructor
  if (!self->bio_.attach(self->ssl_.get(), method)) return Error{"BIO_new failed: " + errors.drain()};
  ++objects_created;
  return self;
}

std::uint64_t Connection::created() { return objects_created; }

Connection::Connection(std::shared_ptr<const Context> context, UniqueSsl ssl)
    : context_(std::move(context)), bio_(statistics_), events_(bio_.psk(), bio_.guard(), statistics_), ssl_(std::move(ssl)) {
  events_.attach(ssl_.get());
  if (context_->readsServerName()) events_.server_names = std::make_unique<ServerNameGate>(context_);
  setMtu(kDefaultMtu);
  setLimits(limits_);
  if (context_->role() == Role::kServer) {
    SSL_set_accept_state(ssl_.get());
  } else {
    SSL_set_connect_state(ssl_.get());
  }
}

void Connection::setLimits(const HandshakeLimits& limits) {
  limits_ = limits;
  bio_.guard().setLimits(limits);
  SSL_set_max_cert_list(ssl_.get(), static_cast<long>(limits.messageBytes()));
}

Outcome Connection::start() { return step(); }

Outcome Connection::accept(ByteView hello) {
  countReceived(hello);
  const auto parsed = parseClientHello(hello);
  // OpenSSL would wait for message 0 for ever: the client is answering a cookie that this server does not ask for.
  if (parsed && parsed->message_sequence != 0) {
    return finish(Status::kFailed, "the client hello answers a cookie request, but cookie verification is disabled");
  }
  return take(hello);
}

Outcome Connection::acceptVerified(ByteView datagram, const ClientVerifier& verifier, const Peer& peer) {
  constexpr const char* kUnverified = "a verified client hello is expected";
  countReceived(datagram);
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
  return listened > 0 ? step() : finish(Status::kFailed, kUnverified);
}

Outcome Connection::handshake(ByteView datagram) {
  countReceived(datagram);
  return isAsking() ? wait(datagram) : take(datagram);
}

Outcome Connection::take(ByteView datagram) {
  const DatagramBio::Input input(bio_, datagram);
  return step();
}

Outcome Connection::readFrom(ByteView datagram) {
  const DatagramBio::Input input(bio_, datagram);
  return readAll();
}

Outcome Connection::step() {
  const ErrorScope errors;
  repetition_ = 0;
  const int result = SSL_do_handshake(ssl_.get());
  if (result == 1) {
    bio_.guard().accepted();
    if (context_->resumes()) judgeResumed(ssl_.get(), events_.verification);
    const bool has_more = bio_.hasInput() || SSL_has_pending(ssl_.get()) == 1;
    Outcome outcome = finish(Status::kEstablished);  // before anything is read: what is written then answers a repetition
    if (has_more) append(outcome, readAll());
    return outcome;
  }
  bio_.guard().settle();
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
      return bio_.psk().asking() ? finish(Status::kWantsPsk) : goOn(Status::kInProgress);
    case SSL_ERROR_WANT_CLIENT_HELLO_CB:
      return finish(Status::kWantsContext);
    default:
      return fail(errors.drain());
  }
}

// OpenSSL's timer can be the reason, also when it is a datagram that makes OpenSSL look at it.
Outcome Connection::fail(std::string reason) {
  if (events_.repetitions <= kMostRepetitions) return finish(Status::kFailed, std::move(reason));
  statistics_.retransmissions -= 1;  // counted, and not sent
  return finish(Status::kFailed, "the peer does not answer: " + reason);
}

// The rest of the flight, or its repetition: kept as far as the limit goes. The peer repeats what is lost.
Outcome Connection::wait(ByteView datagram) {
  if (waiting_bytes_ + datagram.size() <= limits_.waitingBytes()) {
    waiting_.push_back(datagram.copy());
    waiting_bytes_ += datagram.size();
  }
  return finish(Status::kInProgress);
}

Outcome Connection::providePsk(PskAnswer answer) {
  if (!bio_.psk().asking()) return finish(Status::kRefused, "no pre-shared key is asked for");
  forgiveTimeout();
  bio_.psk().answer(std::move(answer));
  return takeWaiting(take(bio_.takeHeld()));
}

Outcome Connection::takeWaiting(Outcome outcome) {
  for (const Bytes& datagram : std::exchange(waiting_, {})) {
    if (outcome.status != Status::kInProgress && outcome.status != Status::kEstablished) break;
    append(outcome, isEstablished() ? readFrom(datagram) : take(datagram));
  }
  waiting_bytes_ = 0;
  return outcome;
}

// The peer has answered, it was we who took our time. OpenSSL, which does not know, would repeat the flight with its next
// read, so it does that now, unheard.
void Connection::forgiveTimeout() {
  const ErrorScope errors;
  const unsigned repetitions = events_.repetitions;
  const std::uint64_t retransmissions = statistics_.retransmissions;
  DTLSv1_handle_timeout(ssl_.get());
  static_cast<void>(bio_.takeOutput());
  events_.repetitions = repetitions;
  statistics_.retransmissions = retransmissions;
}

Outcome Connection::handleTimeout() {
  if (isAsking()) return finish(Status::kInProgress);  // it is not the peer who is late
  const ErrorScope errors;
  const int handled = DTLSv1_handle_timeout(ssl_.get());
  repetition_ = events_.repetitions;
  if (handled < 0) return fail(errors.drain());
  return goOn(isEstablished() ? Status::kEstablished : Status::kInProgress);
}

// OpenSSL repeats flights also from within a step.
Outcome Connection::goOn(Status status) {
  if (events_.repetitions <= limits_.maximum_retransmissions) return finish(status);
  static_cast<void>(bio_.takeOutput());
  statistics_.retransmissions -= 1;  // counted, and not sent
  return finish(Status::kFailed, "the peer does not answer: the limit of repetitions is reached");
}

std::optional<unsigned> Connection::timeout() {
  timeval left{};
  if (bio_.psk().asking() || DTLSv1_get_timeout(ssl_.get(), &left) != 1) return std::nullopt;
  const auto milliseconds = static_cast<unsigned>(left.tv_sec * 1000 + (left.tv_usec + 999) / 1000);
  return milliseconds == 0 ? 1 : milliseconds;
}

Outcome Connection::finish(Status status, std::string reason) {
  if (status == Status::kFailed && reason.empty()) reason = "OpenSSL gave no reason";
  Outcome outcome{status, bio_.takeOutput(), {}, std::move(reason)};
  if (repetition_ > kRepetitionsSentOnce) {
    const auto once = outcome.datagrams;
    outcome.datagrams.insert(outcome.datagrams.end(), once.begin(), once.end());
  }
  was_established_ = isEstablished();
  statistics_.datagrams_sent += outcome.datagrams.size();
  for (const Bytes& datagram : outcome.datagrams) statistics_.bytes_sent += datagram.size();
  return outcome;
}

// Not DTLS_set_link_mtu(): that one counts only when the next flight is written. Our BIO has no overhead to subtract.
void Connection::setMtu(std::size_t bytes) {
  SSL_set_mtu(ssl_.get(), static_cast<long>(bytes));
  bio_.setMtu(bytes);
}

std::size_t Connection::maximumPayload() const {
  return SSL_get_current_cipher(ssl_.get()) != nullptr ? DTLS_get_data_mtu(ssl_.get()) : 0;
}

std::optional<CipherInfo> Connection::cipher() const {
  const SSL_CIPHER* current = SSL_get_current_cipher(ssl_.get());
  if (current == nullptr) return std::nullopt;
  return describeCipher(current);
}

}  // namespace qdtls
