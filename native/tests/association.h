#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "certificates.h"
#include "core/connection.h"

namespace qdtls::testing {

using Datagrams = std::vector<Bytes>;

constexpr std::size_t kDefaultMtu = 1400;
constexpr const char* kSharedKey = "0123456789abcdef";

// Knows one key, and remembers what it was asked.
class OnePsk final {
 public:
  OnePsk(std::string identity, std::string key)
      : identity_(std::move(identity)), key_(std::move(key)) {}

  // `subject` is the hint that a client was given, or the identity that a server was sent.
  [[nodiscard]] PskAnswer lookUp(const std::string& subject);
  // What lookUp() says, without being asked.
  [[nodiscard]] PskAnswer answer() const;

  std::vector<std::string> questions;

 private:
  std::string identity_;
  std::string key_;
};

struct EndOptions final {
  std::size_t mtu = kDefaultMtu;
  RetransmissionTimeouts timeouts;
  OnePsk* psk = nullptr;    // knows kSharedKey if there is none
  bool answers_psk = true;  // at once; else when answerPsk() is called
  HandshakeLimits limits;
  const ClientVerifier* verifier = nullptr;  // server: asks for a cookie before it accepts
};

// For an end whose key comes when the test says so.
[[nodiscard]] inline EndOptions asking() {
  EndOptions options;
  options.answers_psk = false;
  return options;
}

// One end of an association, as its owner would drive it, with everything that came of it.
class End final {
 public:
  explicit End(const std::shared_ptr<const Context>& context, const EndOptions& options = {});

  void start() { take(connection_->start()); }
  void deliver(ByteView datagram);
  void deliver(const Datagrams& datagrams);
  void handleTimeout() { take(connection_->handleTimeout()); }
  void send(const std::string& text);
  void shutdown() { take(connection_->shutdown()); }
  void answerPsk() { providePsk(options_.psk->answer()); }
  void providePsk(PskAnswer answer);

  // Waits until the flight in the air is overdue. False when none is.
  [[nodiscard]] bool waitForTimeout() const;

  [[nodiscard]] Connection& connection() { return *connection_; }
  [[nodiscard]] Datagrams takeOutbox() { return std::exchange(outbox_, {}); }
  [[nodiscard]] std::vector<std::string> takeTexts();

  Status status = Status::kInProgress;
  std::string reason;
  bool wants_psk = false;  // the handshake stands still until it is given a key
  std::size_t longest_datagram = 0;

 private:
  void take(Outcome outcome);

  EndOptions options_;
  std::unique_ptr<Connection> connection_;
  bool begun_ = false;
  Datagrams outbox_;
  std::vector<std::string> texts_;
};

// Decides what the network does to the datagram that is the `index`-th in its direction.
enum class Fate { kDeliver, kDrop, kTwice };
using Network = std::function<Fate(Role sender, std::size_t index, const Bytes& datagram)>;

// A client and a server with a network between them.
class Pair final {
 public:
  Pair(const ContextOptions& client_options, const ContextOptions& server_options,
       const EndOptions& both = {});
  Pair(const ContextOptions& client_options, const EndOptions& client_end,
       const ContextOptions& server_options, const EndOptions& server_end);

  // Starts the client and carries datagrams until both are silent. True when both are established.
  bool connect();
  void carry();

  // Repeats overdue flights until both are established, or nothing more can be expected.
  bool persist();

  // Both ends hear each other.
  [[nodiscard]] bool alive();

  End client;
  End server;
  Network network;

 private:
  void carryFrom(End& from, End& to, Role sender);

  std::size_t carried_[2] = {0, 0};
};

// Options for the usual cast: a server with a certificate, a client that trusts its issuer.
[[nodiscard]] ContextOptions clientTrusting(const Authority& authority);
[[nodiscard]] ContextOptions serverWith(const Identity& identity);
[[nodiscard]] ContextOptions pskOnly(Role role,
                                     const std::string& ciphers = "PSK-AES128-GCM-SHA256");

// Null, with a failed check, when it cannot be made.
[[nodiscard]] std::shared_ptr<const Context> makeContext(const ContextOptions& options);

// Gives cookies of `current`; takes those of `previous` too.
template <typename... Previous>
[[nodiscard]] ClientVerifier verifierOf(CookieGenerator current, Previous... previous) {
  std::vector<CookieGenerator> generators;
  generators.push_back(std::move(current));
  (generators.push_back(std::move(previous)), ...);
  return ClientVerifier(std::move(generators));
}

[[nodiscard]] Bytes bytesOf(const std::string& text);
[[nodiscard]] std::string textOf(ByteView bytes);

}  // namespace qdtls::testing
