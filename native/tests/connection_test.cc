#include "core/connection.h"

#include <algorithm>

#include "association.h"
#include "harness.h"
#include "raw_peer.h"

namespace qdtls::testing {
namespace {

using Texts = std::vector<std::string>;

Pair pskPair() { return {pskOnly(Role::kClient), pskOnly(Role::kServer)}; }

void carriesEverySize() {
  Pair pair = pskPair();
  CHECK(pair.connect());
  for (const std::size_t size : {std::size_t{1}, std::size_t{2}, std::size_t{100},
                                 std::size_t{1500}, Connection::kMaximumPlaintext}) {
    const Row row(std::to_string(size) + " bytes");
    const std::string text(size, 'x');
    pair.client.send(text);
    Datagrams sent = pair.client.takeOutbox();
    CHECK_EQ(sent.size(), 1u);
    pair.server.deliver(sent);
    CHECK(pair.server.takeTexts() == Texts{text});
  }
}

void sendsNothingForNothing() {
  Pair pair = pskPair();
  CHECK(pair.connect());
  pair.client.send("");
  CHECK_EQ(pair.client.status, Status::kEstablished);
  CHECK(pair.client.takeOutbox().empty());
}

void refusesWhatNoRecordHolds() {
  Pair pair = pskPair();
  CHECK(pair.connect());
  const Bytes large(Connection::kMaximumPlaintext + 1);
  const Outcome outcome = pair.client.connection().send(large);
  CHECK_EQ(outcome.status, Status::kRefused);
  CHECK_EQ(outcome.reason, "a datagram holds at most 16384 bytes");
  CHECK(outcome.datagrams.empty());
  CHECK(pair.alive());
}

void refusesDataBeforeTheHandshakeIsComplete() {
  Pair pair = pskPair();
  const Bytes record = Record{kApplicationData, 1, 1, Bytes(40)}.encode();
  const auto check = [&](Connection& connection) {
    for (const Outcome& outcome : {connection.send(bytesOf("early")), connection.receive(record)}) {
      CHECK_EQ(outcome.status, Status::kRefused);
      CHECK(!outcome.reason.empty());
      CHECK(outcome.datagrams.empty());
    }
  };
  check(pair.client.connection());
  check(pair.server.connection());
  pair.client.start();
  check(pair.client.connection());
  pair.carry();
  CHECK(pair.alive());
}

void readsEveryRecordOfADatagram() {
  Pair pair = pskPair();
  CHECK(pair.connect());
  Texts expected;
  for (int i = 0; i < 60; ++i) {
    expected.push_back("message " + std::to_string(i));
    pair.client.send(expected.back());
  }
  pair.server.deliver(joined(pair.client.takeOutbox()));
  CHECK(pair.server.takeTexts() == expected);
  CHECK(pair.alive());
}

void readsARecordWithoutData() {
  End server(makeContext(pskOnly(Role::kServer)));
  RawPeer client(Role::kClient);
  REQUIRE(client.connect(server));
  server.deliver(client.seal(kApplicationData, 5, {}));
  CHECK_EQ(server.status, Status::kEstablished);
  server.deliver(joined({client.seal(kApplicationData, 6, {}),
                         client.seal(kApplicationData, 7, bytesOf("data")),
                         client.seal(kApplicationData, 8, {})}));
  CHECK_EQ(server.status, Status::kEstablished);
  Texts texts = server.takeTexts();
  texts.erase(std::remove(texts.begin(), texts.end(), ""), texts.end());
  CHECK(texts == Texts{"data"});
}

// The network may carry the first data past the last flight.
void keepsDataThatComesBeforeTheLastFlight() {
  Pair pair = pskPair();
  pair.client.start();
  pair.server.deliver(pair.client.takeOutbox());
  pair.client.deliver(pair.server.takeOutbox());
  pair.server.deliver(pair.client.takeOutbox());
  CHECK_EQ(pair.server.status, Status::kEstablished);
  const Datagrams last_flight = pair.server.takeOutbox();
  pair.server.send("early one");
  pair.server.send("early two");
  pair.client.deliver(pair.server.takeOutbox());
  CHECK_EQ(pair.client.status, Status::kInProgress);
  CHECK(pair.client.takeTexts().empty());
  pair.client.deliver(last_flight);
  CHECK_EQ(pair.client.status, Status::kEstablished);
  CHECK(pair.client.takeTexts() == (Texts{"early one", "early two"}));
  CHECK(pair.alive());
}

void readsDataGivenToHandshake() {
  Pair pair = pskPair();
  CHECK(pair.connect());
  pair.server.send("through handshake()");
  const Outcome outcome = pair.client.connection().handshake(pair.server.takeOutbox().front());
  CHECK_EQ(outcome.status, Status::kEstablished);
  CHECK(outcome.plaintexts == Datagrams{bytesOf("through handshake()")});
  CHECK(pair.alive());
}

// What is needed for the handshake only, or seldom, is held apart.
void isSmallBesideItsSsl() { CHECK(sizeof(Connection) <= 1024); }

}  // namespace
}  // namespace qdtls::testing

int main() {
  using namespace qdtls::testing;
  return run({
      {"carries a message of any size up to 16384 bytes as one datagram", carriesEverySize},
      {"sends nothing for an empty message", sendsNothingForNothing},
      {"refuses a message that no record holds, and goes on", refusesWhatNoRecordHolds},
      {"refuses data before the handshake is complete", refusesDataBeforeTheHandshakeIsComplete},
      {"reads every record of a datagram", readsEveryRecordOfADatagram},
      {"reads a record without data", readsARecordWithoutData},
      {"keeps data that comes before the last flight", keepsDataThatComesBeforeTheLastFlight},
      {"reads data given to handshake()", readsDataGivenToHandshake},
      {"is small beside its SSL", isSmallBesideItsSsl},
  });
}
