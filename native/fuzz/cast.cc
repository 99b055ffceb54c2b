#include "cast.h"

#include <array>
#include <string>

#include "tests/certificates.h"
#include "side.h"
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
  bool continues = false;         // tickets, and server names
};

constexpr std::array<Part, kCasts> kParts = {{
    {"PSK-AES128-GCM-SHA256"},
    {"PSK-AES128-CCM8"},
    {"PSK-CHACHA20-POLY1305", "a hint"},
    {"PSK-AES128-CBC-SHA256"},
    {"PSK-AES128-CBC-SHA"},
    {"PSK-AES128-CCM", "another hint"},
    {"PSK-AES256-GCM-SHA384", "", false, false, true},
    {"ECDHE-PSK-CHACHA20-POLY1305", "the hint"},
    {"ECDHE-ECDSA-AES128-GCM-SHA256", "", true},
    {"ECDHE-ECDSA-CHACHA20-POLY1305", "", true, true},
}};

constexpr std::array<std::uint8_t, ResumptionOptions::kTicketKeys> kTicketKeyBytes = {7};
constexpr std::array<std::uint8_t, 4> kSessionIdContextBytes = {'f', 'u', 'z', 'z'};
const ByteView kTicketKeys(kTicketKeyBytes.data(), kTicketKeyBytes.size());
const ByteView kSessionIdContext(kSessionIdContextBytes.data(), kSessionIdContextBytes.size());

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
  if (part.continues) {
    server.resumption = {true, kTicketKeys, kSessionIdContext};
    server.asks_for_server_name = true;
  }
  ContextOptions client = server;
  client.asks_for_server_name = false;
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
  return {part.ciphers, makeContext(client), makeContext(server), {}};
}

// What a client of theirs keeps of a session.
Bytes sessionOf(const Cast& cast) {
  SideOptions options;
  options.context = cast.client;
  options.server_name = kServerName;
  Side client(options);
  options.context = cast.server;
  Side server(options);
  client.start();
  while (client.hasDatagram() || server.hasDatagram()) {
    server.deliver(client.takeDatagram());
    client.deliver(server.takeDatagram());
  }
  expect(client.isEstablished() && server.isEstablished(), "an honest handshake completes");
  return client.connection().session();
}

std::array<Cast, kCasts> makeAll() {
  resetWorld();
  std::array<Cast, kCasts> all;
  for (std::size_t i = 0; i < kCasts; ++i) {
    all[i] = makeCast(kParts[i]);
    if (kParts[i].continues) all[i].session = sessionOf(all[i]);
  }
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
