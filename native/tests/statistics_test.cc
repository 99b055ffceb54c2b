#include "core/statistics.h"

#include <algorithm>
#include <numeric>

#include "association.h"
#include "harness.h"
#include "raw_peer.h"

namespace qdtls::testing {
namespace {

Pair pskPair() { return {pskOnly(Role::kClient), pskOnly(Role::kServer)}; }

std::uint64_t dropped(End& end, Drop reason) {
  return end.connection().dropped()[static_cast<std::size_t>(reason)];
}

std::uint64_t allDropped(End& end) {
  const auto& counters = end.connection().dropped();
  return std::accumulate(counters.begin(), counters.end(), std::uint64_t{0});
}

std::uint64_t sum(const AlertCounts& alerts) {
  std::uint64_t total = 0;
  for (const auto& entry : alerts.entries()) total += entry.count;
  return total;
}

void startsAtZero() {
  End end(makeContext(pskOnly(Role::kClient)));
  const Statistics& statistics = end.connection().statistics();
  CHECK_EQ(statistics.datagrams_received + statistics.bytes_received, 0u);
  CHECK_EQ(statistics.datagrams_sent + statistics.bytes_sent + statistics.retransmissions, 0u);
  CHECK_EQ(sum(statistics.alerts_received) + sum(statistics.alerts_sent), 0u);
  CHECK_EQ(allDropped(end), 0u);
  CHECK_EQ(end.connection().ignoredAlert(), -1);
}

void countsWhatGoesThrough() {
  const Authority authority;
  const Identity identity = authority.issue(makeEcKey());
  Pair pair(clientTrusting(authority), serverWith(identity));
  std::uint64_t datagrams[2] = {0, 0};
  std::uint64_t bytes[2] = {0, 0};
  pair.network = [&](Role sender, std::size_t, const Bytes& datagram) {
    datagrams[static_cast<int>(sender)] += 1;
    bytes[static_cast<int>(sender)] += datagram.size();
    return Fate::kDeliver;
  };
  CHECK(pair.connect());
  CHECK(pair.alive());
  pair.client.shutdown();
  pair.carry();
  const auto check = [&](End& end, Role role) {
    const int self = static_cast<int>(role);
    const Statistics& statistics = end.connection().statistics();
    CHECK_EQ(statistics.datagrams_sent, datagrams[self]);
    CHECK_EQ(statistics.bytes_sent, bytes[self]);
    CHECK_EQ(statistics.datagrams_received, datagrams[1 - self]);
    CHECK_EQ(statistics.bytes_received, bytes[1 - self]);
    CHECK_EQ(statistics.retransmissions, 0u);
    CHECK_EQ(allDropped(end), 0u);
  };
  check(pair.client, Role::kClient);
  check(pair.server, Role::kServer);
  constexpr int kCloseNotify = 0;
  CHECK_EQ(pair.client.connection().statistics().alerts_sent[kCloseNotify], 1u);
  CHECK_EQ(sum(pair.client.connection().statistics().alerts_sent), 1u);
  CHECK_EQ(pair.server.connection().statistics().alerts_received[kCloseNotify], 1u);
  CHECK_EQ(sum(pair.server.connection().statistics().alerts_received), 1u);
}

void countsNothingThatIsRefused() {
  End end(makeContext(pskOnly(Role::kClient)));
  static_cast<void>(end.connection().receive(Bytes(100)));
  static_cast<void>(end.connection().send(Bytes(100)));
  CHECK_EQ(end.connection().statistics().datagrams_received, 0u);
  CHECK_EQ(end.connection().statistics().datagrams_sent, 0u);
}

void countsDatagramsThatWaitOnce() {
  EndOptions waiting;
  waiting.answers_psk = false;
  Pair pair(pskOnly(Role::kClient), {}, pskOnly(Role::kServer), waiting);
  CHECK(!pair.connect());
  REQUIRE(pair.server.wants_psk);
  pair.server.deliver(Bytes(50, 0xff));
  const std::uint64_t before = pair.server.connection().statistics().datagrams_received;
  pair.server.answerPsk();
  CHECK_EQ(pair.server.connection().statistics().datagrams_received, before);
  pair.carry();
  CHECK(pair.alive());
}

void countsAlertsByDescription() {
  Pair pair(pskOnly(Role::kClient, "PSK-AES128-GCM-SHA256"),
            pskOnly(Role::kServer, "PSK-AES256-GCM-SHA384"));
  CHECK(!pair.connect());
  constexpr int kHandshakeFailure = 40;
  CHECK_EQ(pair.server.status, Status::kFailed);
  CHECK_EQ(pair.server.connection().statistics().alerts_sent[kHandshakeFailure], 1u);
  // The client was told by nobody in particular.
  CHECK_EQ(pair.client.status, Status::kInProgress);
  CHECK_EQ(pair.client.connection().statistics().alerts_received[kHandshakeFailure], 1u);
  CHECK_EQ(pair.client.connection().ignoredAlert(), kHandshakeFailure);
  CHECK_EQ(dropped(pair.client, Drop::kUnauthenticatedAlert), 1u);
}

void countsAnAlertThatIsObeyedOnce() {
  EndOptions obedient;
  obedient.limits.obey_unauthenticated_alerts = true;
  End client(makeContext(pskOnly(Role::kClient)), obedient);
  client.start();
  client.deliver(Record{kAlert, 0, 0, {2, 40}}.encode());
  CHECK_EQ(client.status, Status::kFailed);
  CHECK_HAS(client.reason, "handshake failure");
  CHECK_EQ(client.connection().statistics().alerts_received[40], 1u);
  CHECK_EQ(client.connection().ignoredAlert(), -1);
  CHECK_EQ(allDropped(client), 0u);
}

// Whatever anybody says between the datagrams of a handshake, it completes.
void completesAmongForgedAlerts() {
  const Authority authority;
  const Identity identity = authority.issue(makeEcKey());
  for (const std::uint8_t level : {0, 1, 2, 255}) {
    for (const std::uint8_t description : {0, 10, 40, 70, 90, 100, 255}) {
      const Row row("level " + std::to_string(level) + ", " + std::to_string(description));
      Pair pair(clientTrusting(authority), serverWith(identity));
      std::uint64_t forged = 0;
      pair.network = [&](Role sender, std::size_t index, const Bytes&) {
        (sender == Role::kClient ? pair.server : pair.client)
            .deliver(Record{kAlert, 0, index + 50, {level, description}}.encode());
        ++forged;
        return Fate::kDeliver;
      };
      CHECK(pair.connect());
      pair.network = nullptr;
      CHECK(pair.alive());
      std::uint64_t counted = 0;
      for (End* end : {&pair.client, &pair.server}) {
        counted += allDropped(*end);
        CHECK_EQ(allDropped(*end),
                 dropped(*end, Drop::kUnauthenticatedAlert) + dropped(*end, Drop::kOldEpoch));
        CHECK_EQ(sum(end->connection().statistics().alerts_received),
                 dropped(*end, Drop::kUnauthenticatedAlert));
      }
      CHECK_EQ(counted, forged);
    }
  }
}

void namesAlertsWithoutUnderscores() {
  CHECK_EQ(alertName(40), "handshake failure");
  CHECK_EQ(alertName(10), "unexpected message");
  CHECK(!alertName(255).empty());
}

void countsRetransmissions() {
  EndOptions quick;
  quick.timeouts = {40, 200};
  End client(makeContext(pskOnly(Role::kClient)), quick);
  client.start();
  for (std::uint64_t i = 1; i <= 3; ++i) {
    REQUIRE(client.waitForTimeout());
    client.handleTimeout();
    CHECK_EQ(client.connection().statistics().retransmissions, i);
    CHECK_EQ(client.connection().statistics().datagrams_sent, 1 + i);
  }
  client.handleTimeout();  // not due
  CHECK_EQ(client.connection().statistics().retransmissions, 3u);
}

void failsAtTheLimitOfRetransmissions() {
  for (const unsigned limit : {0U, 1U, 2U}) {
    for (const bool reads : {false, true}) {
      const Row row(std::to_string(limit) + (reads ? ", in a step" : ", when it is due"));
      EndOptions options;
      options.timeouts = {20, 20};
      options.limits.maximum_retransmissions = limit;
      End client(makeContext(pskOnly(Role::kClient)), options);
      client.start();
      for (unsigned i = 0; i <= limit; ++i) {
        CHECK_EQ(client.status, Status::kInProgress);
        REQUIRE(client.waitForTimeout());
        if (reads) {
          client.deliver(bytesOf("junk"));  // OpenSSL looks at the time whenever it reads
        } else {
          client.handleTimeout();
        }
      }
      CHECK_EQ(client.status, Status::kFailed);
      CHECK_EQ(client.reason, "the peer does not answer: the limit of repetitions is reached");
      CHECK_EQ(client.connection().statistics().retransmissions, limit);
      CHECK_EQ(client.connection().statistics().datagrams_sent, 1 + limit);
      CHECK_EQ(client.takeOutbox().size(), 1 + limit);
    }
  }
}

void givesUpWithinAStepAsOutsideOfOne() {
  constexpr std::uint64_t kOpenSslLimit = 12;
  EndOptions options;
  options.timeouts = {16, 16};
  End client(makeContext(pskOnly(Role::kClient)), options);
  client.start();
  for (int i = 0; i < 50 && client.status == Status::kInProgress; ++i) {
    REQUIRE(client.waitForTimeout());
    client.deliver(bytesOf("junk"));
  }
  CHECK_EQ(client.status, Status::kFailed);
  CHECK_EQ(client.reason, "the peer does not answer: read timeout expired");
  CHECK_EQ(client.connection().statistics().retransmissions, kOpenSslLimit);
}

void tellsReplaysFromForgeries() {
  for (const char* cipher : {"PSK-AES128-GCM-SHA256", "PSK-CHACHA20-POLY1305", "PSK-AES128-CCM8",
                             "PSK-AES128-CBC-SHA"}) {
    const Row row(cipher);
    Pair pair(pskOnly(Role::kClient, cipher), pskOnly(Role::kServer, cipher));
    REQUIRE(pair.connect());
    Datagrams sent;
    for (int i = 0; i < 100; ++i) {
      pair.client.send(std::to_string(i));
      sent.push_back(pair.client.takeOutbox().front());
    }
    std::swap(sent[97], sent[99]);
    pair.server.deliver(sent);
    CHECK_EQ(pair.server.takeTexts().size(), 100u);
    CHECK_EQ(allDropped(pair.server), 0u);
    pair.server.deliver(sent);
    CHECK_EQ(dropped(pair.server, Drop::kReplayed), 100u);
    pair.server.deliver(joined(sent));
    CHECK_EQ(dropped(pair.server, Drop::kReplayed), 200u);
    CHECK_EQ(dropped(pair.server, Drop::kUndecryptable), 0u);

    for (std::uint64_t i = 0; i < 50; ++i)
      pair.server.deliver(Record{kApplicationData, 1, 5000 + i, Bytes(64)}.encode());
    CHECK_EQ(dropped(pair.server, Drop::kUndecryptable), 50u);
    CHECK_EQ(dropped(pair.server, Drop::kReplayed), 200u);
    CHECK(pair.alive());
    CHECK_EQ(allDropped(pair.server), 250u);
  }
}

void tellsAReplayOfWhatCameEarly() {
  Pair pair = pskPair();
  pair.client.start();
  pair.server.deliver(pair.client.takeOutbox());
  pair.client.deliver(pair.server.takeOutbox());
  pair.server.deliver(pair.client.takeOutbox());
  const Datagrams flight = pair.server.takeOutbox();
  pair.server.send("early");
  const Datagrams early = pair.server.takeOutbox();
  pair.client.deliver(early);
  pair.client.deliver(flight);
  CHECK(pair.client.takeTexts() == std::vector<std::string>{"early"});
  CHECK_EQ(allDropped(pair.client), 0u);
  pair.client.deliver(early);
  CHECK_EQ(dropped(pair.client, Drop::kReplayed), 1u);
  CHECK_EQ(allDropped(pair.client), 1u);
}

// Every type of record, with the counter that says why it had no effect.
void saysWhyForEveryForgery() {
  struct Case {
    const char* name;
    Bytes datagram;
    Drop reason;
  };
  const Case cases[] = {
      {"cut off", Bytes(5, 23), Drop::kMalformed},
      {"empty", Record{kApplicationData, 1, 9, {}}.encode(), Drop::kMalformed},
      {"CVE-2026-75806", Record{kApplicationData, 1, 9, Bytes(1)}.encode(), Drop::kTooShort},
      {"of an unknown type", Record{99, 1, 9, Bytes(40)}.encode(), Drop::kUnknownType},
      {"of epoch 0", Record{kAlert, 0, 9, {2, 40}}.encode(), Drop::kOldEpoch},
      {"of epoch 2", Record{kApplicationData, 2, 9, Bytes(40)}.encode(), Drop::kFutureEpoch},
      {"data", Record{kApplicationData, 1, 900, Bytes(40)}.encode(), Drop::kUndecryptable},
      {"an alert", Record{kAlert, 1, 900, Bytes(40)}.encode(), Drop::kUndecryptable},
      {"a message", Record{kHandshake, 1, 900, Bytes(40)}.encode(), Drop::kUndecryptable},
      {"a Finished", Record{kHandshake, 1, 900, Bytes(48)}.encode(), Drop::kUndecryptable},
      {"a ChangeCipherSpec", Record{kChangeCipherSpec, 1, 900, Bytes(40)}.encode(),
       Drop::kUndecryptable},
  };
  for (const Case& one : cases) {
    const Row row(one.name);
    Pair pair = pskPair();
    REQUIRE(pair.connect());
    for (End* end : {&pair.client, &pair.server}) {
      end->deliver(one.datagram);
      CHECK_EQ(dropped(*end, one.reason), 1u);
      CHECK_EQ(allDropped(*end), 1u);
    }
    CHECK(pair.alive());
  }
}

}  // namespace
}  // namespace qdtls::testing

int main() {
  using namespace qdtls::testing;
  return run({
      {"start at zero", startsAtZero},
      {"count datagrams and bytes, and the alert at the end", countsWhatGoesThrough},
      {"count nothing that is refused", countsNothingThatIsRefused},
      {"count a datagram that waits for a key once", countsDatagramsThatWaitOnce},
      {"count alerts by their description, sent and ignored", countsAlertsByDescription},
      {"count an alert that is obeyed once", countsAnAlertThatIsObeyedOnce},
      {"count forged alerts, among which a handshake completes", completesAmongForgedAlerts},
      {"come with names of alerts that are the same on every OpenSSL",
       namesAlertsWithoutUnderscores},
      {"count flights that are sent again", countsRetransmissions},
      {"agree with the limit of repetitions", failsAtTheLimitOfRetransmissions},
      {"agree with OpenSSL's limit, also within a step", givesUpWithinAStepAsOutsideOfOne},
      {"tell replays from forgeries", tellsReplaysFromForgeries},
      {"tell a replay of what came early", tellsAReplayOfWhatCameEarly},
      {"say why each forged record had no effect", saysWhyForEveryForgery},
  });
}
