#include <algorithm>

#include "harness.h"
#include "raw_peer.h"

namespace qdtls::testing {
namespace {

// A handshake message without content.
Bytes emptyMessage(std::uint8_t type, std::uint8_t message_sequence) {
  return {type, 0, 0, 0, 0, message_sequence, 0, 0, 0, 0, 0, 0};
}

Role opposite(Role role) { return role == Role::kServer ? Role::kClient : Role::kServer; }

// Silence is an answer (RFC 5246 section 7.4.1.1), and so is a warning: an alert record, encrypted.
// A flight is not.
void checkAnswer(End& end) {
  for (const Bytes& datagram : end.takeOutbox()) {
    const auto records = recordsOf(datagram);
    CHECK(records.size() == 1 && records[0].type == kAlert && records[0].epoch == 1);
  }
}

void checkRefused(End& end, const RawPeer& peer) {
  CHECK_EQ(end.status, Status::kEstablished);
  CHECK_EQ(end.reason, "");
  CHECK(!end.connection().timeout());
  checkAnswer(end);
  end.deliver(peer.seal(kApplicationData, 20, bytesOf("still here")));
  CHECK(end.takeTexts() == std::vector<std::string>{"still here"});
  end.send("here too");
  CHECK_EQ(end.status, Status::kEstablished);
  CHECK_EQ(end.takeOutbox().size(), 1u);
}

void refusesOpenSslsRenegotiation() {
  for (const Role role : {Role::kServer, Role::kClient}) {
    const Row row(role == Role::kServer ? "as a server" : "as a client");
    End end(makeContext(pskOnly(role)));
    RawPeer peer(opposite(role));
    REQUIRE(peer.connect(end));
    CHECK_EQ(SSL_renegotiate(peer.ssl()), 1);
    SSL_do_handshake(peer.ssl());
    const Datagrams request = peer.takeOutbox();
    CHECK(!request.empty());
    end.deliver(request);
    checkRefused(end, peer);
  }
}

void refusesAHelloRequest() {
  End client(makeContext(pskOnly(Role::kClient)));
  RawPeer server(Role::kServer);
  REQUIRE(server.connect(client));
  client.deliver(server.seal(kHandshake, 5, emptyMessage(kHelloRequest, 0)));
  checkRefused(client, server);
}

void staysHoweverOftenItIsAsked() {
  End client(makeContext(pskOnly(Role::kClient)));
  RawPeer server(Role::kServer);
  REQUIRE(server.connect(client));
  for (std::uint64_t i = 0; i < 10; ++i) {
    client.deliver(server.seal(kHandshake, 5 + i, emptyMessage(kHelloRequest, 0)));
    REQUIRE(client.status == Status::kEstablished);
    checkAnswer(client);
  }
  checkRefused(client, server);
}

// An authenticated peer that breaks the protocol loses its association; it must be told so, and
// why.
void failsOnAMessageOutOfOrder() {
  for (const Role role : {Role::kServer, Role::kClient}) {
    const Row row(role == Role::kServer ? "as a server" : "as a client");
    End end(makeContext(pskOnly(role)));
    RawPeer peer(opposite(role));
    REQUIRE(peer.connect(end));
    end.deliver(peer.seal(kHandshake, 5, emptyMessage(kClientHello, 40)));
    CHECK_EQ(end.status, Status::kFailed);
    CHECK(!end.reason.empty());
  }
}

void answersARepeatedFinished() {
  End server(makeContext(pskOnly(Role::kServer)));
  RawPeer client(Role::kClient);
  REQUIRE(client.connect(server));
  Bytes finished = {kFinished, 0, 0, 12, 0, 2, 0, 0, 0, 0, 0, 12};
  finished.resize(24);
  server.deliver(client.seal(kHandshake, 5, finished));
  CHECK_EQ(server.status, Status::kEstablished);
  const Datagrams flight = server.takeOutbox();
  CHECK(!flight.empty());
  for (const Bytes& datagram : flight) CHECK(recordsOf(datagram)[0].type != kAlert);
}

}  // namespace
}  // namespace qdtls::testing

int main() {
  using namespace qdtls::testing;
  return run({
      {"refuses the renegotiation that OpenSSL starts, and stays established",
       refusesOpenSslsRenegotiation},
      {"refuses a HelloRequest", refusesAHelloRequest},
      {"stays established however often it is asked", staysHoweverOftenItIsAsked},
      {"fails on a handshake message out of order", failsOnAMessageOutOfOrder},
      {"answers a repeated Finished with its last flight", answersARepeatedFinished},
  });
}
