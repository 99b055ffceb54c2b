#include <algorithm>

#include "association.h"
#include "harness.h"

namespace qdtls::testing {
namespace {

const Authority& authority() {
  static const Authority made;
  return made;
}

const Identity& first() {
  static const Identity made = authority().issue(makeEcKey());
  return made;
}

const Identity& second() {
  static const Identity made = [] {
    Subject subject;
    subject.name = "sensor.example";
    return authority().issue(makeEcKey(), subject);
  }();
  return made;
}

ContextOptions asking(ContextOptions options) {
  options.asks_for_server_name = true;
  return options;
}

// A client that asks for sensor.example, and a server that was not answered yet.
class Scene final {
 public:
  explicit Scene(const ContextOptions& server_options)
      : client(makeContext(clientTrusting(authority()))), own(makeContext(server_options)) {
    auto made = Connection::create(own);
    CHECK(made.ok());
    server = std::move(made.value());
    CHECK_EQ(client.connection().prepare("sensor.example", {}), "");
    client.start();
  }

  Outcome begin() {
    const Datagrams hello = client.takeOutbox();
    return server->accept(hello.front());
  }

  // Carries datagrams from an outcome of the server on, until the client is done.
  Status finish(Outcome outcome) {
    for (int rounds = 0; rounds < 10; ++rounds) {
      client.deliver(outcome.datagrams);
      const Datagrams answers = client.takeOutbox();
      if (answers.empty()) break;
      for (const Bytes& datagram : answers) outcome = server->handshake(datagram);
    }
    return outcome.status;
  }

  End client;
  std::shared_ptr<const Context> own;
  std::unique_ptr<Connection> server;
};

void knowsTheNameWithoutAsking() {
  Scene scene(serverWith(first()));
  Outcome outcome = scene.begin();
  CHECK_EQ(outcome.status, Status::kInProgress);
  CHECK_EQ(scene.finish(std::move(outcome)), Status::kEstablished);
  CHECK_EQ(scene.server->serverName(), "sensor.example");
}

void standsStillUntilItIsAnswered() {
  Scene scene(asking(serverWith(first())));
  const Outcome outcome = scene.begin();
  CHECK_EQ(outcome.status, Status::kWantsContext);
  CHECK(outcome.datagrams.empty());
  CHECK(!scene.server->timeout());
  CHECK_EQ(scene.server->serverName(), "sensor.example");
  CHECK_EQ(scene.server->handleTimeout().status, Status::kInProgress);
  CHECK_EQ(scene.server->handshake(bytesOf("noise")).status, Status::kInProgress);
  CHECK_EQ(scene.finish(scene.server->provideContext(nullptr)), Status::kEstablished);
  CHECK_EQ(scene.client.connection().peerCertificates() == first().chain, true);
}

void goesOnWithAnotherContext() {
  Scene scene(asking(serverWith(first())));
  CHECK_EQ(scene.begin().status, Status::kWantsContext);
  auto chosen = makeContext(serverWith(second()));
  Outcome outcome = scene.server->provideContext(std::move(chosen));
  scene.own.reset();  // the connection keeps what it needs
  CHECK_EQ(scene.finish(std::move(outcome)), Status::kEstablished);
  CHECK_EQ(scene.client.connection().peerCertificates() == second().chain, true);
}

void refusesWithAnAlert() {
  Scene scene(asking(serverWith(first())));
  CHECK_EQ(scene.begin().status, Status::kWantsContext);
  const Outcome outcome = scene.server->refuseServerName(SSL_AD_UNRECOGNIZED_NAME);
  CHECK_EQ(outcome.status, Status::kFailed);
  CHECK_EQ(outcome.datagrams.size(), std::size_t{1});
  CHECK_EQ(scene.server->statistics().alerts_sent[SSL_AD_UNRECOGNIZED_NAME], 1U);
}

void answersNobodyWhoDidNotAsk() {
  Scene scene(asking(serverWith(first())));
  CHECK_EQ(scene.server->provideContext(nullptr).status, Status::kRefused);
  CHECK_EQ(scene.server->refuseServerName(SSL_AD_UNRECOGNIZED_NAME).status, Status::kRefused);
  CHECK_EQ(scene.begin().status, Status::kWantsContext);
  CHECK_EQ(scene.finish(scene.server->provideContext(nullptr)), Status::kEstablished);
  CHECK_EQ(scene.server->provideContext(nullptr).status, Status::kRefused);
}

// OpenSSL refuses it by itself: nobody is asked about half a name.
void asksAboutNoBrokenName() {
  const std::string name = "sensor.example";
  for (const std::ptrdiff_t at : {std::ptrdiff_t{2}, std::ptrdiff_t{-3}, std::ptrdiff_t{-2}}) {
    const Row row("byte " + std::to_string(at));
    Scene scene(asking(serverWith(first())));
    Bytes hello = scene.client.takeOutbox().front();
    const auto place = std::search(hello.begin(), hello.end(), name.begin(), name.end());
    REQUIRE(place != hello.end());
    // A NUL in the name, another type of name, a name that is too long.
    place[at] = at == 2 ? 0 : 1;
    const Outcome outcome = scene.server->accept(hello);
    CHECK_EQ(outcome.status, Status::kFailed);
    CHECK_EQ(scene.server->serverName(), "");
  }
}

void canEndWhileItWaits() {
  Scene scene(asking(serverWith(first())));
  CHECK_EQ(scene.begin().status, Status::kWantsContext);
  CHECK(scene.server->shutdown().datagrams.empty());
}

}  // namespace
}  // namespace qdtls::testing

int main() {
  using namespace qdtls::testing;
  return run({
      {"knows the client's name without asking about it", knowsTheNameWithoutAsking},
      {"stands still until it is answered", standsStillUntilItIsAnswered},
      {"goes on with another context, and keeps both", goesOnWithAnotherContext},
      {"refuses with an alert", refusesWithAnAlert},
      {"refuses answers that nobody asked for", answersNobodyWhoDidNotAsk},
      {"asks about no name that is malformed", asksAboutNoBrokenName},
      {"can end while it waits", canEndWhileItWaits},
  });
}
