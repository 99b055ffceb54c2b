#include "association.h"
#include "harness.h"

namespace qdtls::testing {
namespace {

// A client and a server that each ask a source of their own.
struct Keyed final {
  Keyed(OnePsk& client_psk, OnePsk& server_psk, const std::string& hint = "")
      : pair(options(hint, client_psk, server_psk)) {}

  Pair pair;

 private:
  static Pair options(const std::string& hint, OnePsk& client_psk, OnePsk& server_psk) {
    ContextOptions server = pskOnly(Role::kServer);
    server.psk_identity_hint = hint;
    EndOptions client_end;
    client_end.limits.obey_unauthenticated_alerts = true;
    client_end.psk = &client_psk;
    EndOptions server_end = client_end;
    server_end.psk = &server_psk;
    return {pskOnly(Role::kClient), client_end, server, server_end};
  }
};

void asksEachSideOnce() {
  OnePsk client_psk("device-7", kSharedKey);
  OnePsk server_psk("", kSharedKey);
  Keyed keyed(client_psk, server_psk, "a hint");
  CHECK(keyed.pair.connect());

  CHECK(client_psk.questions == std::vector<std::string>{"a hint"});
  CHECK(server_psk.questions == std::vector<std::string>{"device-7"});
  CHECK_EQ(Connection::kMaximumPskIdentity, 255u);
  CHECK_EQ(Connection::kMaximumPsk, 512u);
}

void doesWithoutAHint() {
  OnePsk client_psk("device", kSharedKey);
  OnePsk server_psk("", kSharedKey);
  Keyed keyed(client_psk, server_psk);
  CHECK(keyed.pair.connect());
  CHECK_EQ(client_psk.questions.at(0), "");
}

void takesIdentitiesOfEveryLength() {
  struct Case {
    std::size_t length;
    std::size_t arrives;
  };
  for (const Case& one : {Case{0, 0}, {1, 1}, {255, 255}, {256, 255}, {5000, 255}}) {
    const Row row(std::to_string(one.length) + " bytes");
    OnePsk client_psk(std::string(one.length, 'i'), kSharedKey);
    OnePsk server_psk("", kSharedKey);
    Keyed keyed(client_psk, server_psk);
    CHECK(keyed.pair.connect());
    CHECK(server_psk.questions.size() == 1 &&
          server_psk.questions[0] == std::string(one.arrives, 'i'));
  }
}

void cutsAnIdentityAtItsFirstZero() {
  OnePsk client_psk(std::string("dev\0ice", 7), kSharedKey);
  OnePsk server_psk("", kSharedKey);
  Keyed keyed(client_psk, server_psk);
  CHECK(keyed.pair.connect());
  CHECK(server_psk.questions.size() == 1 && server_psk.questions[0] == "dev");
}

void takesKeysOfEveryLength() {
  for (const std::size_t length : {1, 16, 64, 512, 600}) {
    const Row row(std::to_string(length) + " bytes");
    const std::string key(length, 'k');
    OnePsk client_psk("device", key);
    OnePsk server_psk("", key.substr(0, 512));  // what is longer is cut
    Keyed keyed(client_psk, server_psk);
    CHECK(keyed.pair.connect());
    CHECK(keyed.pair.alive());
  }
}

void takesAKeyWithZerosInIt() {
  const std::string key("\0\1\0\2", 4);
  OnePsk client_psk("device", key);
  OnePsk server_psk("", key);
  Keyed keyed(client_psk, server_psk);
  CHECK(keyed.pair.connect());
}

void failsWithoutAKey() {
  OnePsk none("device", "");
  OnePsk some("device", kSharedKey);
  {
    const Row row("at the client");
    Keyed keyed(none, some);
    CHECK(!keyed.pair.connect());
    CHECK_EQ(keyed.pair.client.status, Status::kFailed);
    CHECK_HAS(keyed.pair.client.reason, "psk identity not found");
    CHECK_EQ(keyed.pair.server.status, Status::kFailed);
    CHECK_HAS(keyed.pair.server.reason, "handshake failure");
  }
  {
    const Row row("at the server");
    Keyed keyed(some, none);
    CHECK(!keyed.pair.connect());
    CHECK_EQ(keyed.pair.server.status, Status::kFailed);
    CHECK_HAS(keyed.pair.server.reason, "psk identity not found");
    CHECK_EQ(keyed.pair.client.status, Status::kFailed);
    CHECK_HAS(keyed.pair.client.reason, "unknown psk identity");
  }
}

void failsWithAnEmptyAnswer() {
  EndOptions silent;
  silent.answers_psk = false;
  End client(makeContext(pskOnly(Role::kClient)), silent);
  End server(makeContext(pskOnly(Role::kServer)));
  client.start();
  server.deliver(client.takeOutbox());
  client.deliver(server.takeOutbox());
  CHECK_EQ(client.status, Status::kInProgress);
  REQUIRE(client.wants_psk);
  client.providePsk({});
  CHECK_EQ(client.status, Status::kFailed);
  CHECK_HAS(client.reason, "psk identity not found");
}

// The wrong key shows only as a Finished that cannot be decrypted: no error, and no success either.
void staysUndecidedWithDifferentKeys() {
  OnePsk client_psk("device", "one key");
  OnePsk server_psk("", "another key");
  Keyed keyed(client_psk, server_psk);
  CHECK(!keyed.pair.connect());
  CHECK_EQ(keyed.pair.client.status, Status::kInProgress);
  CHECK_EQ(keyed.pair.server.status, Status::kInProgress);
}

void isNotAskedAgainWhenAFlightIsRepeated() {
  OnePsk client_psk("device", kSharedKey);
  OnePsk server_psk("", kSharedKey);
  Keyed keyed(client_psk, server_psk);
  keyed.pair.network = [](Role, std::size_t, const Bytes&) { return Fate::kTwice; };
  CHECK(keyed.pair.connect());
  CHECK_EQ(client_psk.questions.size(), 1u);
  CHECK_EQ(server_psk.questions.size(), 1u);
}

}  // namespace
}  // namespace qdtls::testing

int main() {
  using namespace qdtls::testing;
  return run({
      {"asks each side for its key once, with hint and identity", asksEachSideOnce},
      {"does without a hint", doesWithoutAHint},
      {"takes identities up to 255 bytes and cuts longer ones", takesIdentitiesOfEveryLength},
      {"cuts an identity at its first zero", cutsAnIdentityAtItsFirstZero},
      {"takes keys up to 512 bytes and cuts longer ones", takesKeysOfEveryLength},
      {"takes a key with zeros in it", takesAKeyWithZerosInIt},
      {"fails when either side has no key", failsWithoutAKey},
      {"fails when the answer is empty", failsWithAnEmptyAnswer},
      {"neither fails nor completes with different keys", staysUndecidedWithDifferentKeys},
      {"is not asked again when datagrams come twice", isNotAskedAgainWhenAFlightIsRepeated},
  });
}
