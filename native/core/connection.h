#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cipher_list.h"
#include "client_verifier.h"
#include "context.h"
#include "datagram_bio.h"
#include "outcome.h"
#include "ssl_events.h"

namespace qdtls {

// One association, without a socket or a clock of its own: datagrams go in, an Outcome comes out.
//
//   client: start() -> handshake(datagram)* -> kEstablished -> send() / receive() -> shutdown()
//   server: accept(hello) -> handshake(datagram)* -> the same
//
// While the handshake runs, timeout() says when to call handleTimeout(). After kClosed or kFailed only the getters
// and the destructor are of use.
class Connection final {
 public:
  static constexpr std::size_t kMaximumPlaintext = 16384;  // RFC 6347 section 4.1: one record, one datagram
  static constexpr std::size_t kMinimumMtu = 256;          // OpenSSL refuses less
  static constexpr std::size_t kDefaultMtu = 576;          // what every IPv4 host takes (RFC 791 section 3.1)

  static Result<std::unique_ptr<Connection>> create(std::shared_ptr<const Context> context);

  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Client: the first flight.
  Outcome start(PskSource* psk);

  // Server: the first datagram; acceptVerified() fails unless it is a ClientHello with this peer's cookie.
  Outcome accept(ByteView hello, PskSource* psk);
  Outcome acceptVerified(ByteView datagram, const ClientVerifier& verifier, const Peer& peer, PskSource* psk);

  Outcome handshake(ByteView datagram, PskSource* psk);

  // Sends the last flight again if its time has come.
  Outcome handleTimeout();

  // Milliseconds until handleTimeout() is due, at least 1; nothing when no flight waits for an answer.
  [[nodiscard]] std::optional<unsigned> timeout() const;

  Outcome send(ByteView plaintext);
  Outcome receive(ByteView datagram);

  // Sends close_notify once; its answer is not waited for.
  Outcome shutdown();

  // The largest UDP payload of a handshake datagram, kMinimumMtu or more.
  void setMtu(std::size_t bytes);
  void setRetransmissionTimeouts(const RetransmissionTimeouts& timeouts) { events_.timeouts = timeouts; }

  // The largest plaintext whose record fits the MTU. 0 before a cipher is agreed.
  [[nodiscard]] std::size_t maximumPayload() const;

  [[nodiscard]] std::optional<CipherInfo> cipher() const;
  [[nodiscard]] int version() const { return SSL_version(ssl_.get()); }
  [[nodiscard]] std::vector<Bytes> peerCertificates() const { return peerChain(ssl_.get()); }
  [[nodiscard]] const std::vector<VerificationRecord>& verification() const { return events_.verification; }

 private:
  Connection(std::shared_ptr<const Context> context, UniqueSsl ssl);

  [[nodiscard]] Outcome advance(ByteView datagram, PskSource* psk);
  [[nodiscard]] Outcome step(PskSource* psk);
  [[nodiscard]] Outcome finish(Status status, std::string reason = {});
  [[nodiscard]] Outcome readAll();

  // The order is the reverse of destruction: the SSL goes first, then what its BIOs and callbacks point to.
  std::shared_ptr<const Context> context_;
  DatagramBio bio_;
  SslEvents events_;
  UniqueSsl ssl_;
};

}  // namespace qdtls
