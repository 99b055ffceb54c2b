#include "client_verifier.h"

namespace qdtls {

ClientVerifier::Decision ClientVerifier::decide(ByteView datagram, const Peer& peer) const {
  const auto hello = parseClientHello(datagram);
  if (!hello) return {};
  if (cookies_.matches(peer, hello->cookie)) return {Verdict::kVerified, {}};

  const Cookie cookie = cookies_.generate(peer);
  Bytes answer = makeHelloVerifyRequest(*hello, cookie.view());
  // Never a gift to someone who forges addresses: the answer is no longer than the question.
  if (cookie.size == 0 || answer.size() > datagram.size()) return {};
  return {Verdict::kAnswered, std::move(answer)};
}

std::optional<ClientHello> ClientVerifier::verifiedHello(ByteView datagram, const Peer& peer) const {
  auto hello = parseClientHello(datagram);
  if (hello && !cookies_.matches(peer, hello->cookie)) hello.reset();
  return hello;
}

}  // namespace qdtls
