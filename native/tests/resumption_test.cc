#include <algorithm>
#include <ctime>

#include "association.h"
#include "core/context.h"
#include "harness.h"
#include "records.h"

namespace qdtls::testing {
namespace {

const Bytes kContext(32, 7);
const Bytes kOtherContext(32, 8);
const Bytes kKeys(ResumptionOptions::kTicketKeys, 9);

ContextOptions resuming(ContextOptions options, const Bytes& id_context = kContext) {
  options.resumption = {true, kKeys, id_context};
  return options;
}

EndOptions quick() {
  EndOptions options;
  options.timeouts = {20, 200};
  return options;
}

// A certificate, or a pre-shared key, on both sides.
struct Cast final {
  ContextOptions client;
  ContextOptions server;
};

const Authority& authority() {
  static const Authority made;
  return made;
}

const Identity& identity() {
  static const Identity made = authority().issue(makeEcKey());
  return made;
}

Cast byCertificate() {
  return {resuming(clientTrusting(authority())), resuming(serverWith(identity()))};
}
Cast byPsk() { return {resuming(pskOnly(Role::kClient)), resuming(pskOnly(Role::kServer))}; }

Bytes sessionFrom(const Cast& cast) {
  Pair pair(cast.client, cast.server);
  CHECK(pair.connect());
  CHECK(!pair.client.connection().isResumed());
  CHECK(pair.server.connection().session().empty());
  return pair.client.connection().session();
}

bool bothResumed(Pair& pair) {
  return pair.client.connection().isResumed() && pair.server.connection().isResumed();
}

void continuesASession() {
  for (const Cast& cast : {byCertificate(), byPsk()}) {
    const Bytes session = sessionFrom(cast);
    CHECK(!session.empty());
    Pair pair(cast.client, cast.server);
    CHECK_EQ(pair.client.connection().prepare("", session), "");
    CHECK(pair.connect());
    CHECK(bothResumed(pair));
    CHECK(pair.alive());
    CHECK_EQ(pair.client.connection().session() == session, true);
  }
}

void asksForNoKey() {
  const Bytes session = sessionFrom(byPsk());
  OnePsk psk("device", kSharedKey);
  EndOptions options;
  options.psk = &psk;
  const Cast cast = byPsk();
  Pair pair(cast.client, cast.server, options);
  CHECK_EQ(pair.client.connection().prepare("", session), "");
  CHECK(pair.connect());
  CHECK(psk.questions.empty());
}

void offersNoSessionOfAnotherContext() {
  const Bytes session = sessionFrom(byCertificate());
  Pair pair(resuming(clientTrusting(authority()), kOtherContext), resuming(serverWith(identity())));
  CHECK_EQ(pair.client.connection().prepare("", session), "");
  CHECK(pair.connect());
  CHECK(!pair.client.connection().isResumed());
}

void takesNoSessionOfAnotherContext() {
  const Bytes session = sessionFrom(byCertificate());
  Pair pair(resuming(clientTrusting(authority())), resuming(serverWith(identity()), kOtherContext));
  CHECK_EQ(pair.client.connection().prepare("", session), "");
  CHECK(pair.connect());
  CHECK(!pair.client.connection().isResumed());
}

// The same session, made so many seconds from now. Its time is its field 1, in seconds since 1970:
// `A1 06 02 04` and four bytes.
Bytes madeIn(int seconds, Bytes session) {
  const Bytes tag = {0xa1, 0x06, 0x02, 0x04};
  const auto at = std::search(session.begin(), session.end(), tag.begin(), tag.end());
  if (!CHECK(at != session.end())) return {};
  const auto made = static_cast<std::uint32_t>(std::time(nullptr) + seconds);
  for (int i = 0; i < 4; ++i) at[4 + i] = static_cast<std::uint8_t>(made >> (24 - 8 * i));
  return session;
}

void offersNoSessionThatIsOver() {
  const Cast cast = byCertificate();
  for (const int seconds : {-24 * 3600, 10}) {
    Pair pair(cast.client, cast.server);
    CHECK_EQ(pair.client.connection().prepare("", madeIn(seconds, sessionFrom(cast))), "");
    CHECK(pair.connect());
    CHECK(!pair.client.connection().isResumed());
  }
}

void offersASessionOfTheNextSecond() {
  const Cast cast = byCertificate();
  Pair pair(cast.client, cast.server);
  CHECK_EQ(pair.client.connection().prepare("", madeIn(1, sessionFrom(cast))), "");
  CHECK(pair.connect());
  CHECK(bothResumed(pair));
}

void saysWhatCannotBeRead() {
  const Cast cast = byCertificate();
  const Bytes session = sessionFrom(cast);
  for (std::size_t size = 1; size < session.size(); size += 7) {
    Pair pair(cast.client, cast.server);
    CHECK_EQ(pair.client.connection().prepare("", ByteView(session.data(), size)),
             "the session ticket cannot be read");
  }
}

// Whatever is lost, of either side, in datagrams of any number.
void survivesTheLossOfAnyDatagram() {
  for (const std::size_t mtu : {Connection::kMinimumMtu, kDefaultMtu}) {
    for (const Cast& cast : {byCertificate(), byPsk()}) {
      const Bytes session = sessionFrom(cast);
      for (const Role sender : {Role::kClient, Role::kServer}) {
        std::size_t flown = 1;
        for (std::size_t lost = 0; lost < flown; ++lost) {
          const Row row((sender == Role::kClient ? "client datagram " : "server datagram ") +
                        std::to_string(lost));
          EndOptions options = quick();
          options.mtu = mtu;
          Pair pair(cast.client, cast.server, options);
          CHECK_EQ(pair.client.connection().prepare("", session), "");
          pair.network = [&](Role from, std::size_t at, const Bytes&) {
            if (from == sender) flown = std::max(flown, at + 1);
            return from == sender && at == lost ? Fate::kDrop : Fate::kDeliver;
          };
          pair.connect();
          CHECK(pair.persist());
          CHECK(bothResumed(pair));
          pair.network = nullptr;
          CHECK(pair.alive());
        }
        CHECK(flown < 12);
      }
    }
  }
}

// The client is done when its last flight is lost; the server's repetition brings it back.
void repeatsTheLastFlightWhenAskedTo() {
  const Cast cast = byPsk();
  Pair pair(cast.client, cast.server, quick());
  CHECK_EQ(pair.client.connection().prepare("", sessionFrom(cast)), "");
  std::size_t dropped = 0;
  pair.network = [&](Role from, std::size_t, const Bytes&) {
    const bool is_last = from == Role::kClient && pair.client.status == Status::kEstablished;
    return is_last && dropped++ == 0 ? Fate::kDrop : Fate::kDeliver;
  };
  CHECK(!pair.connect());
  CHECK_EQ(pair.client.status, Status::kEstablished);
  CHECK_EQ(pair.server.status, Status::kInProgress);
  CHECK(!pair.client.connection().timeout());
  REQUIRE(pair.server.waitForTimeout());
  pair.server.handleTimeout();
  pair.carry();
  CHECK_EQ(pair.server.status, Status::kEstablished);
  CHECK(bothResumed(pair));
  CHECK(pair.alive());
}

void takesEveryDatagramTwiceAndBackwards() {
  for (const Cast& cast : {byCertificate(), byPsk()}) {
    EndOptions options = quick();
    options.mtu = Connection::kMinimumMtu;
    Pair pair(cast.client, cast.server, options);
    CHECK_EQ(pair.client.connection().prepare("", sessionFrom(cast)), "");
    pair.client.start();
    for (int rounds = 0; rounds < 10; ++rounds) {
      for (End* end : {&pair.client, &pair.server}) {
        Datagrams datagrams = (end == &pair.client ? pair.server : pair.client).takeOutbox();
        std::reverse(datagrams.begin(), datagrams.end());
        end->deliver(datagrams);
        end->deliver(datagrams);
      }
      if (pair.client.status == Status::kEstablished && pair.server.status == Status::kEstablished)
        break;
      for (End* end : {&pair.client, &pair.server}) {
        if (end->waitForTimeout()) end->handleTimeout();
      }
    }
    CHECK(bothResumed(pair));
    CHECK(pair.alive());
  }
}

// Once it is clear that a session is resumed, no other unencrypted message is due: a forged one has
// no effect.
void dropsMessagesOfAFullHandshake() {
  const Cast cast = byPsk();
  const Bytes session = sessionFrom(cast);
  for (int type = 0; type < 256; ++type) {
    const bool is_due = type == SSL3_MT_CLIENT_HELLO;
    if (is_due) continue;
    const Row row("message " + std::to_string(type));
    Pair pair(cast.client, cast.server);
    CHECK_EQ(pair.client.connection().prepare("", session), "");
    pair.client.start();
    pair.server.deliver(pair.client.takeOutbox());
    // Numbered as the next one, with a body of 8 bytes.
    const auto kind = static_cast<std::uint8_t>(type);
    const Bytes forged = {22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 9,   0,   20,  kind, 0,   0,  8,
                          0,  1,    0,    0, 0, 0, 0, 8, 0, 6, 'd', 'e', 'v', 'i',  'c', 'e'};
    pair.server.deliver(forged);
    CHECK_EQ(pair.server.status, Status::kInProgress);
    CHECK(!pair.server.wants_psk);
    pair.carry();
    CHECK_EQ(pair.server.status, Status::kEstablished);
    CHECK(bothResumed(pair));
  }
}

void complainsAgain() {
  const Identity stranger = selfSigned(makeEcKey());
  const ContextOptions client = resuming(clientTrusting(authority()));
  const ContextOptions server = resuming(serverWith(stranger));
  Pair first(client, server);
  CHECK(first.connect());
  const auto complaints = first.client.connection().verification();
  REQUIRE(!complaints.empty());
  Pair second(client, server);
  CHECK_EQ(second.client.connection().prepare("", first.client.connection().session()), "");
  CHECK(second.connect());
  CHECK(bothResumed(second));
  const auto again = second.client.connection().verification();
  REQUIRE(again.size() == 1);
  CHECK_EQ(again[0].code, complaints.back().code);
  CHECK_EQ(second.client.connection().peerCertificates() == stranger.chain, true);
}

}  // namespace
}  // namespace qdtls::testing

int main() {
  using namespace qdtls::testing;
  return run({
      {"continues a session", continuesASession},
      {"asks for no pre-shared key when it does", asksForNoKey},
      {"offers no session of another context", offersNoSessionOfAnotherContext},
      {"takes no session of another context", takesNoSessionOfAnotherContext},
      {"offers no session that is over, or not yet begun", offersNoSessionThatIsOver},
      {"offers a session that another clock says was made in the next second",
       offersASessionOfTheNextSecond},
      {"says what cannot be read", saysWhatCannotBeRead},
      {"resumes whatever datagram is lost", survivesTheLossOfAnyDatagram},
      {"repeats a client's last flight when the server repeats its own",
       repeatsTheLastFlightWhenAskedTo},
      {"resumes though everything comes twice and backwards", takesEveryDatagramTwiceAndBackwards},
      {"drops the messages of a full handshake when it resumes", dropsMessagesOfAFullHandshake},
      {"complains again about what was wrong in the full handshake", complainsAgain},
  });
}
