#include "core/psk_gate.h"

#include <algorithm>
#include <random>

#include "association.h"
#include "harness.h"
#include "records.h"

namespace qdtls::testing {
namespace {

// The field with a 16-bit length that both messages of key exchange begin with.
Bytes fieldOf(const std::string& text) {
  Bytes field = {static_cast<std::uint8_t>(text.size() >> 8),
                 static_cast<std::uint8_t>(text.size() & 0xff)};
  field.insert(field.end(), text.begin(), text.end());
  return field;
}

// A message cut into pieces, in the order they would be sent.
std::vector<MessageFragment> cut(const MessageFragment& message, std::size_t size) {
  std::vector<MessageFragment> pieces;
  std::size_t at = 0;
  do {
    MessageFragment piece = message;
    const std::size_t count = std::min(size, message.body.size() - at);
    piece.offset = at;
    piece.body = ByteView(message.body).subview(at, count).copy();
    pieces.push_back(std::move(piece));
    at += count;
  } while (at < message.body.size());
  return pieces;
}

std::vector<MessageFragment> messagesOf(const Datagrams& flight) {
  std::vector<MessageFragment> messages;
  for (const Bytes& datagram : flight) {
    for (const Record& record : recordsOf(datagram)) {
      for (MessageFragment& message : fragmentsOf(record)) messages.push_back(std::move(message));
    }
  }
  return messages;
}

// A server that has sent its flight, and waits for a ClientKeyExchange that is made by hand.
class Asked final {
 public:
  static constexpr std::uint16_t kMessage = 1;  // the ClientHello was message 0

  explicit Asked(const ContextOptions& context = pskOnly(Role::kServer),
                 const ContextOptions& client_context = pskOnly(Role::kClient))
      : client(makeContext(client_context)), server(makeContext(context), asking()) {
    client.start();
    server.deliver(client.takeOutbox());
    flight = server.takeOutbox();
  }

  void deliver(const MessageFragment& message) { server.deliver(message.record(next_record_++)); }
  void deliverIdentity(const std::string& identity) {
    deliver(MessageFragment::whole(kClientKeyExchange, kMessage, fieldOf(identity)));
  }
  [[nodiscard]] std::string subject() { return server.connection().pskSubject(); }

  End client;
  End server;
  Datagrams flight;

 private:
  std::uint64_t next_record_ = 10;
};

void asksAServerForTheIdentity() {
  for (const std::size_t length : {0, 1, 255, 256}) {
    const Row row(std::to_string(length) + " bytes");
    Asked asked;
    asked.deliverIdentity(std::string(length, 'i'));
    CHECK(asked.server.wants_psk);
    CHECK_EQ(asked.subject(), std::string(length, 'i'));
    CHECK_EQ(asked.server.status, Status::kInProgress);
    CHECK(asked.server.takeOutbox().empty());
    asked.server.answerPsk();
    CHECK_EQ(asked.server.status, Status::kInProgress);
    CHECK(!asked.server.wants_psk);
  }
}

void doesNotAskForAnIdentityThatOpenSslRefuses() {
  for (const std::size_t length : {257, 300, 5000, 16000}) {
    const Row row(std::to_string(length) + " bytes");
    Asked asked;
    asked.deliverIdentity(std::string(length, 'i'));
    CHECK(!asked.server.wants_psk);
    CHECK_EQ(asked.server.status, Status::kFailed);
    CHECK(!asked.server.reason.empty());
  }
}

void readsAnIdentityUpToItsZero() {
  Asked asked;
  asked.deliverIdentity(std::string("dev\0ice", 7));
  CHECK(asked.server.wants_psk);
  CHECK_EQ(asked.subject(), "dev");
  asked.server.answerPsk();
  CHECK_EQ(asked.server.status, Status::kInProgress);  // the answer was for what OpenSSL reads
}

void putsAnIdentityTogether() {
  const std::string identity = "a device with a name of some length";
  const auto message =
      MessageFragment::whole(kClientKeyExchange, Asked::kMessage, fieldOf(identity));
  for (const std::size_t size : {1, 2, 3, 10, 36}) {
    for (unsigned seed = 0; seed <= 10; ++seed) {
      const Row row("pieces of " + std::to_string(size) + ", seed " + std::to_string(seed));
      auto pieces = cut(message, size);
      if (seed == 1) std::reverse(pieces.begin(), pieces.end());
      if (seed > 1) std::shuffle(pieces.begin(), pieces.end(), std::mt19937(seed));
      Asked asked;
      for (const MessageFragment& piece : pieces) {
        CHECK(!asked.server.wants_psk);
        asked.deliver(piece);
      }
      CHECK(asked.server.wants_psk);
      CHECK_EQ(asked.subject(), identity);
      asked.server.answerPsk();
      CHECK_EQ(asked.server.status, Status::kInProgress);
    }
  }
}

// Two pieces that overlap and differ are read in one way here and may be in another by OpenSSL.
void answersForNoOtherIdentity() {
  struct Case {
    const char* name;
    std::vector<MessageFragment> pieces;
  };
  const auto piece = [](std::size_t offset, const std::string& text) {
    return MessageFragment{kClientKeyExchange, 7, Asked::kMessage, offset, bytesOf(text)};
  };
  const std::string length("\0\5", 2);
  const Case cases[] = {
      {"the name of another at last", {piece(0, length + "alic"), piece(2, "mallo")}},
      {"half a name, twice", {piece(0, length + "al"), piece(2, "mall"), piece(6, "y")}},
      {"from the end", {piece(4, "ice"), piece(2, "mall"), piece(0, length)}},
      {"a shorter name",
       {piece(0, length + "a"), piece(0, std::string("\0\1", 2) + "m"), piece(3, "lice")}},
  };
  for (const Case& one : cases) {
    const Row row(one.name);
    Asked asked;
    for (const MessageFragment& part : one.pieces) asked.deliver(part);
    REQUIRE(asked.server.wants_psk);
    asked.server.answerPsk();
    CHECK_EQ(asked.server.status, Status::kFailed);
    CHECK_HAS(asked.server.reason, "psk identity not found");
  }
}

void asksNobodyWithoutAKeyInTheSuite() {
  const Authority authority;
  const Identity identity = authority.issue(makeEcKey());
  Asked asked(serverWith(identity), clientTrusting(authority));
  asked.deliverIdentity("device");
  CHECK(!asked.server.wants_psk);

  OnePsk client_psk("device", kSharedKey);
  OnePsk server_psk("", kSharedKey);
  EndOptions client_end;
  client_end.psk = &client_psk;
  EndOptions server_end;
  server_end.psk = &server_psk;
  Pair pair(clientTrusting(authority), client_end, serverWith(identity), server_end);
  CHECK(pair.connect());
  CHECK(client_psk.questions.empty());
  CHECK(server_psk.questions.empty());
}

void asksNoServerBeforeItsTurn() {
  End server(makeContext(pskOnly(Role::kServer)), asking());
  server.deliver(MessageFragment::whole(kClientKeyExchange, 0, fieldOf("early")).record(0));
  CHECK(!server.wants_psk);
}

struct Suite final {
  const char* cipher;
  bool has_certificate;
};

constexpr Suite kSuites[] = {{"PSK-AES128-GCM-SHA256", false},
                             {"DHE-PSK-AES128-GCM-SHA256", false},
                             {"ECDHE-PSK-CHACHA20-POLY1305", false},
                             {"RSA-PSK-AES128-GCM-SHA256", true}};

// Everybody who may be in a handshake with a key.
class Cast final {
 public:
  [[nodiscard]] ContextOptions client(const Suite& suite) const {
    ContextOptions options =
        suite.has_certificate ? clientTrusting(authority_) : pskOnly(Role::kClient);
    options.ciphers = suite.cipher;
    return options;
  }
  [[nodiscard]] ContextOptions server(const Suite& suite, const std::string& hint) const {
    ContextOptions options = suite.has_certificate ? serverWith(identity_) : pskOnly(Role::kServer);
    options.ciphers = suite.cipher;
    options.psk_identity_hint = hint;
    return options;
  }

 private:
  Authority authority_;
  Identity identity_ = authority_.issue(makeRsaKey());
};

const Cast& cast() {
  static const Cast instance;
  return instance;
}

// A client that is given a server's flight piece by piece.
class Hinted final {
 public:
  Hinted(const Suite& suite, const std::string& hint)
      : client(makeContext(cast().client(suite)), asking()),
        server(makeContext(cast().server(suite, hint))) {
    client.start();
    server.deliver(client.takeOutbox());
    flight = messagesOf(server.takeOutbox());
  }

  void deliver(const MessageFragment& message) { client.deliver(message.record(next_record_++)); }
  [[nodiscard]] bool completes() {
    client.answerPsk();
    for (int round = 0; round < 3; ++round) {
      server.deliver(client.takeOutbox());
      client.deliver(server.takeOutbox());
    }
    return client.status == Status::kEstablished && server.status == Status::kEstablished;
  }

  End client;
  End server;
  std::vector<MessageFragment> flight;

 private:
  std::uint64_t next_record_ = 10;
};

void tellsAClientTheHint() {
  for (const Suite& suite : kSuites) {
    for (const std::size_t length : {0, 1, 255, 256}) {
      const Row row(std::string(suite.cipher) + ", hint of " + std::to_string(length));
      Hinted hinted(suite, std::string(length, 'h'));
      for (const MessageFragment& message : hinted.flight) hinted.deliver(message);
      CHECK(hinted.client.wants_psk);
      CHECK_EQ(hinted.client.connection().pskSubject(), std::string(length, 'h'));
      CHECK(hinted.completes());
    }
  }
}

void asksAClientWhateverTheOrder() {
  for (const Suite& suite : kSuites) {
    for (const char* hint : {"", "a hint"}) {
      Hinted model(suite, hint);
      std::vector<std::size_t> order(model.flight.size());
      for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
      CHECK_EQ(model.flight.size() - (suite.has_certificate ? 1 : 0),
               contains(suite.cipher, "DHE") || *hint != '\0' ? 3u : 2u);
      do {
        std::string name = std::string(suite.cipher) + ", hint \"" + hint + "\", order";
        for (const std::size_t i : order) name += " " + std::to_string(i);
        const Row row(name);
        Hinted hinted(suite, hint);
        for (const std::size_t i : order) hinted.deliver(hinted.flight[i]);
        // OpenSSL needs the certificate, the gate does not; both ask with the last message at the
        // latest.
        CHECK(hinted.client.wants_psk);
        CHECK_EQ(hinted.client.connection().pskSubject(), hint);
        CHECK_EQ(hinted.client.status, Status::kInProgress);
        CHECK(hinted.completes());
      } while (std::next_permutation(order.begin(), order.end()));
    }
  }
}

void putsAHintTogether() {
  const std::string hint(100, 'h');
  for (const Suite& suite : kSuites) {
    for (unsigned seed = 1; seed <= 10; ++seed) {
      const Row row(std::string(suite.cipher) + ", seed " + std::to_string(seed));
      Hinted hinted(suite, hint);
      std::vector<MessageFragment> pieces;
      for (const MessageFragment& message : hinted.flight) {
        for (MessageFragment& piece : cut(message, 29)) pieces.push_back(std::move(piece));
      }
      std::shuffle(pieces.begin(), pieces.end(), std::mt19937(seed));
      for (const MessageFragment& piece : pieces) hinted.deliver(piece);
      CHECK(hinted.client.wants_psk);
      CHECK_EQ(hinted.client.connection().pskSubject(), hint);
      CHECK(hinted.completes());
    }
  }
}

void forgetsTheKeyWhenTheHandshakeIsComplete() {
  Pair pair(pskOnly(Role::kClient), pskOnly(Role::kServer));
  CHECK(pair.connect());
  CHECK(pair.client.connection().pskSubject().empty());
  CHECK(pair.server.connection().pskSubject().empty());
  CHECK(pair.alive());

  PskGate gate;
  gate.answer({"alice", SecretBytes(Bytes{1, 2, 3})});
  CHECK(gate.answerForClient() != nullptr);
  gate.forget();
  CHECK(gate.answerForClient() == nullptr);
  CHECK(gate.answerForServer("") == nullptr);
  CHECK(!gate.asking());
  CHECK(!gate.mustHold(MessageFragment::whole(kClientKeyExchange, 1, fieldOf("alice")).record(0)));
}

}  // namespace
}  // namespace qdtls::testing

int main() {
  using namespace qdtls::testing;
  return run({
      {"asks a server's owner for the key of an identity up to 256 bytes",
       asksAServerForTheIdentity},
      {"does not ask for an identity that OpenSSL refuses",
       doesNotAskForAnIdentityThatOpenSslRefuses},
      {"reads an identity up to its first zero, as OpenSSL does", readsAnIdentityUpToItsZero},
      {"puts an identity together from pieces in any order", putsAnIdentityTogether},
      {"gives the key to no identity but the one that was asked about", answersForNoOtherIdentity},
      {"asks nobody for a suite without a key", asksNobodyWithoutAKeyInTheSuite},
      {"asks no server before its turn", asksNoServerBeforeItsTurn},
      {"tells a client the hint, up to 256 bytes", tellsAClientTheHint},
      {"asks a client whatever the order of the server's messages", asksAClientWhateverTheOrder},
      {"puts a hint together from pieces in any order", putsAHintTogether},
      {"forgets the key when the handshake is complete", forgetsTheKeyWhenTheHandshakeIsComplete},
  });
}
