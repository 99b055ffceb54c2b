#include <algorithm>

#include "association.h"
#include "harness.h"
#include "records.h"

namespace qdtls::testing {
namespace {

enum class Credential { kEcdsa, kRsa, kPsk };

struct Suite final {
  const char* cipher;
  Credential credential;
};

constexpr Suite kSuites[] = {
    {"ECDHE-ECDSA-AES128-GCM-SHA256", Credential::kEcdsa},
    {"ECDHE-ECDSA-AES256-GCM-SHA384", Credential::kEcdsa},
    {"ECDHE-ECDSA-CHACHA20-POLY1305", Credential::kEcdsa},
    {"ECDHE-ECDSA-AES128-CCM", Credential::kEcdsa},
    {"ECDHE-ECDSA-AES128-CCM8", Credential::kEcdsa},
    {"ECDHE-RSA-AES128-GCM-SHA256", Credential::kRsa},
    {"ECDHE-RSA-AES256-GCM-SHA384", Credential::kRsa},
    {"ECDHE-RSA-CHACHA20-POLY1305", Credential::kRsa},
    {"DHE-RSA-AES128-GCM-SHA256", Credential::kRsa},
    {"AES128-SHA", Credential::kRsa},
    {"PSK-AES128-GCM-SHA256", Credential::kPsk},
    {"PSK-AES128-CCM8", Credential::kPsk},
    {"PSK-CHACHA20-POLY1305", Credential::kPsk},
    {"ECDHE-PSK-CHACHA20-POLY1305", Credential::kPsk},
    {"DHE-PSK-AES128-GCM-SHA256", Credential::kPsk},
};

void completesWithEverySuite() {
  const Authority authority;
  const Identity ecdsa = authority.issue(makeEcKey());
  const Identity rsa = authority.issue(makeRsaKey());
  for (const Suite& suite : kSuites) {
    const Row row(suite.cipher);
    const bool psk = suite.credential == Credential::kPsk;
    ContextOptions client = psk ? pskOnly(Role::kClient) : clientTrusting(authority);
    ContextOptions server = psk ? pskOnly(Role::kServer)
                                : serverWith(suite.credential == Credential::kRsa ? rsa : ecdsa);
    client.ciphers = server.ciphers = suite.cipher;
    Pair pair(client, server);
    if (!CHECK(pair.connect())) continue;
    CHECK(pair.alive());
    for (End* end : {&pair.client, &pair.server}) {
      CHECK_EQ(end->reason, "");
      CHECK_EQ(end->connection().version(), DTLS1_2_VERSION);
      CHECK_EQ(end->connection().cipher().value_or(CipherInfo{}).name, suite.cipher);
      CHECK(!end->connection().timeout());
      CHECK(end->connection().verification().empty());
    }
    CHECK_EQ(pair.client.connection().peerCertificates().size(), psk ? 0u : 1u);
  }
}

void completesWithTheDefaults() {
  const Authority authority;
  const Identity identity = authority.issue(makeEcKey());
  Pair with_certificate(clientTrusting(authority), serverWith(identity));
  CHECK(with_certificate.connect());
  CHECK_HAS(with_certificate.client.connection().cipher()->name, "ECDHE-ECDSA-");

  Pair with_key(pskOnly(Role::kClient, ""), pskOnly(Role::kServer, ""));
  CHECK(with_key.connect());
  CHECK_HAS(with_key.client.connection().cipher()->name, "PSK-");
}

void knowsNothingBeforeTheHandshake() {
  End client(makeContext(pskOnly(Role::kClient)));
  CHECK(!client.connection().cipher());
  CHECK(!client.connection().timeout());
  CHECK(client.connection().peerCertificates().empty());
  CHECK_EQ(client.connection().maximumPayload(), 0u);
}

void sendsOneHelloAndWaits() {
  End client(makeContext(pskOnly(Role::kClient)));
  client.start();
  CHECK_EQ(client.status, Status::kInProgress);
  const Datagrams flight = client.takeOutbox();
  REQUIRE(flight.size() == 1);
  const auto records = recordsOf(flight.front());
  REQUIRE(records.size() == 1);
  CHECK_EQ(records[0].type, kHandshake);
  CHECK_EQ(records[0].minor, 0xff);
  CHECK_EQ(records[0].epoch, 0);
  CHECK_EQ(records[0].fragment[0], 1);
  const auto timeout = client.connection().timeout();
  CHECK(timeout && *timeout > 500 && *timeout <= 1000);
}

void authenticatesBothSides() {
  const Authority authority;
  const Authority clients = Authority(makeRsaKey(), "clients").delegate("below");
  const Identity server_identity = authority.issue(makeEcKey());
  const Identity client_identity = clients.issue(makeRsaKey());
  ContextOptions client = clientTrusting(authority);
  client.certificates = client_identity.views();
  client.private_key = client_identity.key;
  ContextOptions server = serverWith(server_identity);
  server.verification = PeerVerification::kVerify;
  server.trust = clientTrusting(clients).trust;
  Pair pair(client, server);
  CHECK(pair.connect());
  CHECK(pair.client.connection().peerCertificates() == server_identity.chain);
  CHECK(pair.server.connection().peerCertificates() == client_identity.chain);
  CHECK(pair.alive());
}

void waitsWhenTheFirstDatagramIsGarbage() {
  End server(makeContext(pskOnly(Role::kServer)));
  server.deliver(bytesOf("no hello"));
  CHECK_EQ(server.status, Status::kInProgress);
  CHECK(server.takeOutbox().empty());
}

// Ends that take the word of a peer nobody has authenticated yet.
EndOptions obedient() {
  EndOptions options;
  options.limits.obey_unauthenticated_alerts = true;
  return options;
}

void saysWhyNothingIsShared() {
  ContextOptions client = pskOnly(Role::kClient, "PSK-AES128-GCM-SHA256");
  ContextOptions server = pskOnly(Role::kServer, "PSK-AES256-GCM-SHA384");
  Pair pair(client, server, obedient());
  CHECK(!pair.connect());
  CHECK_EQ(pair.server.status, Status::kFailed);
  CHECK_EQ(pair.server.reason, "no shared cipher");
  CHECK_EQ(pair.client.status, Status::kFailed);  // the alert was among the last datagrams
  CHECK_HAS(pair.client.reason, "handshake failure");
}

void obeysTheServersOrder() {
  struct Case {
    bool prefer_server;
    const char* chosen;
  };
  for (const Case& one : {Case{true, "PSK-AES256-GCM-SHA384"}, {false, "PSK-AES128-GCM-SHA256"}}) {
    ContextOptions client = pskOnly(Role::kClient, "PSK-AES128-GCM-SHA256:PSK-AES256-GCM-SHA384");
    ContextOptions server = pskOnly(Role::kServer, "PSK-AES256-GCM-SHA384:PSK-AES128-GCM-SHA256");
    server.prefer_server_ciphers = one.prefer_server;
    Pair pair(client, server);
    CHECK(pair.connect());
    CHECK_EQ(pair.client.connection().cipher().value_or(CipherInfo{}).name, one.chosen);
  }
}

void agreesOnAVersion() {
  struct Case {
    int client_minimum;
    int client_maximum;
    int server_minimum;
    int server_maximum;
    int agreed;  // 0: none
  };
  constexpr int k10 = DTLS1_VERSION;
  constexpr int k12 = DTLS1_2_VERSION;
  for (const Case& one : {Case{k12, k12, k12, k12, k12},
                          {k10, k12, k10, k12, k12},
                          {k10, k10, k10, k12, k10},
                          {k10, k12, k10, k10, k10},
                          {k10, k10, k12, k12, 0},
                          {k12, k12, k10, k10, 0}}) {
    ContextOptions client = pskOnly(Role::kClient, "PSK-AES128-CBC-SHA");
    ContextOptions server = pskOnly(Role::kServer, "PSK-AES128-CBC-SHA");
    client.minimum_version = one.client_minimum;
    client.maximum_version = one.client_maximum;
    server.minimum_version = one.server_minimum;
    server.maximum_version = one.server_maximum;
    Pair pair(client, server, obedient());
    CHECK_EQ(pair.connect(), one.agreed != 0);
    if (one.agreed != 0) {
      CHECK_EQ(pair.client.connection().version(), one.agreed);
      CHECK(pair.alive());
    } else {
      CHECK(!pair.client.reason.empty() && !pair.server.reason.empty());
    }
  }
}

void issuesNoTicket() {
  const Authority authority;
  const Identity identity = authority.issue(makeEcKey());
  Pair pair(clientTrusting(authority), serverWith(identity));
  bool ticket = false;
  pair.network = [&](Role, std::size_t, const Bytes& datagram) {
    for (const Record& record : recordsOf(datagram)) {
      ticket =
          ticket || (record.type == kHandshake && record.epoch == 0 && record.fragment[0] == 4);
    }
    return Fate::kDeliver;
  };
  CHECK(pair.connect());
  CHECK(!ticket);
}

void survivesItsContextOwner() {
  auto context = makeContext(pskOnly(Role::kClient));
  End client(context);
  context.reset();
  client.start();
  CHECK_EQ(client.status, Status::kInProgress);
}

}  // namespace
}  // namespace qdtls::testing

int main() {
  using namespace qdtls::testing;
  return run({
      {"completes with every suite: ECDSA, RSA, PSK, each kind of cipher", completesWithEverySuite},
      {"completes with the default ciphers", completesWithTheDefaults},
      {"knows no cipher, peer or timeout before the handshake", knowsNothingBeforeTheHandshake},
      {"begins with one ClientHello and a timeout", sendsOneHelloAndWaits},
      {"authenticates both sides, with a chain", authenticatesBothSides},
      {"waits when a server's first datagram is garbage", waitsWhenTheFirstDatagramIsGarbage},
      {"says why nothing is shared, and tells the peer", saysWhyNothingIsShared},
      {"obeys the server's order of ciphers, or the client's", obeysTheServersOrder},
      {"agrees on a version, or fails with a reason", agreesOnAVersion},
      {"issues no session ticket", issuesNoTicket},
      {"keeps its context alive", survivesItsContextOwner},
  });
}
