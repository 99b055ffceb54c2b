#include "cast.h"

#include <array>
#include <string>

#include "tests/certificates.h"
#include "world.h"

namespace qdtls::fuzzing {
namespace {

using testing::Authority;
using testing::Identity;
using testing::makeEcKey;

struct Part final {
  const char* ciphers;
  const char* hint = "";          // of the server
  bool has_certificates = false;  // the server has one
  bool is_mutual = false;         // and the client too
};

constexpr std::array<Part, kCasts> kParts = {{
    {"PSK-AES128-GCM-SHA256"},
    {"PSK-AES128-CCM8"},
    {"PSK-CHACHA20-POLY1305", "a hint"},
    {"PSK-AES128-CBC-SHA256"},
    {"PSK-AES128-CBC-SHA"},
    {"PSK-AES128-CCM", "another hint"},
    {"ECDHE-PSK-CHACHA20-POLY1305", "the hint"},
    {"ECDHE-ECDSA-AES128-GCM-SHA256", "", true},
    {"ECDHE-ECDSA-CHACHA20-POLY1305", "", true, true},
}};

std::shared_ptr<const Context> makeContext(const ContextOptions& options) {
  auto made = Context::create(options);
  expect(made.ok(), "a context can be made");
  return made.value();
}

std::shared_ptr<const TrustStore> trustIn(const Authority& authority) {
  auto made = TrustStore::create({authority.certificate()});
  expect(made.ok(), "a trust store can be made");
  return std::make_shared<const TrustStore>(std::move(made.value()));
}

Cast makeCast(const Part& part) {
  const Authority authority;
  const Identity server_identity = authority.issue(makeEcKey());
  const Identity client_identity = authority.delegate("a delegate").issue(makeEcKey());
  ContextOptions server;
  server.role = Role::kServer;
  server.ciphers = part.ciphers;
  server.groups = {"X25519", "P-256"};
  server.psk_identity_hint = part.hint;
  server.verification = part.is_mutual ? PeerVerification::kVerify : PeerVerification::kNone;
  ContextOptions client = server;
  client.role = Role::kClient;
  client.verification = part.has_certificates ? PeerVerification::kVerify : PeerVerification::kNone;
  client.trust = server.trust = trustIn(authority);
  if (part.has_certificates) {
    server.certificates = server_identity.views();
    server.private_key = server_identity.key;
  }
  if (part.is_mutual) {
    client.certificates = client_identity.views();
    client.private_key = client_identity.key;
  }
  return {part.ciphers, makeContext(client), makeContext(server)};
}

std::array<Cast, kCasts> makeAll() {
  resetWorld();
  std::array<Cast, kCasts> all;
  for (std::size_t i = 0; i < kCasts; ++i) all[i] = makeCast(kParts[i]);
  return all;
}

}  // namespace

const Cast& castOf(std::size_t index) {
  static const std::array<Cast, kCasts> all = makeAll();
  return all[index % kCasts];
}

const ClientVerifier& cookieVerifier() {
  static const ClientVerifier verifier = [] {
    constexpr std::uint8_t kSecret[] = "the secret of the cookies";
    auto made = CookieGenerator::create("SHA256", {kSecret, sizeof kSecret});
    expect(made.ok(), "a cookie generator can be made");
    std::vector<CookieGenerator> generators;
    generators.push_back(std::move(made.value()));
    return ClientVerifier(std::move(generators));
  }();
  return verifier;
}

Peer clientAddress() {
  static constexpr std::uint8_t kAddress[] = {192, 0, 2, 7};
  return {{kAddress, sizeof kAddress}, 40000};
}

}  // namespace qdtls::fuzzing
