#include <chrono>
#include <thread>

#include "association.h"
#include "harness.h"
#include "raw_peer.h"

// What happens while a handshake stands still for a key.
namespace qdtls::testing {
namespace {

// A server with the client's last flight on its way, a datagram for each record.
class Answering final {
 public:
  explicit Answering(const EndOptions& server_options = asking())
      : client(makeContext(pskOnly(Role::kClient))),
        server(makeContext(pskOnly(Role::kServer)), server_options) {
    client.start();
    server.deliver(client.takeOutbox());
    client.deliver(server.takeOutbox());
    for (const Bytes& datagram : client.takeOutbox()) {
      for (const Record& record : recordsOf(datagram)) flight.push_back(record.encode());
    }
  }

  End client;
  End server;
  Datagrams flight;  // ClientKeyExchange, ChangeCipherSpec, Finished
};

void keepsWhatComesWhileItWaits() {
  Answering pair;
  REQUIRE(pair.flight.size() == 3);
  for (const Bytes& datagram : pair.flight) {
    pair.server.deliver(datagram);
    CHECK_EQ(pair.server.status, Status::kInProgress);
    CHECK(pair.server.takeOutbox().empty());
  }
  CHECK(pair.server.wants_psk);
  pair.server.answerPsk();
  CHECK_EQ(pair.server.status, Status::kEstablished);
  pair.client.deliver(pair.server.takeOutbox());
  CHECK_EQ(pair.client.status, Status::kEstablished);
}

void keepsWhatComesInTheSameDatagram() {
  Answering pair;
  pair.server.deliver(joined(pair.flight));
  CHECK(pair.server.wants_psk);
  pair.server.answerPsk();
  CHECK_EQ(pair.server.status, Status::kEstablished);
}

void keepsNoMoreThanTheLimit() {
  struct Case {
    const char* name;
    std::size_t limit;
    bool completes;
  };
  for (const Case& one : {Case{"room", 4 * 1200, true}, {"no room", 4 * 1050, false}}) {
    const Row row(one.name);
    EndOptions options = asking();
    options.limits.maximum_bytes = one.limit;
    Answering pair(options);
    REQUIRE(pair.flight.size() == 3);
    pair.server.deliver(pair.flight[0]);
    REQUIRE(pair.server.wants_psk);
    pair.server.deliver(Bytes(1000, 0xff));
    pair.server.deliver(Bytes(5000, 0xff));  // for which there is never room
    pair.server.deliver(pair.flight[1]);
    pair.server.deliver(pair.flight[2]);
    pair.server.answerPsk();
    CHECK_EQ(pair.server.status, one.completes ? Status::kEstablished : Status::kInProgress);
    pair.server.deliver(pair.flight[1]);
    pair.server.deliver(pair.flight[2]);  // as the client would
    CHECK_EQ(pair.server.status, Status::kEstablished);
  }
}

void keepsTheOrder() {
  End server(makeContext(pskOnly(Role::kServer)), asking());
  RawPeer client(Role::kClient);
  client.deliver({});
  server.deliver(client.takeOutbox());
  for (const Bytes& datagram : server.takeOutbox()) client.deliver(datagram);
  const Datagrams flight = client.takeOutbox();
  REQUIRE(flight.size() == 3);
  client.deriveKeys();
  server.deliver(flight[0]);
  REQUIRE(server.wants_psk);
  server.deliver(client.seal(kApplicationData, 1, bytesOf("one")));
  server.deliver(flight[1]);
  server.deliver(Bytes(20, 0xff));
  server.deliver(client.seal(kApplicationData, 2, bytesOf("two")));
  server.deliver(flight[2]);
  server.deliver(client.seal(kApplicationData, 3, bytesOf("three")));
  CHECK(server.takeTexts().empty());
  server.answerPsk();
  CHECK_EQ(server.status, Status::kEstablished);
  CHECK(server.takeTexts() == (std::vector<std::string>{"one", "two", "three"}));
}

void refusesAnAnswerNobodyAskedFor() {
  const auto check = [](End& end) {
    const Outcome outcome = end.connection().providePsk({"x", SecretBytes(bytesOf("y"))});
    CHECK_EQ(outcome.status, Status::kRefused);
    CHECK_EQ(outcome.reason, "no pre-shared key is asked for");
    CHECK(outcome.datagrams.empty());
  };
  Pair pair(pskOnly(Role::kClient), pskOnly(Role::kServer));
  check(pair.client);
  check(pair.server);
  pair.client.start();
  check(pair.client);
  pair.server.deliver(pair.client.takeOutbox());
  check(pair.server);
  pair.client.deliver(pair.server.takeOutbox());
  check(pair.client);  // answered already
  pair.carry();
  CHECK(pair.alive());
  check(pair.client);
  check(pair.server);
  CHECK(pair.alive());
}

void failsWithNoKeyForWhatIsKept() {
  Answering pair;
  for (const Bytes& datagram : pair.flight) pair.server.deliver(datagram);
  pair.server.providePsk({});
  CHECK_EQ(pair.server.status, Status::kFailed);
  CHECK_HAS(pair.server.reason, "psk identity not found");
}

// It is not the peer who is late.
void repeatsNoFlightForASlowKey() {
  for (const unsigned maximum : {0U, 12U}) {
    const Row row("at most " + std::to_string(maximum) + " repetitions");
    EndOptions options = asking();
    options.timeouts = {200, 200};
    options.limits.maximum_retransmissions = maximum;
    Answering pair(options);
    pair.server.deliver(pair.flight[0]);
    REQUIRE(pair.server.wants_psk);
    CHECK(!pair.server.connection().timeout());
    std::this_thread::sleep_for(std::chrono::milliseconds(250));
    pair.server.handleTimeout();
    CHECK_EQ(pair.server.status, Status::kInProgress);
    pair.server.answerPsk();
    CHECK_EQ(pair.server.status, Status::kInProgress);
    CHECK(pair.server.takeOutbox().empty());
    CHECK_EQ(pair.server.connection().statistics().retransmissions, 0u);
    CHECK(pair.server.connection().timeout());  // from now on, again
    pair.server.deliver(pair.flight[1]);
    pair.server.deliver(pair.flight[2]);
    CHECK_EQ(pair.server.status, Status::kEstablished);
    CHECK_EQ(pair.server.connection().statistics().retransmissions, 0u);
  }
}

void repeatsNoHelloForASlowKey() {
  EndOptions options = asking();
  options.timeouts = {200, 200};
  options.limits.maximum_retransmissions = 0;
  Pair pair(pskOnly(Role::kClient), options, pskOnly(Role::kServer), {});
  pair.client.start();
  pair.server.deliver(pair.client.takeOutbox());
  pair.client.deliver(pair.server.takeOutbox());
  REQUIRE(pair.client.wants_psk);
  std::this_thread::sleep_for(std::chrono::milliseconds(250));
  pair.client.answerPsk();
  CHECK_EQ(pair.client.status, Status::kInProgress);
  const auto records = recordsOf(joined(pair.client.takeOutbox()));
  CHECK(!records.empty() && fragmentsOf(records.front()).front().type == kClientKeyExchange);
  CHECK_EQ(pair.client.connection().statistics().retransmissions, 0u);
}

// The destructor is the test: AddressSanitizer watches it.
void canBeDestroyedWhileItWaits() {
  Answering pair;
  for (const Bytes& datagram : pair.flight) pair.server.deliver(datagram);
  CHECK(pair.server.wants_psk);
  CHECK_EQ(pair.server.connection().shutdown().status, Status::kClosed);
}

}  // namespace
}  // namespace qdtls::testing

int main() {
  using namespace qdtls::testing;
  return run({
      {"keeps the datagrams that come while it waits", keepsWhatComesWhileItWaits},
      {"keeps what comes in the same datagram", keepsWhatComesInTheSameDatagram},
      {"keeps no more than the limit allows", keepsNoMoreThanTheLimit},
      {"keeps datagrams in order", keepsTheOrder},
      {"refuses an answer that nobody asked for", refusesAnAnswerNobodyAskedFor},
      {"fails without a key, whatever is kept", failsWithNoKeyForWhatIsKept},
      {"repeats no flight of a server for a slow key", repeatsNoFlightForASlowKey},
      {"repeats no hello of a client for a slow key", repeatsNoHelloForASlowKey},
      {"can be closed and destroyed while it waits", canBeDestroyedWhileItWaits},
  });
}
