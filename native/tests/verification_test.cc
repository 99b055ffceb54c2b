#include "core/verification.h"

#include <algorithm>
#include <functional>

#include "association.h"
#include "harness.h"
#include "raw_peer.h"

namespace qdtls::testing {
namespace {

using Codes = std::vector<std::pair<int, int>>;  // X509_V_ERR_*, depth

Codes codesOf(const Connection& connection) {
  Codes codes;
  for (const VerificationRecord& record : connection.verification())
    codes.emplace_back(record.code, record.depth);
  return codes;
}

bool has(const Codes& codes, int code) {
  return std::any_of(codes.begin(), codes.end(),
                     [&](const auto& one) { return one.first == code; });
}

void recordsWhatIsWrongWithTheServersChain() {
  const Authority trusted;
  const Authority unknown(makeEcKey(), "unknown");
  Subject expired;
  expired.starts_in = -7200;
  expired.ends_in = -3600;
  Subject early;
  early.starts_in = 3600;
  Subject client_only;
  client_only.extended_usage = "clientAuth";
  struct Case {
    const char* name;
    Identity identity;
    Codes expected;
  };
  const Case cases[] = {
      {"a trusted issuer", trusted.issue(makeEcKey()), {}},
      {"a self-signed certificate",
       selfSigned(makeEcKey()),
       {{X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, 0}}},
      {"an unknown issuer",
       unknown.issue(makeEcKey()),
       {{X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, 0},
        {X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, 0}}},
      {"an expired certificate",
       trusted.issue(makeEcKey(), expired),
       {{X509_V_ERR_CERT_HAS_EXPIRED, 0}}},
      {"a certificate of tomorrow",
       trusted.issue(makeEcKey(), early),
       {{X509_V_ERR_CERT_NOT_YET_VALID, 0}}},
      {"a certificate for clients",
       trusted.issue(makeEcKey(), client_only),
       {{X509_V_ERR_INVALID_PURPOSE, 0}}},
      {"expired, of an unknown issuer",
       unknown.issue(makeEcKey(), expired),
       {{X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, 0},
        {X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, 0},
        {X509_V_ERR_CERT_HAS_EXPIRED, 0}}},
  };
  for (const Case& one : cases) {
    const Row row(one.name);
    Pair pair(clientTrusting(trusted), serverWith(one.identity));
    CHECK(pair.connect());  // what the records mean is decided above the core
    CHECK(codesOf(pair.client.connection()) == one.expected);
    CHECK(pair.client.connection().peerCertificates() == one.identity.chain);
  }
}

void trustsASelfSignedCertificateInTheStore() {
  const Identity identity = selfSigned(makeEcKey());
  ContextOptions client;
  auto store = TrustStore::create({identity.chain.front()});
  REQUIRE(store.ok());
  client.trust = std::make_shared<const TrustStore>(std::move(store.value()));
  Pair pair(client, serverWith(identity));
  CHECK(pair.connect());
  CHECK(pair.client.connection().verification().empty());
}

void trustsNobodyWithoutAStore() {
  const Authority authority;
  const Identity identity = authority.issue(makeEcKey());
  ContextOptions client;
  Pair pair(client, serverWith(identity));
  CHECK(pair.connect());
  CHECK(has(codesOf(pair.client.connection()), X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY));
}

void checksNothingUnlessAsked() {
  const Identity identity = selfSigned(makeEcKey());
  for (const PeerVerification mode : {PeerVerification::kNone, PeerVerification::kRequest}) {
    ContextOptions client;
    client.verification = mode;
    Pair pair(client, serverWith(identity));
    CHECK(pair.connect());
    CHECK(pair.client.connection().verification().empty());
    CHECK(pair.client.connection().peerCertificates() == identity.chain);
  }
}

void asksClientsAsTold() {
  const Authority authority;
  const Identity server_identity = authority.issue(makeEcKey());
  const Identity stranger = selfSigned(makeEcKey());
  struct Case {
    const char* name;
    PeerVerification mode;
    const Identity* client;
    std::size_t certificates;
    Codes codes;
  };
  const Case cases[] = {
      {"not asked", PeerVerification::kNone, &stranger, 0, {}},
      {"asked, none sent", PeerVerification::kRequest, nullptr, 0, {}},
      {"asked, not checked", PeerVerification::kRequest, &stranger, 1, {}},
      {"checked, none sent", PeerVerification::kVerify, nullptr, 0, {}},
      {"checked",
       PeerVerification::kVerify,
       &stranger,
       1,
       {{X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, 0}}},
  };
  for (const Case& one : cases) {
    const Row row(one.name);
    ContextOptions client = clientTrusting(authority);
    if (one.client != nullptr) {
      client.certificates = one.client->views();
      client.private_key = one.client->key;
    }
    ContextOptions server = serverWith(server_identity);
    server.verification = one.mode;
    Pair pair(client, server);
    CHECK(pair.connect());
    CHECK_EQ(pair.server.connection().peerCertificates().size(), one.certificates);
    CHECK(codesOf(pair.server.connection()) == one.codes);
  }
}

void limitsTheDepth() {
  const Authority root;
  const Authority middle = root.delegate("middle");
  const Identity identity = middle.delegate("low").issue(makeEcKey());
  ContextOptions client = clientTrusting(root);
  struct Case {
    int depth;
    bool passes;
  };
  for (const Case& one : {Case{0, true}, {3, true}, {2, true}, {1, false}}) {
    const Row row("depth " + std::to_string(one.depth));
    client.verification_depth = one.depth;
    Pair pair(client, serverWith(identity));
    CHECK(pair.connect());
    const Codes codes = codesOf(pair.client.connection());
    CHECK_EQ(codes.empty(), one.passes);
  }
}

// The level is 2 for the peer's keys too, also where CCM8 is let through.
void recordsAWeakKeyOfThePeer() {
  const Authority authority;
  for (const unsigned bits : {512U, 1024U}) {
    const Row row(std::to_string(bits) + " bits");
    const Identity weak = authority.issue(makeRsaKey(bits));
    RawPeer server(Role::kServer, "ECDHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0");
    const UniqueX509 certificate = decodeCertificate(weak.chain.front());
    const unsigned char* cursor = weak.key.data();
    const UniquePkey key(d2i_AutoPrivateKey(nullptr, &cursor, static_cast<long>(weak.key.size())));
    CHECK_EQ(SSL_use_certificate(server.ssl(), certificate.get()), 1);
    CHECK_EQ(SSL_use_PrivateKey(server.ssl(), key.get()), 1);

    ContextOptions options = clientTrusting(authority);
    options.ciphers = "ECDHE-RSA-AES128-GCM-SHA256:PSK-AES128-CCM8";
    End client(makeContext(options));
    client.start();
    server.carry(client);
    CHECK(has(codesOf(client.connection()), X509_V_ERR_EE_KEY_TOO_SMALL));
  }
}

}  // namespace
}  // namespace qdtls::testing

int main() {
  using namespace qdtls::testing;
  return run({
      {"records what is wrong with the server's chain, in order, and goes on",
       recordsWhatIsWrongWithTheServersChain},
      {"trusts a self-signed certificate that is in the store",
       trustsASelfSignedCertificateInTheStore},
      {"trusts nobody without a store", trustsNobodyWithoutAStore},
      {"checks nothing unless it was asked to", checksNothingUnlessAsked},
      {"asks clients for a certificate as it was told", asksClientsAsTold},
      {"limits the depth of the chain", limitsTheDepth},
      {"records a weak key of the peer, with CCM8 in the list too", recordsAWeakKeyOfThePeer},
  });
}
