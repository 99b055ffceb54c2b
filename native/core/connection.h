#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cipher_list.h"
#include "client_verifier.h"
#include "context.h"
#include "datagram_bio.h"
#include "handshake_limits.h"
#include "negotiation.h"
#include "outcome.h"
#include "ssl_events.h"
#include "statistics.h"

namespace qdtls {

// One association, without a socket or a clock of its own: datagrams go in, an Outcome comes out.
//
//   client: start() -> handshake(datagram)* -> kEstablished -> send() / receive() -> shutdown()
//   server: accept(hello) -> handshake(datagram)* -> the same
//
// On the way a step may end with kWantsPsk or kWantsContext: the handshake stands still until it is answered, and what
// arrives meanwhile is kept. While the handshake runs, timeout() says when to call handleTimeout(). After kClosed or kFailed only the
// getters and the destructor are of use.
class Connection final {
 public:
  static constexpr std::size_t kMaximumPlaintext = 16384;  // RFC 6347 section 4.1: one record, one datagram
  static constexpr std::size_t kMaximumOverhead = 96;      // header, nonce, padding and tag of any suite
  static constexpr std::size_t kMinimumMtu = 256;          // OpenSSL refuses less
  static constexpr std::size_t kDefaultMtu = 576;          // what every IPv4 host takes (RFC 791 section 3.1)

  static constexpr std::size_t kMaximumPskIdentity = PSK_MAX_IDENTITY_LEN - 1;
  static constexpr std::size_t kMaximumPsk = PSK_MAX_PSK_LEN;

  static Result<std::unique_ptr<Connection>> create(std::shared_ptr<const Context> context);
  // Objects made in this process so far, in all threads.
  static std::uint64_t created();

  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Client, before start(), if there is anything to say: the name to ask for ('' for none), and a session that an earlier
  // session() gave (empty for none). Returns why that cannot be, or ''.
  [[nodiscard]] std::string prepare(const std::string& server_name, ByteView session);

  // Client: the first flight.
  Outcome start();

  // Server: the first datagram; acceptVerified() fails unless it is a ClientHello with this peer's cookie.
  Outcome accept(ByteView hello);
  Outcome acceptVerified(ByteView datagram, const ClientVerifier& verifier, const Peer& peer);

  Outcome handshake(ByteView datagram);

  // Answers kWantsPsk; an empty key fails the handshake.
  Outcome providePsk(PskAnswer answer);
  // Who is asked for: the identity that the client sent (on a server) or the hint that the server sent.
  [[nodiscard]] const std::string& pskSubject() { return bio_.psk().subject(); }

  // Answers kWantsContext: go on with this context, or with the present one for nullptr; or fail with this alert.
  Outcome provideContext(std::shared_ptr<const Context> context);
  Outcome refuseServerName(int alert);
  // The name that the client asked for; '' if none.
  [[nodiscard]] std::string serverName() const;

  // Sends the last flight again if its time has come.
  Outcome handleTimeout();

  // Milliseconds until handleTimeout() is due, at least 1; nothing when no flight waits for an answer.
  [[nodiscard]] std::optional<unsigned> timeout();

  // The hot path: one message to one datagram, one datagram to its message, without allocating. Whatever else there is to
  // tell (further messages, something to send, an end, a refusal) waits for takeRest().
  Processed seal(ByteView plaintext, Room out);
  // `out` may be the datagram's own memory. A message that does not fit is among the rest.
  Processed open(ByteView datagram, Room out);
  Outcome takeRest() { return std::exchange(rest_, Outcome{Status::kEstablished, {}, {}, {}}); }

  // The same with an Outcome.
  Outcome send(ByteView plaintext);
  Outcome receive(ByteView datagram);

  // Sends close_notify once; its answer is not waited for.
  Outcome shutdown();

  // Gives an idle association's record buffers back; the next record gets new ones.
  void trim();

  // The largest UDP payload of a handshake datagram, kMinimumMtu or more.
  void setMtu(std::size_t bytes);
  void setRetransmissionTimeouts(const RetransmissionTimeouts& timeouts) { events_.timeouts = timeouts; }
  void setLimits(const HandshakeLimits& limits);

  // The largest plaintext whose record fits the MTU. 0 before a cipher is agreed.
  [[nodiscard]] std::size_t maximumPayload() const;

  [[nodiscard]] std::optional<CipherInfo> cipher() const;
  // Its number in messages; 0 before one is agreed.
  [[nodiscard]] std::uint16_t cipherNumber() const {
    const SSL_CIPHER* current = SSL_get_current_cipher(ssl_.get());
    return current == nullptr ? 0 : SSL_CIPHER_get_protocol_id(current);
  }
  [[nodiscard]] bool hasPeerCertificate() const { return SSL_get0_peer_certificate(ssl_.get()) != nullptr; }
  [[nodiscard]] bool peerHasName(const std::string& name, NameForm form) const {
    return certificateHasName(SSL_get0_peer_certificate(ssl_.get()), name, form);
  }
  [[nodiscard]] bool peerHasAddress(const std::string& address) const {
    return certificateHasAddress(SSL_get0_peer_certificate(ssl_.get()), address);
  }
  [[nodiscard]] int version() const { return SSL_version(ssl_.get()); }
  [[nodiscard]] std::vector<Bytes> peerCertificates() const { return peerChain(ssl_.get()); }
  [[nodiscard]] bool peerIsAmong(const std::vector<Bytes>& serial_numbers) const {
    return peerHasSerialNumber(ssl_.get(), serial_numbers);
  }
  [[nodiscard]] const std::vector<VerificationRecord>& verification() const { return events_.verification; }
  [[nodiscard]] bool isResumed() const { return SSL_session_reused(ssl_.get()) == 1; }
  [[nodiscard]] Bytes session() const { return sessionOf(ssl_.get()); }
  [[nodiscard]] double ticketLifetime() const { return ticketLifetimeOf(ssl_.get()); }
  [[nodiscard]] const Statistics& statistics() const { return statistics_; }
  // The same when nothing more will be counted.
  [[nodiscard]] Statistics takeStatistics() { return std::move(statistics_); }
  [[nodiscard]] const RecordGuard::Counters& dropped() const { return bio_.guard().dropped(); }
  // Description of the last alert that was ignored because nobody signed it; -1 if there was none.
  [[nodiscard]] int ignoredAlert() const { return bio_.guard().ignoredAlert(); }
  [[nodiscard]] Negotiation negotiation() const { return Negotiation(ssl_.get()); }

  // From the next step on secrets are written down for takeKeyLog(), in the lines of an NSS key log.
  void logKeys() { events_.logKeys(ssl_.get()); }
  [[nodiscard]] std::vector<SecretBytes> takeKeyLog() { return events_.takeKeyLog(); }

 private:
  Connection(std::shared_ptr<const Context> context, UniqueSsl ssl);

  [[nodiscard]] bool isEstablished() const { return SSL_is_init_finished(ssl_.get()) != 0; }
  void countReceived(ByteView datagram) {
    statistics_.datagrams_received += 1;
    statistics_.bytes_received += datagram.size();
  }
  [[nodiscard]] bool isAsking();
  [[nodiscard]] Outcome wait(ByteView datagram);
  [[nodiscard]] Outcome takeWaiting(Outcome outcome);
  [[nodiscard]] Outcome take(ByteView datagram);
  [[nodiscard]] Outcome readFrom(ByteView datagram);
  [[nodiscard]] Outcome step();
  struct ReadEnd final {
    int error = SSL_ERROR_NONE;
    std::string text;
  };
  [[nodiscard]] Processed openedNothing(int count);
  [[nodiscard]] bool isCut(ByteView datagram, std::size_t size);
  [[nodiscard]] Bytes restOf(ByteView beginning);
  [[nodiscard]] Processed leave(Outcome rest, std::size_t size = 0);
  [[nodiscard]] Outcome readAll(std::vector<Bytes> messages = {});
  [[nodiscard]] ReadEnd endOfReading(int count);
  [[nodiscard]] Outcome conclude(const ReadEnd& end);
  void restoreBuffers();
  [[nodiscard]] Outcome goOn(Status status);
  [[nodiscard]] Outcome fail(std::string reason);
  void forgiveTimeout();
  [[nodiscard]] Outcome finish(Status status, std::string reason = {});

  // The order is the reverse of destruction: the SSL goes first, then what its BIOs and callbacks point to.
  std::shared_ptr<const Context> context_;
  Statistics statistics_;
  HandshakeLimits limits_;
  DatagramBio bio_;
  SslEvents events_;
  std::vector<Bytes> waiting_;  // datagrams that came while somebody is asked
  std::size_t waiting_bytes_ = 0;
  Outcome rest_{Status::kEstablished, {}, {}, {}};  // of the hot path
  bool was_established_ = false;  // isEstablished() after the last step; seal() and open() change nothing while all goes well
  bool is_trimmed_ = false;
  std::uint16_t overhead_ = 0;  // fixedOverhead() of the suite; 0 also until it is asked for
  unsigned repetition_ = 0;  // what is being written is the n-th repetition of a flight; 0: no repetition
  UniqueSsl ssl_;
};

}  // namespace qdtls
