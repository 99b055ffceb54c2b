#include "core/record_guard.h"

#include <algorithm>

#include "harness.h"
#include "raw_peer.h"

namespace qdtls::testing {
namespace {

std::uint64_t countOf(const RecordGuard& guard, Drop reason) {
  return guard.dropped()[static_cast<std::size_t>(reason)];
}

// A guard before the SSL of a server that is new, in the middle of its handshake, or done.
class Post final {
 public:
  explicit Post(const char* cipher = "PSK-AES128-GCM-SHA256")
      : server_(Role::kServer, cipher), client_(makeContext(pskOnly(Role::kClient, cipher))) {
    guard.attach(server_.ssl());
  }

  void receiveHello() {
    client_.start();
    server_.deliver(client_.takeOutbox().front());
  }
  void complete() { CHECK(server_.connect(client_)); }

  // What passes of a datagram.
  [[nodiscard]] Bytes admit(const Bytes& datagram) {
    ByteView rest = datagram;
    Bytes passed;
    for (ByteView record = guard.next(rest); !record.empty(); record = guard.next(rest)) {
      passed.insert(passed.end(), record.data(), record.data() + record.size());
    }
    CHECK(rest.empty());
    return passed;
  }
  [[nodiscard]] bool admits(const Bytes& datagram) { return admit(datagram) == datagram; }
  // The reason is counted, once.
  [[nodiscard]] bool drops(const Bytes& datagram, Drop reason) {
    const auto before = countOf(guard, reason);
    return admit(datagram).empty() && countOf(guard, reason) == before + 1;
  }

  RecordGuard guard;

 private:
  RawPeer server_;
  End client_;
};

Bytes recordOf(std::uint8_t type, std::uint16_t epoch, std::size_t size) {
  return Record{type, epoch, 5, Bytes(size)}.encode();
}

void knowsTheRecordsOfAHandshake() {
  Post post;
  for (const std::uint8_t type : {kHandshake, kChangeCipherSpec, kAlert})
    CHECK(post.admits(recordOf(type, 0, 10)));
  CHECK(post.drops(recordOf(kApplicationData, 0, 10), Drop::kUnknownType));
  for (const std::uint8_t type : {0, 19, 24, 25, 255})
    CHECK(post.drops(recordOf(type, 0, 10), Drop::kUnknownType));
  CHECK(post.drops(recordOf(kHandshake, 1, 100), Drop::kFutureEpoch));  // no cipher is agreed
}

void dropsMalformedRecords() {
  Post post;
  const Bytes whole = recordOf(kHandshake, 0, 10);
  for (std::size_t size = 1; size < whole.size(); ++size) {
    CHECK(post.drops(Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)),
                     Drop::kMalformed));
  }
  CHECK(post.drops(recordOf(kHandshake, 0, 0), Drop::kMalformed));
  CHECK(post.admits(recordOf(kHandshake, 0, (1 << 14) + 2048)));
  CHECK(post.drops(recordOf(kHandshake, 0, (1 << 14) + 2049), Drop::kMalformed));
  Bytes tls = whole;
  tls[1] = 3;
  CHECK(post.drops(tls, Drop::kVersion));
  CHECK(post.admit({}).empty());
}

void goesOnBehindADroppedRecord() {
  Post post;
  const Bytes good = recordOf(kHandshake, 0, 10);
  const Bytes bad = recordOf(99, 0, 10);
  const Bytes cut = {kHandshake, 0xfe, 0xfd};
  CHECK_EQ(post.admit(joined({good, good})), joined({good, good}));
  CHECK_EQ(post.admit(joined({bad, good, bad, good, cut})), joined({good, good}));
  CHECK_EQ(countOf(post.guard, Drop::kUnknownType), 2u);
  CHECK_EQ(countOf(post.guard, Drop::kMalformed), 1u);
}

void holdsRecordsToTheLengthOfTheirSuite() {
  struct Case {
    const char* cipher;
    std::size_t shortest;
  };
  for (const Case& one : {Case{"PSK-AES128-GCM-SHA256", 8 + 16},
                          {"PSK-AES128-CCM", 8 + 16},
                          {"PSK-AES128-CCM8", 8 + 8},
                          {"PSK-CHACHA20-POLY1305", 16},
                          {"PSK-AES128-CBC-SHA", 1}}) {
    const Row row(one.cipher);
    Post post(one.cipher);
    post.complete();
    for (const std::uint8_t type : {kHandshake, kAlert, kApplicationData}) {
      CHECK(post.admits(recordOf(type, 1, one.shortest)));
      if (one.shortest > 1) CHECK(post.drops(recordOf(type, 1, one.shortest - 1), Drop::kTooShort));
    }
  }
}

void dropsOtherEpochsOnceEstablished() {
  Post post;
  post.complete();
  CHECK(post.drops(recordOf(kHandshake, 0, 100), Drop::kOldEpoch));
  CHECK(post.drops(recordOf(kAlert, 0, 2), Drop::kOldEpoch));
  for (const std::uint16_t epoch : {2, 256, 65535}) {
    CHECK(post.drops(recordOf(kApplicationData, epoch, 100), Drop::kFutureEpoch));
  }
}

void countsNothingAgainstAnEstablishedPeer() {
  Post post;
  post.complete();
  for (int i = 0; i < 1000; ++i) CHECK(post.admits(recordOf(kApplicationData, 1, 1000)));
}

// OpenSSL answers one request to renegotiate and is stuck after the second; a Finished may come as
// often as it is lost.
void letsOneRenegotiationPass() {
  constexpr std::size_t kFinished = 8 + 24 + 16;
  Post post;
  post.complete();
  CHECK(post.admits(recordOf(kHandshake, 1, 36)));
  CHECK(post.drops(recordOf(kHandshake, 1, 36), Drop::kRenegotiation));
  CHECK(post.drops(recordOf(kHandshake, 1, 200), Drop::kRenegotiation));
  for (int i = 0; i < 20; ++i) CHECK(post.admits(recordOf(kHandshake, 1, kFinished)));
  CHECK(post.admits(recordOf(kApplicationData, 1, 36)));
}

void limitsEarlyRecords() {
  {
    Post post;
    post.receiveHello();
    for (std::size_t i = 0; i < RecordGuard::kMaximumParkedRecords; ++i)
      CHECK(post.admits(recordOf(kHandshake, 1, 30)));
    CHECK(post.drops(recordOf(kHandshake, 1, 30), Drop::kFutureEpoch));
    CHECK(post.admits(recordOf(kHandshake, 0, 30)));  // what is due is not held back
  }
  {
    Post post;
    post.receiveHello();
    std::size_t parked = 0;
    for (int i = 0; i < 10; ++i) parked += post.admit(recordOf(kApplicationData, 1, 10000)).size();
    CHECK(parked > 0 && parked <= RecordGuard::kMaximumParkedBytes + 10 * kRecordHeader);
  }
  {
    Post post;
    post.receiveHello();
    CHECK(post.drops(recordOf(kHandshake, 1, 23), Drop::kTooShort));
    CHECK(post.drops(recordOf(kHandshake, 2, 30), Drop::kFutureEpoch));
  }
}

}  // namespace
}  // namespace qdtls::testing

int main() {
  using namespace qdtls::testing;
  return run({
      {"lets the records of a handshake pass, and no others", knowsTheRecordsOfAHandshake},
      {"drops malformed records", dropsMalformedRecords},
      {"goes on behind a dropped record", goesOnBehindADroppedRecord},
      {"holds encrypted records to the shortest length of their suite",
       holdsRecordsToTheLengthOfTheirSuite},
      {"drops other epochs once established", dropsOtherEpochsOnceEstablished},
      {"does not count against an established peer", countsNothingAgainstAnEstablishedPeer},
      {"lets one request to renegotiate pass, and every Finished", letsOneRenegotiationPass},
      {"limits how many early records are parked", limitsEarlyRecords},
  });
}
