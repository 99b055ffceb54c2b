#include "client_verifier.h"

#include <algorithm>

namespace qdtls {

ClientVerifier::Decision ClientVerifier::decide(ByteView datagram, const Peer& peer) const {
  const auto hello = parseClientHello(datagram);
  if (!hello) return {};
  if (matches(peer, *hello)) return {Verdict::kVerified, {}};

  const Cookie cookie = generators_.front().generate(peer, boundTo(*hello));
  Bytes answer = makeHelloVerifyRequest(*hello, cookie.view());
  // Never a gift to someone who forges addresses: the answer is no longer than the question.
  if (cookie.size == 0 || answer.size() > datagram.size()) return {};
  return {Verdict::kAnswered, std::move(answer)};
}

std::optional<ClientHello> ClientVerifier::verifiedHello(ByteView datagram, const Peer& peer) const {
  auto hello = parseClientHello(datagram);
  if (hello && !matches(peer, *hello)) hello.reset();
  return hello;
}

bool ClientVerifier::matches(const Peer& peer, const ClientHello& hello) const {
  return !hello.cookie.empty() && std::any_of(generators_.begin(), generators_.end(), [&](const CookieGenerator& generator) {
    return generator.matches(peer, hello.cookie, boundTo(hello));
  });
}

}  // namespace qdtls
