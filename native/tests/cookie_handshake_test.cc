#include <algorithm>
#include <random>

#include "association.h"
#include "harness.h"
#include "records.h"

namespace qdtls::testing {
namespace {

CookieGenerator cookies() {
  auto made = CookieGenerator::create("SHA256", bytesOf("secret"));
  CHECK(made.ok());
  return std::move(made.value());
}

void completesAfterACookie() {
  const Authority authority;
  const Identity identity = authority.issue(makeEcKey());
  const ClientVerifier verifier = verifierOf(cookies());
  EndOptions server_end;
  server_end.verifier = &verifier;
  Pair pair(clientTrusting(authority), {}, serverWith(identity), server_end);
  std::size_t from_server = 0;
  pair.network = [&](Role sender, std::size_t index, const Bytes& datagram) {
    if (sender == Role::kServer) from_server = index + 1;
    // RFC 6347 section 4.2.1: the answer to the second hello goes on where the stateless server
    // stopped counting.
    if (sender == Role::kServer && index == 0) CHECK_EQ(recordsOf(datagram)[0].fragment[0], 3);
    return Fate::kDeliver;
  };
  CHECK(pair.connect());
  CHECK(from_server > 2);
  CHECK(pair.alive());
}

// The flight of a server to whoever had this address before, with a cookie and so numbered from 1.
Datagrams flightToAnother(const ContextOptions& client, const ContextOptions& server, const EndOptions& server_end) {
  Pair pair(client, {}, server, server_end);
  Datagrams flight;
  pair.network = [&](Role sender, std::size_t index, const Bytes& datagram) {
    const bool is_flight = sender == Role::kServer && index > 0;
    if (is_flight) flight.push_back(datagram);
    return is_flight ? Fate::kDrop : Fate::kDeliver;
  };
  CHECK(!pair.connect());
  CHECK(!flight.empty());
  return flight;
}

void completesAlthoughAFlightToAnotherComesBeforeItsCookie() {
  const Authority authority;
  const Identity identity = authority.issue(makeEcKey());
  const ClientVerifier verifier = verifierOf(cookies());
  EndOptions server_end;
  server_end.verifier = &verifier;
  struct Case final {
    ContextOptions client;
    ContextOptions server;
  };
  const std::string suite = "PSK-AES128-GCM-SHA256";
  const Case cases[] = {{clientTrusting(authority), serverWith(identity)},
                        {pskOnly(Role::kClient, suite.c_str()), pskOnly(Role::kServer, suite.c_str())}};
  for (const Case& each : cases) {
    const Datagrams stale = flightToAnother(each.client, each.server, server_end);
    Pair pair(each.client, {}, each.server, server_end);
    pair.network = [&](Role sender, std::size_t index, const Bytes&) {
      if (sender == Role::kServer && index == 0) pair.client.deliver(stale);
      return Fate::kDeliver;
    };
    CHECK(pair.connect());
    CHECK(pair.alive());
    CHECK(pair.client.connection().dropped()[static_cast<std::size_t>(Drop::kReplayed)] > 0);
  }
}

void completesAtOnceWhenItsFirstFlightIsTurnedRound() {
  const Authority authority;
  const Identity identity = authority.issue(makeEcKey());
  EndOptions small;
  small.mtu = Connection::kMinimumMtu;
  Pair pair(clientTrusting(authority), small, serverWith(identity), small);
  pair.client.start();
  pair.server.deliver(pair.client.takeOutbox());
  Datagrams flight = pair.server.takeOutbox();
  CHECK(flight.size() > 2);
  std::reverse(flight.begin(), flight.end());
  pair.client.deliver(flight);
  pair.server.deliver(pair.client.takeOutbox());
  pair.client.deliver(pair.server.takeOutbox());
  CHECK(pair.client.status == Status::kEstablished);
  CHECK_EQ(pair.client.connection().statistics().retransmissions, 0u);
}

void completesAfterACookieForAFragmentedHello() {
  const Authority authority;
  const Identity identity = authority.issue(makeEcKey());
  const ClientVerifier verifier = verifierOf(cookies());
  EndOptions small;
  small.mtu = Connection::kMinimumMtu;
  EndOptions server_end = small;
  server_end.verifier = &verifier;
  ContextOptions client = clientTrusting(authority);
  client.ciphers = "ALL";  // a hello of several fragments
  Pair pair(client, small, serverWith(identity), server_end);
  std::size_t hello_fragments = 0;
  pair.network = [&](Role sender, std::size_t, const Bytes& datagram) {
    if (sender == Role::kClient && recordsOf(datagram)[0].fragment[0] == 1) ++hello_fragments;
    return Fate::kDeliver;
  };
  CHECK(pair.connect());
  CHECK(hello_fragments > 2);
  CHECK(pair.alive());
}

void completesAfterACookieWhateverIsLost() {
  const Authority authority;
  const Identity identity = authority.issue(makeEcKey());
  const ClientVerifier verifier = verifierOf(cookies());
  EndOptions options;
  options.timeouts = {20, 200};
  EndOptions server_end = options;
  server_end.verifier = &verifier;
  for (const Role sender : {Role::kClient, Role::kServer}) {
    for (std::size_t lost = 0; lost < 6; ++lost) {
      const Row row(std::string(sender == Role::kClient ? "client" : "server") + " datagram " +
                    std::to_string(lost));
      Pair pair(clientTrusting(authority), options, serverWith(identity), server_end);
      pair.network = [&](Role from, std::size_t at, const Bytes&) {
        return from == sender && at == lost ? Fate::kDrop : Fate::kDeliver;
      };
      pair.connect();
      CHECK(pair.persist());
      pair.network = nullptr;
      CHECK(pair.alive());
    }
  }
}

void completesAfterACookieThoughEverythingComesTwice() {
  const Authority authority;
  const Identity identity = authority.issue(makeEcKey());
  const ClientVerifier verifier = verifierOf(cookies());
  EndOptions server_end;
  server_end.verifier = &verifier;
  Pair pair(clientTrusting(authority), {}, serverWith(identity), server_end);
  pair.network = [](Role, std::size_t, const Bytes&) { return Fate::kTwice; };
  CHECK(pair.connect());
  CHECK(pair.alive());
}

// A hello that verified elsewhere, given to a new association.
struct VerifiedHello final {
  VerifiedHello() {
    End client(makeContext(pskOnly(Role::kClient)));
    client.start();
    client.deliver(verifier.decide(client.takeOutbox().front(), peer).answer);
    const Datagrams second = client.takeOutbox();
    if (CHECK(second.size() == 1)) datagram = second.front();
  }

  Bytes address = {127, 0, 0, 1};
  ClientVerifier verifier = verifierOf(cookies());
  Peer peer{address, 4433};
  Bytes datagram;
};

Outcome acceptVerified(ByteView datagram, const ClientVerifier& verifier, const Peer& peer) {
  End server(makeContext(pskOnly(Role::kServer)));
  return server.connection().acceptVerified(datagram, verifier, peer);
}

void acceptsOnlyAVerifiedHello() {
  const VerifiedHello hello;
  CHECK_EQ(acceptVerified(hello.datagram, hello.verifier, hello.peer).status, Status::kInProgress);

  auto other = CookieGenerator::create("SHA256", bytesOf("another secret"));
  REQUIRE(other.ok());
  const ClientVerifier rotated = verifierOf(std::move(other.value()));
  Bytes flipped = hello.datagram;
  const auto parsed = parseClientHello(flipped);
  REQUIRE(parsed && !parsed->cookie.empty());
  flipped[static_cast<std::size_t>(parsed->cookie.data() - flipped.data())] ^= 1;
  End stranger(makeContext(pskOnly(Role::kClient)));
  stranger.start();

  struct Case {
    const char* name;
    Outcome outcome;
  };
  for (const Case& one :
       {Case{"another secret", acceptVerified(hello.datagram, rotated, hello.peer)},
        {"another port", acceptVerified(hello.datagram, hello.verifier, {hello.address, 4434})},
        {"another address",
         acceptVerified(hello.datagram, hello.verifier, {Bytes{127, 0, 0, 2}, 4433})},
        {"a wrong cookie", acceptVerified(flipped, hello.verifier, hello.peer)},
        {"a hello without cookie",
         acceptVerified(stranger.takeOutbox().front(), hello.verifier, hello.peer)},
        {"garbage", acceptVerified(bytesOf("garbage"), hello.verifier, hello.peer)},
        {"nothing", acceptVerified({}, hello.verifier, hello.peer)}}) {
    const Row row(one.name);
    CHECK_EQ(one.outcome.status, Status::kFailed);
    CHECK_EQ(one.outcome.reason, "a verified client hello is expected");
    CHECK(one.outcome.datagrams.empty());
  }
}

// What the verifier need not look at, OpenSSL still does.
void refusesAVerifiedHelloThatIsBrokenBehindItsCookie() {
  const VerifiedHello hello;
  Bytes broken = hello.datagram;
  const auto parsed = parseClientHello(broken);
  REQUIRE(parsed);
  const auto after_cookie =
      static_cast<std::size_t>(parsed->cookie.data() - broken.data()) + parsed->cookie.size();
  broken[after_cookie] = 0xff;  // the length of the cipher suites
  const Outcome outcome = acceptVerified(broken, hello.verifier, hello.peer);
  CHECK_EQ(outcome.status, Status::kFailed);
  CHECK(!outcome.reason.empty());
}

// Behind the cookie a stranger may write anything; the sanitizers are the judges.
void survivesAVerifiedHelloWithAnythingInIt() {
  const VerifiedHello hello;
  const auto parsed = parseClientHello(hello.datagram);
  REQUIRE(parsed);
  const auto cookie_end = static_cast<std::size_t>(parsed->cookie.data() - hello.datagram.data()) +
                          parsed->cookie.size();
  constexpr unsigned kSeed = 11;
  std::mt19937 random(kSeed);
  for (int round = 0; round < 300; ++round) {
    const Row row("seed " + std::to_string(kSeed) + " round " + std::to_string(round));
    Bytes mutated = hello.datagram;
    for (int flips = 0; flips < 3; ++flips) {
      mutated[cookie_end + random() % (mutated.size() - cookie_end)] =
          static_cast<std::uint8_t>(random());
    }
    const Outcome outcome = acceptVerified(mutated, hello.verifier, hello.peer);
    CHECK(outcome.status == Status::kInProgress ||
          (outcome.status == Status::kFailed && !outcome.reason.empty()));
  }
}

void completesAcrossARotation() {
  const ClientVerifier before = verifierOf(cookies());
  auto fresh = CookieGenerator::create("SHA256", bytesOf("a fresh secret"));
  REQUIRE(fresh.ok());
  const ClientVerifier after = verifierOf(std::move(fresh.value()), cookies());
  const Bytes loopback = {127, 0, 0, 1};
  const Peer peer{loopback, 4433};
  Pair pair(pskOnly(Role::kClient), pskOnly(Role::kServer));
  pair.client.start();
  pair.client.deliver(before.decide(pair.client.takeOutbox().front(), peer).answer);
  const Datagrams hello = pair.client.takeOutbox();
  REQUIRE(hello.size() == 1);
  EndOptions server_end;
  server_end.verifier = &after;
  End server(makeContext(pskOnly(Role::kServer)), server_end);
  server.deliver(hello);
  for (int round = 0; round < 2; ++round) {
    pair.client.deliver(server.takeOutbox());
    server.deliver(pair.client.takeOutbox());
  }
  CHECK_EQ(pair.client.status, Status::kEstablished);
  CHECK_EQ(server.status, Status::kEstablished);
}

// A hello that was repeated has a higher record number; nothing unencrypted says otherwise.
struct Numbered final {
  explicit Numbered(std::uint64_t sequence, std::size_t mtu = kDefaultMtu) {
    const Bytes loopback = {127, 0, 0, 1};
    client.start();
    client.deliver(verifier.decide(client.takeOutbox().front(), {loopback, 4433}).answer);
    Record hello = recordsOf(client.takeOutbox().front()).front();
    hello.sequence = sequence;
    EndOptions options;
    options.verifier = &verifier;
    options.timeouts = {100, 200};
    options.mtu = mtu;
    server = std::make_unique<End>(makeContext(serverWith(identity)), options);
    server->deliver(hello.encode());
    flight = server->takeOutbox();
  }

  [[nodiscard]] static std::vector<Record> recordsIn(const Datagrams& datagrams) {
    return recordsOf(joined(datagrams));
  }

  Authority authority;
  Identity identity = authority.issue(makeEcKey());
  ClientVerifier verifier = verifierOf(cookies());
  End client{makeContext(clientTrusting(authority))};
  std::unique_ptr<End> server;
  Datagrams flight;
};

void checkNumbers(const std::vector<Record>& records, std::uint64_t first) {
  for (const Record& record : records) {
    CHECK_EQ(record.epoch, 0);
    CHECK_EQ(record.sequence, first++);
  }
}

void numbersItsFlightAfterTheHello() {
  for (const std::uint64_t sequence :
       {std::uint64_t{1}, std::uint64_t{2}, std::uint64_t{5}, std::uint64_t{0x123456789a}}) {
    for (const std::size_t mtu : {Connection::kMinimumMtu, kDefaultMtu}) {
      const Row row("number " + std::to_string(sequence) + ", MTU " + std::to_string(mtu));
      Numbered numbered(sequence, mtu);
      const auto records = Numbered::recordsIn(numbered.flight);
      REQUIRE(records.size() >= 4);
      if (mtu == kDefaultMtu) CHECK(numbered.flight.size() < records.size());  // packed
      checkNumbers(records, sequence);
    }
  }
}

void goesOnCountingWhenItRepeats() {
  Numbered numbered(5);
  const auto first = Numbered::recordsIn(numbered.flight);
  REQUIRE(numbered.server->waitForTimeout());
  numbered.server->handleTimeout();
  const auto second = Numbered::recordsIn(numbered.server->takeOutbox());
  CHECK_EQ(second.size(), first.size());
  checkNumbers(second, 5 + first.size());
}

void numbersNothingThatIsEncrypted() {
  Numbered numbered(5);
  numbered.client.deliver(numbered.flight);
  numbered.server->deliver(numbered.client.takeOutbox());
  CHECK_EQ(numbered.server->status, Status::kEstablished);
  const Datagrams last = numbered.server->takeOutbox();
  bool has_finished = false;
  for (const Record& record : Numbered::recordsIn(last)) {
    if (record.epoch == 0) CHECK(record.sequence >= 5);
    if (record.epoch == 1) CHECK_EQ(record.sequence, 0u);
    has_finished = has_finished || record.epoch == 1;
  }
  CHECK(has_finished);
  numbered.client.deliver(last);
  CHECK_EQ(numbered.client.status, Status::kEstablished);
  numbered.server->send("first");
  const Datagrams sent = numbered.server->takeOutbox();
  REQUIRE(sent.size() == 1);
  CHECK_EQ(recordsOf(sent.front()).front().sequence, 1u);
  numbered.client.deliver(sent);
  CHECK(numbered.client.takeTexts() == std::vector<std::string>{"first"});
}

void refusesAnAnswerToACookieItDidNotAskFor() {
  const VerifiedHello hello;
  End server(makeContext(pskOnly(Role::kServer)));
  server.deliver(hello.datagram);
  CHECK_EQ(server.status, Status::kFailed);
  CHECK_HAS(server.reason, "cookie verification is disabled");
  CHECK(server.takeOutbox().empty());
}

}  // namespace
}  // namespace qdtls::testing

int main() {
  using namespace qdtls::testing;
  return run({
      {"completes after a cookie exchange", completesAfterACookie},
      {"completes although a flight to another comes before its cookie",
       completesAlthoughAFlightToAnotherComesBeforeItsCookie},
      {"completes at once when its first flight is turned round", completesAtOnceWhenItsFirstFlightIsTurnedRound},
      {"completes after a cookie exchange when the hello is fragmented",
       completesAfterACookieForAFragmentedHello},
      {"completes after a cookie exchange whatever datagram is lost",
       completesAfterACookieWhateverIsLost},
      {"completes after a cookie exchange though everything comes twice",
       completesAfterACookieThoughEverythingComesTwice},
      {"accepts no hello but one with this peer's cookie", acceptsOnlyAVerifiedHello},
      {"refuses a verified hello that is broken behind its cookie",
       refusesAVerifiedHelloThatIsBrokenBehindItsCookie},
      {"survives a verified hello with anything in it", survivesAVerifiedHelloWithAnythingInIt},
      {"completes with a cookie that was given before the secret was rotated",
       completesAcrossARotation},
      {"numbers its first flight from the hello's record on", numbersItsFlightAfterTheHello},
      {"goes on counting when it repeats that flight", goesOnCountingWhenItRepeats},
      {"leaves the numbers of encrypted records alone", numbersNothingThatIsEncrypted},
      {"refuses the answer to a cookie that was not asked for",
       refusesAnAnswerToACookieItDidNotAskFor},
  });
}
