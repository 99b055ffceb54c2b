#include <algorithm>
#include <chrono>
#include <thread>

#include "association.h"
#include "harness.h"
#include "records.h"

namespace qdtls::testing {
namespace {

constexpr RetransmissionTimeouts kQuick{20, 200};

EndOptions quick() {
  EndOptions options;
  options.timeouts = kQuick;
  return options;
}

void survivesTheLossOfAnyDatagram() {
  const Authority authority;
  const Identity identity = authority.issue(makeEcKey());
  EndOptions options = quick();
  options.mtu = Connection::kMinimumMtu;
  for (const Role sender : {Role::kClient, Role::kServer}) {
    std::size_t flown = 1;
    for (std::size_t lost = 0; lost < flown; ++lost) {
      const Row row(std::string(sender == Role::kClient ? "client" : "server") + " datagram " +
                    std::to_string(lost));
      Pair pair(clientTrusting(authority), serverWith(identity), options);
      pair.network = [&](Role from, std::size_t at, const Bytes&) {
        if (from == sender) flown = std::max(flown, at + 1);
        return from == sender && at == lost ? Fate::kDrop : Fate::kDeliver;
      };
      pair.connect();
      CHECK(pair.persist());
      pair.network = nullptr;
      CHECK(pair.alive());
    }
    CHECK(flown > 2 && flown < 20);
  }
}

void survivesTheLossOfAWholeFlight() {
  const Authority authority;
  const Identity identity = authority.issue(makeEcKey());
  for (const Role sender : {Role::kClient, Role::kServer}) {
    EndOptions options = quick();
    options.mtu = 256;
    Pair pair(clientTrusting(authority), serverWith(identity), options);
    const auto start = std::chrono::steady_clock::now();
    pair.network = [&](Role from, std::size_t, const Bytes&) {
      return from == sender &&
                     std::chrono::steady_clock::now() - start < std::chrono::milliseconds(200)
                 ? Fate::kDrop
                 : Fate::kDeliver;
    };
    CHECK(!pair.connect());
    CHECK(pair.persist());
    CHECK(pair.alive());
  }
}

// The server is done when its last flight is lost; the client's repetition brings it back.
void repeatsTheLastFlightWhenAskedTo() {
  EndOptions options;
  options.timeouts = {200, 400};  // nothing may be overdue before it is waited for
  Pair pair(pskOnly(Role::kClient), pskOnly(Role::kServer), options);
  std::size_t from_server = 0;
  bool server_done = false;
  pair.network = [&](Role from, std::size_t, const Bytes&) {
    if (from != Role::kServer) return Fate::kDeliver;
    server_done = pair.server.status == Status::kEstablished;
    return server_done && from_server++ < 1 ? Fate::kDrop : Fate::kDeliver;
  };
  CHECK(!pair.connect());
  CHECK_EQ(pair.server.status, Status::kEstablished);
  CHECK_EQ(pair.client.status, Status::kInProgress);
  CHECK(!pair.server.connection().timeout());
  REQUIRE(pair.client.waitForTimeout());
  pair.client.handleTimeout();
  pair.carry();
  CHECK_EQ(pair.client.status, Status::kEstablished);
  CHECK(pair.alive());
}

// As a flight that is repeated by its timer: the first three times once, then twice.
void answersALateRepetitionTwice() {
  EndOptions options;
  options.timeouts = {250, 250};  // nothing may be overdue before it is waited for
  End client(makeContext(pskOnly(Role::kClient)), options);
  End server(makeContext(pskOnly(Role::kServer)), options);
  client.start();
  server.deliver(client.takeOutbox());
  client.deliver(server.takeOutbox());
  server.deliver(client.takeOutbox());
  REQUIRE(server.status == Status::kEstablished);
  const std::size_t flight = server.takeOutbox().size();
  for (std::size_t repetition = 1; repetition <= 5; ++repetition) {
    const Row row("repetition " + std::to_string(repetition));
    REQUIRE(client.waitForTimeout());
    client.handleTimeout();
    server.deliver(client.takeOutbox());
    CHECK_EQ(server.takeOutbox().size(), repetition <= 3 ? flight : 2 * flight);
  }
}

void survivesALossyNetwork() {
  const Authority authority;
  const Identity identity = authority.issue(makeEcKey());
  for (unsigned seed = 1; seed <= 10; ++seed) {
    const Row row("seed " + std::to_string(seed));
    EndOptions options = quick();
    options.mtu = 300;
    Pair pair(clientTrusting(authority), serverWith(identity), options);
    unsigned state = seed;
    pair.network = [&](Role, std::size_t, const Bytes&) {
      state = state * 1103515245 + 12345;
      const unsigned dice = state >> 16 & 7;
      return dice == 0 ? Fate::kDrop : dice == 1 ? Fate::kTwice : Fate::kDeliver;
    };
    pair.connect();
    CHECK(pair.persist());
    pair.network = nullptr;
    CHECK(pair.alive());
  }
}

void doublesTheTimeoutUpToTheMaximum() {
  End client(makeContext(pskOnly(Role::kClient)), quick());
  auto begin = std::chrono::steady_clock::now();
  client.start();
  unsigned expected = kQuick.initial;
  for (int i = 0; i < 6; ++i) {
    const Row row("repetition " + std::to_string(i));
    const auto left = client.connection().timeout();
    const std::chrono::duration<double, std::milli> spent =
        std::chrono::steady_clock::now() - begin;
    // What is due within 15 milliseconds is due now (OpenSSL's dtls1_get_timeout).
    CHECK(left && *left <= expected && (*left + 15 + spent.count() >= expected || *left == 1));
    REQUIRE(client.waitForTimeout());
    begin = std::chrono::steady_clock::now();
    client.handleTimeout();
    expected = std::min(2 * expected, kQuick.maximum);
  }
}

void doesNothingBeforeItsTime() {
  End client(makeContext(pskOnly(Role::kClient)));
  client.start();
  CHECK_EQ(client.takeOutbox().size(), 1u);
  client.handleTimeout();
  CHECK_EQ(client.status, Status::kInProgress);
  CHECK(client.takeOutbox().empty());
}

void repeatsTheSameMessageInANewRecord() {
  End client(makeContext(pskOnly(Role::kClient)), quick());
  client.start();
  const Record first = recordsOf(client.takeOutbox().front()).front();
  REQUIRE(client.waitForTimeout());
  client.handleTimeout();
  CHECK_EQ(client.status, Status::kInProgress);
  const Datagrams again = client.takeOutbox();
  REQUIRE(again.size() == 1);
  const Record second = recordsOf(again.front()).front();
  CHECK_EQ(second.fragment, first.fragment);
  CHECK(second.sequence > first.sequence);
}

void givesUpInTheEnd() {
  constexpr int kOpenSslLimit = 12;  // DTLS1_TMO_ALERT_COUNT
  constexpr int kSentOnce = 3;
  EndOptions options;
  options.timeouts = {16, 16};
  End client(makeContext(pskOnly(Role::kClient)), options);
  client.start();
  int repeated = 0;
  static_cast<void>(client.takeOutbox());
  while (client.status == Status::kInProgress && repeated < 100) {
    REQUIRE(client.waitForTimeout());
    client.handleTimeout();
    if (client.status != Status::kInProgress) break;
    repeated += 1;
    const Datagrams sent = client.takeOutbox();
    REQUIRE(sent.size() == (repeated <= kSentOnce ? 1u : 2u));
    CHECK_EQ(sent.back(), sent.front());
  }
  CHECK(client.takeOutbox().empty());
  CHECK_EQ(client.status, Status::kFailed);
  CHECK_EQ(client.reason, "the peer does not answer: read timeout expired");
  CHECK_EQ(repeated, kOpenSslLimit);
  CHECK_EQ(client.connection().statistics().retransmissions, std::uint64_t{kOpenSslLimit});
}

void hasNoTimeoutOnceEstablished() {
  Pair pair(pskOnly(Role::kClient), pskOnly(Role::kServer), quick());
  CHECK(pair.connect());
  for (End* end : {&pair.client, &pair.server}) {
    CHECK(!end->connection().timeout());
    end->handleTimeout();
    CHECK_EQ(end->status, Status::kEstablished);
    CHECK(end->takeOutbox().empty());
  }
}

void handlesATimeoutThatWasNeverSet() {
  End client(makeContext(pskOnly(Role::kClient)));
  client.handleTimeout();
  CHECK_EQ(client.status, Status::kInProgress);
  CHECK(client.takeOutbox().empty());
}

// A repeated hello must not make a server begin again or answer twice as much.
void answersARepeatedHelloOnce() {
  Pair pair(pskOnly(Role::kClient), pskOnly(Role::kServer));
  pair.client.start();
  const Datagrams hello = pair.client.takeOutbox();
  pair.server.deliver(hello);
  const Datagrams answer = pair.server.takeOutbox();
  CHECK(!answer.empty());
  pair.server.deliver(hello);
  CHECK(pair.server.takeOutbox().empty());
  pair.client.deliver(answer);
  pair.carry();
  CHECK(pair.alive());
}

}  // namespace
}  // namespace qdtls::testing

int main() {
  using namespace qdtls::testing;
  return run({
      {"survives the loss of any one datagram", survivesTheLossOfAnyDatagram},
      {"survives the loss of a whole flight", survivesTheLossOfAWholeFlight},
      {"repeats its last flight for a peer that did not get it", repeatsTheLastFlightWhenAskedTo},
      {"answers the fourth repetition and later ones twice", answersALateRepetitionTwice},
      {"survives a network that loses and repeats", survivesALossyNetwork},
      {"doubles the timeout up to the maximum", doublesTheTimeoutUpToTheMaximum},
      {"does nothing before its time", doesNothingBeforeItsTime},
      {"repeats the same message in a new record", repeatsTheSameMessageInANewRecord},
      {"gives up after twelve repetitions, most of which are sent twice", givesUpInTheEnd},
      {"has no timeout once established", hasNoTimeoutOnceEstablished},
      {"handles a timeout that was never set", handlesATimeoutThatWasNeverSet},
      {"answers a repeated hello once", answersARepeatedHelloOnce},
  });
}
