#include <algorithm>

#include "association.h"
#include "harness.h"
#include "records.h"

namespace qdtls::testing {
namespace {

constexpr std::size_t kMtus[] = {256, 576, 1400};

// Chains that need several datagrams whatever the MTU.
struct Cast final {
  Authority root{makeRsaKey()};
  Identity server =
      root.delegate("server issuer", makeRsaKey()).issue(makeRsaKey(), padded("localhost"));
  Identity client =
      root.delegate("client issuer", makeRsaKey()).issue(makeRsaKey(), padded("client"));

  [[nodiscard]] ContextOptions clientOptions() const {
    ContextOptions options = clientTrusting(root);
    options.certificates = client.views();
    options.private_key = client.key;
    return options;
  }
  [[nodiscard]] ContextOptions serverOptions() const {
    ContextOptions options = serverWith(server);
    options.verification = PeerVerification::kVerify;
    options.trust = clientOptions().trust;
    return options;
  }

 private:
  static Subject padded(const char* name) {
    Subject subject;
    subject.name = name;
    subject.padding = 1500;
    return subject;
  }
};

const Cast& cast() {
  static const Cast instance;
  return instance;
}

EndOptions withMtu(std::size_t mtu) {
  EndOptions options;
  options.mtu = mtu;
  return options;
}

void keepsEveryDatagramWithinTheMtu() {
  for (const std::size_t mtu : kMtus) {
    const Row row("MTU " + std::to_string(mtu));
    Pair pair(cast().clientOptions(), cast().serverOptions(), withMtu(mtu));
    CHECK(pair.connect());
    for (const End* end : {&pair.client, &pair.server}) {
      CHECK(end->longest_datagram <= mtu);
      CHECK(end->longest_datagram > mtu - 20);  // and makes use of it
    }
    CHECK(pair.client.connection().peerCertificates() == cast().server.chain);
    CHECK(pair.server.connection().peerCertificates() == cast().client.chain);
    CHECK(pair.alive());
  }
}

void endsMayDifferInMtu() {
  Pair pair(cast().clientOptions(), withMtu(256), cast().serverOptions(), withMtu(1400));
  CHECK(pair.connect());
  CHECK(pair.client.longest_datagram <= 256);
  CHECK(pair.server.longest_datagram > 256 && pair.server.longest_datagram <= 1400);
}

void carryReversed(End& from, End& to) {
  Datagrams flight = from.takeOutbox();
  std::reverse(flight.begin(), flight.end());
  to.deliver(flight);
}

void reassemblesFragmentsInAnyOrder() {
  EndOptions options = withMtu(256);
  options.timeouts = {300, 600};  // nothing may be overdue before it is waited for
  Pair pair(cast().clientOptions(), cast().serverOptions(), options);
  pair.client.start();
  carryReversed(pair.client, pair.server);
  carryReversed(pair.server, pair.client);
  CHECK(!pair.client.connection().peerCertificates().empty());  // the server's flight is whole
  carryReversed(pair.client, pair.server);
  CHECK(!pair.server.connection().peerCertificates().empty());
  // A ChangeCipherSpec is no handshake message: OpenSSL keeps none that comes early, so that flight
  // must come again.
  REQUIRE(pair.client.waitForTimeout());
  pair.client.handleTimeout();
  pair.carry();
  CHECK_EQ(pair.client.status, Status::kEstablished);
  CHECK_EQ(pair.server.status, Status::kEstablished);
  CHECK(pair.alive());
}

void takesFragmentsTwice() {
  Pair pair(cast().clientOptions(), cast().serverOptions(), withMtu(256));
  pair.network = [](Role, std::size_t, const Bytes&) { return Fate::kTwice; };
  CHECK(pair.connect());
  CHECK(pair.alive());
}

void fitsRetransmissionsIntoTheMtu() {
  EndOptions options = withMtu(256);
  options.timeouts = {300, 600};  // nothing may be overdue before it is waited for
  Pair pair(cast().clientOptions(), cast().serverOptions(), options);
  pair.network = [](Role sender, std::size_t index, const Bytes&) {
    return sender == Role::kServer && index == 2 ? Fate::kDrop : Fate::kDeliver;
  };
  CHECK(!pair.connect());
  REQUIRE(pair.server.waitForTimeout());
  pair.server.handleTimeout();
  pair.carry();
  CHECK_EQ(pair.client.status, Status::kEstablished);
  CHECK(pair.server.longest_datagram <= 256);
}

void obeysAnMtuThatChangesDuringTheHandshake() {
  Pair pair(cast().clientOptions(), cast().serverOptions(), withMtu(1400));
  pair.client.start();
  pair.client.connection().setMtu(300);
  pair.server.connection().setMtu(300);
  pair.client.longest_datagram = 0;
  pair.carry();
  CHECK_EQ(pair.client.status, Status::kEstablished);
  CHECK(pair.client.longest_datagram <= 300);
  CHECK(pair.server.longest_datagram <= 300);
}

void payloadFitsTheMtu() {
  const Identity ecdsa = cast().root.issue(makeEcKey());
  for (const char* cipher :
       {"ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-ECDSA-AES128-CCM8",
        "ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA384"}) {
    for (const std::size_t mtu : kMtus) {
      const Row row(std::string(cipher) + ", MTU " + std::to_string(mtu));
      ContextOptions client = clientTrusting(cast().root);
      ContextOptions server = serverWith(ecdsa);
      client.ciphers = server.ciphers = cipher;
      Pair pair(client, server, withMtu(mtu));
      if (!CHECK(pair.connect())) continue;
      for (End* end : {&pair.client, &pair.server}) {
        const std::size_t payload = end->connection().maximumPayload();
        CHECK(payload > mtu - 100);
        end->longest_datagram = 0;
        end->send(std::string(payload, 'x'));
        CHECK(end->longest_datagram <= mtu);
        CHECK_EQ(end->takeOutbox().size(), 1u);
        end->send(std::string(payload + 1, 'x'));
        CHECK(end->longest_datagram > mtu);
        static_cast<void>(end->takeOutbox());
      }
    }
  }
}

}  // namespace
}  // namespace qdtls::testing

int main() {
  using namespace qdtls::testing;
  return run({
      {"keeps every handshake datagram within the MTU, and uses it",
       keepsEveryDatagramWithinTheMtu},
      {"lets the ends differ in MTU", endsMayDifferInMtu},
      {"reassembles fragments in any order", reassemblesFragmentsInAnyOrder},
      {"takes every fragment twice", takesFragmentsTwice},
      {"fits repeated flights into the MTU", fitsRetransmissionsIntoTheMtu},
      {"obeys an MTU that changes during the handshake", obeysAnMtuThatChangesDuringTheHandshake},
      {"tells a payload that fits the MTU, and no byte less than that", payloadFitsTheMtu},
  });
}
