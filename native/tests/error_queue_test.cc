#include "core/error_scope.h"

#include <openssl/err.h>

#include "association.h"
#include "harness.h"

// The error queue belongs to the thread, and Node's own crypto leaves things in it.
namespace qdtls::testing {
namespace {

void litter() {
  ERR_raise(ERR_LIB_SSL, SSL_R_BAD_PACKET);
  ERR_raise(ERR_LIB_EVP, ERR_R_INTERNAL_ERROR);
}

bool isClean() { return ERR_peek_error() == 0; }

// What others left is still there, and nothing else.
bool isUntouched() {
  const bool is_first = ERR_GET_REASON(ERR_get_error()) == SSL_R_BAD_PACKET;
  const bool is_second = ERR_GET_REASON(ERR_get_error()) == ERR_R_INTERNAL_ERROR;
  return is_first && is_second && isClean();
}

// Litters before every call and looks after it.
class Littered final {
 public:
  explicit Littered(const ContextOptions& options) {
    litter();
    auto context = Context::create(options);
    CHECK(context.ok() && isClean());
    litter();
    auto made = Connection::create(context.value());
    CHECK(made.ok() && isClean());
    connection = std::move(made.value());
  }

  template <typename Step>
  Outcome step(Step step) {
    litter();
    Outcome outcome = step(*connection);
    CHECK(isClean());
    if (outcome.status != Status::kWantsPsk) return outcome;
    litter();
    outcome = connection->providePsk(psk.answer());
    CHECK(isClean());
    return outcome;
  }

  // The hot path, as long as all goes well, leaves the queue alone.
  template <typename Step>
  Outcome easyStep(Step step) {
    ERR_clear_error();
    litter();
    Outcome outcome = step(*connection);
    CHECK(isUntouched());
    return outcome;
  }

  std::unique_ptr<Connection> connection;
  OnePsk psk{"device", kSharedKey};
};

struct Talk final {
  Littered client{pskOnly(Role::kClient)};
  Littered server{pskOnly(Role::kServer)};

  bool connect() {
    Outcome from_client = client.step([](Connection& c) { return c.start(); });
    Outcome from_server =
        server.step([&](Connection& c) { return c.accept(from_client.datagrams.front()); });
    for (int flight = 0; flight < 2; ++flight) {
      from_client = carry(from_server, client);
      from_server = carry(from_client, server);
    }
    return from_client.status == Status::kEstablished;
  }

 private:
  Outcome carry(const Outcome& from, Littered& to) {
    Outcome last{Status::kEstablished, {}, {}, {}};
    for (const Bytes& datagram : from.datagrams) {
      Outcome outcome = to.step([&](Connection& c) { return c.handshake(datagram); });
      CHECK(outcome.status != Status::kFailed);
      outcome.datagrams.insert(outcome.datagrams.begin(), last.datagrams.begin(),
                               last.datagrams.end());
      last = std::move(outcome);
    }
    return last;
  }
};

void doesNotMatterToAnAssociation() {
  Talk talk;
  CHECK(talk.connect());
  Outcome sent = talk.client.easyStep([](Connection& c) { return c.send(bytesOf("hello")); });
  CHECK_EQ(sent.status, Status::kEstablished);
  REQUIRE(sent.datagrams.size() == 1);
  Outcome got =
      talk.server.easyStep([&](Connection& c) { return c.receive(sent.datagrams.front()); });
  CHECK_EQ(got.status, Status::kEstablished);
  CHECK(got.plaintexts == Datagrams{bytesOf("hello")});
  got = talk.server.step(
      [](Connection& c) { return c.receive(bytesOf("garbage, which is no error")); });
  CHECK_EQ(got.status, Status::kEstablished);
  got = talk.server.step([](Connection& c) { return c.handleTimeout(); });
  CHECK_EQ(got.status, Status::kEstablished);
  Outcome bye = talk.client.step([](Connection& c) { return c.shutdown(); });
  REQUIRE(bye.datagrams.size() == 1);
  got = talk.server.step([&](Connection& c) { return c.receive(bye.datagrams.front()); });
  CHECK_EQ(got.status, Status::kClosed);
  CHECK_EQ(got.reason, "");
}

void doesNotMatterToAHalfOpenAssociation() {
  Littered client(pskOnly(Role::kClient));
  Littered server(pskOnly(Role::kServer));
  CHECK_EQ(client.step([](Connection& c) { return c.start(); }).status, Status::kInProgress);
  CHECK_EQ(client.step([](Connection& c) { return c.handshake(bytesOf("junk")); }).status,
           Status::kInProgress);
  CHECK_EQ(client.step([&](Connection& c) { return c.handleTimeout(); }).status,
           Status::kInProgress);
  CHECK_EQ(server.step([](Connection& c) { return c.accept(bytesOf("junk")); }).status,
           Status::kInProgress);
}

void doesNotShowInReasons() {
  Littered client(pskOnly(Role::kClient));
  client.psk = OnePsk("device", "");
  Littered server(pskOnly(Role::kServer));
  Outcome hello = client.step([](Connection& c) { return c.start(); });
  Outcome answer = server.step([&](Connection& c) { return c.accept(hello.datagrams.front()); });
  Outcome failure;
  for (const Bytes& datagram : answer.datagrams) {
    failure = client.step([&](Connection& c) { return c.handshake(datagram); });
  }
  CHECK_EQ(failure.status, Status::kFailed);
  CHECK_EQ(failure.reason, "psk identity not found");
}

void doesNotMatterToTheVerifier() {
  litter();
  auto cookies = CookieGenerator::create("SHA256", bytesOf("secret"));
  REQUIRE(cookies.ok());
  CHECK(isClean());
  const ClientVerifier verifier = verifierOf(std::move(cookies.value()));
  Littered client(pskOnly(Role::kClient));
  Outcome hello = client.step([](Connection& c) { return c.start(); });
  const Bytes address(4, 1);
  litter();
  const auto decision = verifier.decide(hello.datagrams.front(), {address, 1});
  CHECK_EQ(decision.verdict, ClientVerifier::Verdict::kAnswered);
  CHECK(isClean());

  Outcome second = client.step([&](Connection& c) { return c.handshake(decision.answer); });
  Littered server(pskOnly(Role::kServer));
  Outcome accepted = server.step([&](Connection& c) {
    return c.acceptVerified(second.datagrams.front(), verifier, {address, 1});
  });
  CHECK_EQ(accepted.status, Status::kInProgress);
}

void isDrainedIntoWords() {
  ERR_raise(ERR_LIB_EVP, ERR_R_INTERNAL_ERROR);
  const ErrorScope errors;
  CHECK_EQ(errors.drain(), "");
  ERR_raise(ERR_LIB_SSL, SSL_R_BAD_PACKET);
  ERR_raise(ERR_LIB_SSL, SSL_R_NO_SHARED_CIPHER);
  CHECK_EQ(errors.drain(), "bad packet; no shared cipher");
  CHECK(isClean());
  ERR_raise(200, 99);  // of no library
  CHECK_HAS(errors.drain(), "error ");
}

void isLeftCleanByItsScope() {
  {
    const ErrorScope errors;
    litter();
  }
  CHECK(isClean());
}

}  // namespace
}  // namespace qdtls::testing

int main() {
  using namespace qdtls::testing;
  return run({
      {"stale errors do not matter to an association", doesNotMatterToAnAssociation},
      {"stale errors do not matter to a half-open association",
       doesNotMatterToAHalfOpenAssociation},
      {"stale errors do not show in reasons", doesNotShowInReasons},
      {"stale errors do not matter to the verifier", doesNotMatterToTheVerifier},
      {"the queue is drained into words, oldest first", isDrainedIntoWords},
      {"the queue is left clean by its scope", isLeftCleanByItsScope},
  });
}
