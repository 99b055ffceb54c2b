#include <algorithm>

#include "association.h"
#include "harness.h"
#include "raw_peer.h"

// How associations end: closed, failed, or just dropped.
namespace qdtls::testing {
namespace {

using Texts = std::vector<std::string>;

Pair pskPair() { return {pskOnly(Role::kClient), pskOnly(Role::kServer)}; }

// All of the server's last words in one datagram.
void readsAFlightAndDataAndCloseAtOnce() {
  Pair pair = pskPair();
  pair.client.start();
  pair.server.deliver(pair.client.takeOutbox());
  pair.client.deliver(pair.server.takeOutbox());
  pair.server.deliver(pair.client.takeOutbox());
  pair.server.send("hello");
  pair.server.shutdown();
  pair.client.deliver(joined(pair.server.takeOutbox()));
  CHECK_EQ(pair.client.status, Status::kClosed);
  CHECK(pair.client.takeTexts() == Texts{"hello"});
  CHECK(pair.client.connection().cipher());
}

void closesWithOneAlert() {
  Pair pair = pskPair();
  CHECK(pair.connect());
  pair.client.shutdown();
  CHECK_EQ(pair.client.status, Status::kClosed);
  const Datagrams sent = pair.client.takeOutbox();
  REQUIRE(sent.size() == 1);
  CHECK_EQ(recordsOf(sent[0])[0].type, kAlert);
  pair.client.shutdown();
  CHECK(pair.client.takeOutbox().empty());

  pair.server.deliver(sent);
  CHECK_EQ(pair.server.status, Status::kClosed);
  CHECK(pair.server.takeOutbox().empty());
  pair.server.shutdown();
  CHECK_EQ(pair.server.takeOutbox().size(), 1u);
}

void hearsWhatCameBeforeTheClose() {
  Pair pair = pskPair();
  CHECK(pair.connect());
  pair.client.send("last words");
  const Bytes words = pair.client.takeOutbox().front();
  pair.client.send("too late");
  const Bytes late = pair.client.takeOutbox().front();
  pair.client.shutdown();
  pair.server.deliver(joined({words, pair.client.takeOutbox().front(), late}));
  CHECK_EQ(pair.server.status, Status::kClosed);
  CHECK(pair.server.takeTexts() == Texts{"last words"});
}

void sendsNoCloseBeforeItIsEstablished() {
  Pair pair = pskPair();
  pair.client.shutdown();
  CHECK(pair.client.takeOutbox().empty());
  Pair half_open = pskPair();
  half_open.client.start();
  static_cast<void>(half_open.client.takeOutbox());
  half_open.client.shutdown();
  CHECK(half_open.client.takeOutbox().empty());
}

void failsAtOnceOnAnEncryptedFatalAlert() {
  struct Case {
    std::uint8_t description;
    const char* name;
  };
  for (const Case& one : {Case{10, "unexpected message"},
                          {20, "bad record mac"},
                          {40, "handshake failure"},
                          {80, "internal error"}}) {
    const Row row(one.name);
    End server(makeContext(pskOnly(Role::kServer)));
    RawPeer client(Role::kClient);
    REQUIRE(client.connect(server));
    server.deliver(joined({client.seal(kApplicationData, 5, bytesOf("before")),
                           client.seal(kAlert, 6, Bytes{2, one.description})}));
    CHECK_EQ(server.status, Status::kFailed);
    CHECK_HAS(server.reason, one.name);
    CHECK(server.takeTexts() == Texts{"before"});
  }
}

void failsWithOpenSslsReason() {
  End server(makeContext(pskOnly(Role::kServer)));
  RawPeer client(Role::kClient);
  REQUIRE(client.connect(server));
  server.deliver(client.seal(kAlert, 5, Bytes{9, 9}));
  CHECK_EQ(server.status, Status::kFailed);
  CHECK_HAS(server.reason, "unknown alert type");
  CHECK_EQ(server.takeOutbox().size(), 1u);  // the peer is told
}

void failsOnAPlaintextAlertInTheHandshakeIfItIsToldTo() {
  EndOptions obedient;
  obedient.limits.obey_unauthenticated_alerts = true;
  Pair pair(pskOnly(Role::kClient), pskOnly(Role::kServer), obedient);
  pair.client.start();
  pair.client.deliver(Record{kAlert, 0, 0, {2, 40}}.encode());
  CHECK_EQ(pair.client.status, Status::kFailed);
  CHECK_HAS(pair.client.reason, "handshake failure");
}

// Out of order, or after the end: whatever is called, nothing breaks and nothing is said to be
// well.
void survivesEveryCallAfterItsEnd() {
  const Bytes junk = Record{kApplicationData, 1, 9, Bytes(40)}.encode();
  const auto exercise = [&](Connection& connection) {
    const Outcome outcomes[] = {connection.send(bytesOf("x")),
                                connection.receive(junk),
                                connection.receive({}),
                                connection.handshake(junk),
                                connection.providePsk({"x", SecretBytes(bytesOf("x"))}),
                                connection.handleTimeout()};
    for (const Outcome& outcome : outcomes) CHECK(outcome.plaintexts.empty());
    CHECK(outcomes[0].status != Status::kEstablished && !outcomes[0].reason.empty());
    CHECK(outcomes[0].datagrams.empty());
    CHECK_EQ(connection.shutdown().status, Status::kClosed);
    static_cast<void>(connection.timeout());
    static_cast<void>(connection.maximumPayload());
    static_cast<void>(connection.cipher());
    static_cast<void>(connection.peerCertificates());
  };
  {
    const Row row("after shutdown");
    Pair pair = pskPair();
    CHECK(pair.connect());
    pair.client.shutdown();
    exercise(pair.client.connection());
  }
  {
    const Row row("after a failed handshake");
    Pair pair(pskOnly(Role::kClient, "PSK-AES128-GCM-SHA256"),
              pskOnly(Role::kServer, "PSK-AES256-GCM-SHA384"));
    CHECK(!pair.connect());
    exercise(pair.client.connection());
    exercise(pair.server.connection());
  }
  {
    const Row row("after a fatal alert");
    End server(makeContext(pskOnly(Role::kServer)));
    RawPeer client(Role::kClient);
    REQUIRE(client.connect(server));
    server.deliver(client.seal(kAlert, 5, Bytes{2, 40}));
    exercise(server.connection());
  }
}

// The destructor is the test: AddressSanitizer watches it.
void canBeDestroyedInEveryState() {
  const auto client_context = makeContext(pskOnly(Role::kClient));
  const auto server_context = makeContext(pskOnly(Role::kServer));
  const auto make = [](const std::shared_ptr<const Context>& context) {
    return std::make_unique<End>(context);
  };
  for (int last_step = 0; last_step < 7; ++last_step) {
    auto client = make(client_context);
    auto server = make(server_context);
    const Bytes early = Record{kApplicationData, 1, 3, Bytes(100)}.encode();
    if (last_step >= 1) client->start();
    if (last_step >= 2) server->deliver(client->takeOutbox());
    if (last_step >= 2) server->deliver(early);  // parked
    if (last_step >= 3) client->deliver(server->takeOutbox());
    if (last_step >= 4) server->deliver(client->takeOutbox());
    if (last_step >= 5) client->deliver(server->takeOutbox());
    if (last_step >= 6) client->shutdown();
    if (last_step >= 6) server->deliver(client->takeOutbox());
    CHECK_EQ(client->status == Status::kEstablished, last_step == 5);
    client.reset();
    server.reset();
  }
}

}  // namespace
}  // namespace qdtls::testing

int main() {
  using namespace qdtls::testing;
  return run({
      {"reads a flight, data and close_notify in one datagram", readsAFlightAndDataAndCloseAtOnce},
      {"closes with one alert, and once", closesWithOneAlert},
      {"hears what came before the close and nothing after it", hearsWhatCameBeforeTheClose},
      {"sends no close_notify before it is established", sendsNoCloseBeforeItIsEstablished},
      {"fails at once on an encrypted fatal alert, naming it", failsAtOnceOnAnEncryptedFatalAlert},
      {"fails with OpenSSL's reason, and tells the peer", failsWithOpenSslsReason},
      {"fails on an alert in the handshake if it is told to obey those",
       failsOnAPlaintextAlertInTheHandshakeIfItIsToldTo},
      {"survives every call after its end", survivesEveryCallAfterItsEnd},
      {"can be destroyed in every state", canBeDestroyedInEveryState},
  });
}
