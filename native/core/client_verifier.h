#pragma once

#include <optional>
#include <vector>

#include "bytes.h"
#include "client_hello.h"
#include "cookie.h"

namespace qdtls {

// Decides about a datagram from an unknown address, keeping nothing: no SSL object exists for a stranger.
class ClientVerifier final {
 public:
  enum class Verdict : int {
    kDropped = 0,   // not a ClientHello: no answer
    kAnswered = 1,  // a ClientHello without our cookie: `answer` is the HelloVerifyRequest to send back
    kVerified = 2,  // the sender owns its address
  };

  struct [[nodiscard]] Decision final {
    Verdict verdict = Verdict::kDropped;
    Bytes answer;
  };

  enum class Binding {
    kAddress,  // as in Qt
    kHello,    // and to the random of the hello: who has seen a cookie cannot use it for another one
  };

  // Gives cookies of the first generator and takes those of all: a secret that was replaced is still good for a while.
  explicit ClientVerifier(std::vector<CookieGenerator> generators, Binding binding = Binding::kAddress)
      : generators_(std::move(generators)), binding_(binding) {}

  Decision decide(ByteView datagram, const Peer& peer) const;

  // The hello, if it carries this peer's cookie.
  [[nodiscard]] std::optional<ClientHello> verifiedHello(ByteView datagram, const Peer& peer) const;

 private:
  [[nodiscard]] bool matches(const Peer& peer, const ClientHello& hello) const;
  [[nodiscard]] ByteView boundTo(const ClientHello& hello) const {
    return binding_ == Binding::kHello ? hello.random : ByteView();
  }

  std::vector<CookieGenerator> generators_;  // one at least
  Binding binding_;
};

}  // namespace qdtls
