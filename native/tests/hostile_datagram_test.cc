#include <algorithm>
#include <random>

#include "association.h"
#include "harness.h"
#include "records.h"

namespace qdtls::testing {
namespace {

constexpr const char* kSuites[] = {
    "PSK-AES128-GCM-SHA256", "PSK-AES256-GCM-SHA384", "PSK-CHACHA20-POLY1305", "PSK-AES128-CCM",
    "PSK-AES128-CCM8",       "PSK-AES128-CBC-SHA256", "PSK-AES128-CBC-SHA"};

Pair pairWith(const char* cipher = "PSK-AES128-GCM-SHA256") {
  return {pskOnly(Role::kClient, cipher), pskOnly(Role::kServer, cipher)};
}

// Nothing may come of it: no answer, no data, no end.
void checkIgnored(End& end, ByteView datagram) {
  end.deliver(datagram);
  CHECK_EQ(end.status, Status::kEstablished);
  CHECK(end.takeOutbox().empty());
  CHECK(end.takeTexts().empty());
}

Bytes sealed(End& sender, const std::string& text) {
  sender.send(text);
  const Datagrams datagrams = sender.takeOutbox();
  CHECK_EQ(datagrams.size(), 1u);
  return datagrams.empty() ? Bytes() : datagrams.front();
}

void ignoresForgedRecordsOfEveryShape() {
  for (const char* suite : kSuites) {
    Pair pair = pairWith(suite);
    if (!CHECK(pair.connect())) continue;
    for (const std::uint16_t epoch : {0, 1, 2, 65535}) {
      for (const std::uint8_t type : {0, 19, 20, 21, 22, 23, 24, 25, 99, 255}) {
        const Row row(std::string(suite) + ", epoch " + std::to_string(epoch) + ", type " +
                      std::to_string(type));
        for (std::size_t size = 0; size <= 96; ++size) {
          checkIgnored(pair.server, Record{type, epoch, 1000 + size, Bytes(size)}.encode());
        }
        if (!CHECK(pair.alive())) return;
      }
    }
  }
}

void ignoresAFlippedBitAnywhere() {
  for (const char* suite : kSuites) {
    const Row row(suite);
    Pair pair = pairWith(suite);
    if (!CHECK(pair.connect())) continue;
    const Bytes genuine = sealed(pair.client, "genuine");
    for (std::size_t bit = 0; bit < genuine.size() * 8; ++bit) {
      Bytes forged = genuine;
      forged[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
      checkIgnored(pair.server, forged);
    }
    pair.server.deliver(genuine);  // and the replay window has learned nothing from the forgeries
    CHECK(pair.server.takeTexts() == std::vector<std::string>{"genuine"});
  }
}

void ignoresATruncationAnywhere() {
  for (const char* suite : kSuites) {
    const Row row(suite);
    Pair pair = pairWith(suite);
    if (!CHECK(pair.connect())) continue;
    const Bytes genuine = sealed(pair.client, "genuine");
    for (std::size_t size = 0; size < genuine.size(); ++size) {
      const Bytes cut(genuine.begin(), genuine.begin() + static_cast<std::ptrdiff_t>(size));
      checkIgnored(pair.server, cut);
      if (size <= kRecordHeader) continue;
      Bytes consistent = cut;  // with a header that agrees
      consistent[11] = static_cast<std::uint8_t>((size - kRecordHeader) >> 8);
      consistent[12] = static_cast<std::uint8_t>(size - kRecordHeader);
      checkIgnored(pair.server, consistent);
    }
    pair.server.deliver(genuine);
    CHECK(pair.server.takeTexts() == std::vector<std::string>{"genuine"});
  }
}

void ignoresReplays() {
  Pair pair = pairWith();
  CHECK(pair.connect());
  Datagrams sent;
  for (int i = 0; i < 100; ++i) sent.push_back(sealed(pair.client, "message " + std::to_string(i)));
  pair.server.deliver(sent);
  CHECK_EQ(pair.server.takeTexts().size(), 100u);
  for (const Bytes& datagram : sent) checkIgnored(pair.server, datagram);
  CHECK(pair.alive());
}

void takesReorderedDatagramsWithinTheWindow() {
  constexpr std::size_t kWindow = 64;  // RFC 6347 section 4.1.2.6
  Pair pair = pairWith();
  CHECK(pair.connect());
  Datagrams sent;
  for (std::size_t i = 0; i < kWindow + 10; ++i)
    sent.push_back(sealed(pair.client, std::to_string(i)));
  std::reverse(sent.begin(), sent.end());
  pair.server.deliver(sent);
  const auto texts = pair.server.takeTexts();
  CHECK_EQ(texts.size(), kWindow);
  CHECK(!texts.empty() && texts.front() == std::to_string(kWindow + 9));
  CHECK(pair.alive());
}

void ignoresGarbage() {
  constexpr unsigned kSeed = 7;
  std::mt19937 random(kSeed);
  Pair pair = pairWith();
  CHECK(pair.connect());
  checkIgnored(pair.server, {});
  checkIgnored(pair.server, Bytes(65507, 0xff));
  checkIgnored(pair.server, Bytes(65507, 0));
  checkIgnored(pair.server,
               Record{kApplicationData, 1, 500, Bytes(65507 - kRecordHeader)}.encode());
  for (int round = 0; round < 2000; ++round) {
    const Row row("seed " + std::to_string(kSeed) + " round " + std::to_string(round));
    Bytes datagram(random() % 200);
    for (std::uint8_t& byte : datagram) byte = static_cast<std::uint8_t>(random());
    if (datagram.size() > kRecordHeader && round % 2 == 0) {
      const Bytes header =
          Record{kApplicationData, 1, random(), Bytes(datagram.size() - kRecordHeader)}.encode();
      std::copy_n(header.begin(), kRecordHeader, datagram.begin());
    }
    checkIgnored(pair.server, datagram);
  }
  CHECK(pair.alive());
}

void ignoresPlaintextAfterTheHandshake() {
  Pair pair = pairWith();
  CHECK(pair.connect());
  for (const std::uint8_t level : {1, 2}) {
    for (const std::uint8_t description : {0, 10, 20, 40, 90, 100}) {
      checkIgnored(pair.server, Record{kAlert, 0, 100, {level, description}}.encode());
    }
  }
  End restarted(makeContext(pskOnly(Role::kClient)));
  restarted.start();
  checkIgnored(pair.server, restarted.takeOutbox().front());
  checkIgnored(pair.server, Record{kChangeCipherSpec, 0, 101, {1}}.encode());
  checkIgnored(pair.server, Record{kApplicationData, 0, 102, bytesOf("plain")}.encode());
  CHECK(pair.alive());
}

void readsAGenuineRecordBetweenForgedOnes() {
  for (const char* suite : kSuites) {
    const Row row(suite);
    Pair pair = pairWith(suite);
    if (!CHECK(pair.connect())) continue;
    const Bytes junk = Record{kApplicationData, 1, 700, Bytes(5)}.encode();
    const Bytes long_junk = Record{kApplicationData, 1, 701, Bytes(64)}.encode();
    const Bytes plain = Record{kAlert, 0, 9, {2, 40}}.encode();
    pair.server.deliver(joined(
        {junk, sealed(pair.client, "one"), plain, long_junk, sealed(pair.client, "two"), junk}));
    CHECK(pair.server.takeTexts() == (std::vector<std::string>{"one", "two"}));
    CHECK(pair.alive());
  }
}

// What nobody authenticated cannot end a handshake either, as long as it claims to be encrypted.
void ignoresForgedEncryptedRecordsDuringTheHandshake() {
  const Authority authority;
  const Identity identity = authority.issue(makeEcKey());
  for (const std::uint16_t epoch : {1, 2, 65535}) {
    for (const std::uint8_t type : {20, 21, 22, 23, 24}) {
      for (const std::size_t size : {0, 1, 2, 8, 15, 16, 17, 23, 24, 25, 40}) {
        const Row row("epoch " + std::to_string(epoch) + ", type " + std::to_string(type) + ", " +
                      std::to_string(size) + " bytes");
        Pair pair(clientTrusting(authority), serverWith(identity));
        const Bytes forged = Record{type, epoch, 1, Bytes(size)}.encode();
        pair.network = [&](Role sender, std::size_t, const Bytes&) {
          (sender == Role::kClient ? pair.server : pair.client).deliver(forged);
          return Fate::kDeliver;
        };
        CHECK(pair.connect());
        pair.network = nullptr;
        CHECK(pair.alive());
      }
    }
  }
}

// The number of an unencrypted record is nobody's word. OpenSSL's replay window would believe it.
void completesAfterANumberFarAhead() {
  const Authority authority;
  const Identity identity = authority.issue(makeEcKey());
  for (const Role liar : {Role::kClient, Role::kServer}) {
    const Row row(liar == Role::kClient ? "to the server" : "to the client");
    EndOptions options;
    options.mtu = 300;
    Pair pair(clientTrusting(authority), serverWith(identity), options);
    pair.network = [&](Role sender, std::size_t index, const Bytes& datagram) {
      if (sender != liar || index != 0) return Fate::kDeliver;
      End& to = sender == Role::kClient ? pair.server : pair.client;
      to.deliver(datagram);
      Record record = recordsOf(datagram).front();
      record.sequence = 0x400000000000;
      to.deliver(record.encode());
      return Fate::kDrop;
    };
    CHECK(pair.connect());
    pair.network = nullptr;
    CHECK(pair.alive());
  }
}

// Anything may come of these but a crash, a leak or an endless loop; the sanitizers are the judges.
void survivesMutatedHandshakes() {
  const Authority authority;
  const Identity identity = authority.issue(makeEcKey());
  EndOptions options;
  options.mtu = 400;
  for (unsigned seed = 1; seed <= 60; ++seed) {
    const Row row("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    Pair pair(clientTrusting(authority), serverWith(identity), options);
    pair.network = [&](Role sender, std::size_t, const Bytes& datagram) {
      if (random() % 3 != 0) return Fate::kDeliver;
      Bytes mutated = datagram;
      for (int flips = 0; flips < 3; ++flips)
        mutated[random() % mutated.size()] ^= static_cast<std::uint8_t>(random());
      if (random() % 4 == 0) mutated.resize(random() % mutated.size());
      (sender == Role::kClient ? pair.server : pair.client).deliver(mutated);
      return random() % 2 == 0 ? Fate::kDrop : Fate::kDeliver;
    };
    pair.connect();
    for (const End* end : {&pair.client, &pair.server})
      CHECK(end->status != Status::kFailed || !end->reason.empty());
  }
}

// A stranger who sends records of the next epoch must not fill the memory of a server with
// unfinished handshakes.
void parksOnlySoMuch() {
  End client(makeContext(pskOnly(Role::kClient)));
  End server(makeContext(pskOnly(Role::kServer)));
  client.start();
  server.deliver(client.takeOutbox());
  const auto before = server.connection().timeout();
  for (std::uint64_t i = 0; i < 500; ++i)
    server.deliver(Record{kApplicationData, 1, i, Bytes(16000)}.encode());
  CHECK(before && server.connection().timeout());
  client.deliver(server.takeOutbox());
  server.deliver(client.takeOutbox());
  client.deliver(server.takeOutbox());
  CHECK_EQ(client.status, Status::kEstablished);
  CHECK_EQ(server.status, Status::kEstablished);
}

}  // namespace
}  // namespace qdtls::testing

int main() {
  using namespace qdtls::testing;
  return run({
      {"ignores forged records of every epoch, type and length, with every kind of cipher",
       ignoresForgedRecordsOfEveryShape},
      {"ignores a genuine record with any bit flipped", ignoresAFlippedBitAnywhere},
      {"ignores a genuine record cut anywhere", ignoresATruncationAnywhere},
      {"ignores replays", ignoresReplays},
      {"takes reordered datagrams within the window", takesReorderedDatagramsWithinTheWindow},
      {"ignores garbage", ignoresGarbage},
      {"ignores what is not encrypted after the handshake", ignoresPlaintextAfterTheHandshake},
      {"reads genuine records between forged ones", readsAGenuineRecordBetweenForgedOnes},
      {"ignores forged encrypted records during the handshake",
       ignoresForgedEncryptedRecordsDuringTheHandshake},
      {"completes after an unencrypted record with a number far ahead",
       completesAfterANumberFarAhead},
      {"survives mutated handshakes", survivesMutatedHandshakes},
      {"completes although a stranger parks records of the next epoch", parksOnlySoMuch},
  });
}
