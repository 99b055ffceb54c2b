#include "guard_post.h"

#include <algorithm>

namespace qdtls::testing {
namespace {

void knowsTheRecordsOfAHandshake() {
  Post post;
  CHECK(post.admits(messageOf(20)));
  CHECK(post.admits(Record{kChangeCipherSpec, 0, 5, {1}}.encode()));
  for (const Bytes& content : {Bytes{0}, Bytes{2}, Bytes{1, 1}})
    CHECK(post.drops(Record{kChangeCipherSpec, 0, 5, content}.encode(), Drop::kMalformed));
  CHECK(post.drops(recordOf(kApplicationData, 0, 10), Drop::kUnknownType));
  for (const std::uint8_t type : {0, 19, 24, 25, 255})
    CHECK(post.drops(recordOf(type, 0, 10), Drop::kUnknownType));
  CHECK(post.drops(recordOf(kHandshake, 1, 100), Drop::kFutureEpoch));  // no cipher is agreed
}

void dropsMalformedRecords() {
  Post post;
  const Bytes whole = messageOf(20);
  for (std::size_t size = 1; size < whole.size(); ++size) {
    CHECK(post.drops(Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)),
                     Drop::kMalformed));
  }
  CHECK(post.drops(recordOf(kHandshake, 0, 0), Drop::kMalformed));
  CHECK(post.admits(messageOf((1 << 14) + 2048)));
  CHECK(post.drops(messageOf((1 << 14) + 2049), Drop::kMalformed));
  Bytes tls = whole;
  tls[1] = 3;
  CHECK(post.drops(tls, Drop::kVersion));
  CHECK(post.admit({}).empty());
}

void goesOnBehindADroppedRecord() {
  Post post;
  const Bytes good = messageOf(20);
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
  // A forged request is not the one.
  post.pass(recordOf(kHandshake, 1, 36), Judgement::kIgnored);
  post.pass(recordOf(kHandshake, 1, 36), Judgement::kAccepted);
  CHECK(post.drops(recordOf(kHandshake, 1, 36), Drop::kRenegotiation));
  CHECK(post.drops(recordOf(kHandshake, 1, 200), Drop::kRenegotiation));
  for (int i = 0; i < 20; ++i) CHECK(post.admits(recordOf(kHandshake, 1, kFinished)));
  CHECK(post.admits(recordOf(kApplicationData, 1, 36)));
}

// OpenSSL 3.0 reads such a message as the next one, from the middle of this one
// (openssl/openssl#25356).
void dropsMessagesThatDoNotAddUp() {
  const Bytes five(5);
  struct Case {
    const char* name;
    MessageFragment fragment;
  };
  for (const Case& one : {Case{"behind the end of its message", {kClientKeyExchange, 5, 0, 1, five}},
                          {"past the end of its message", {kClientKeyExchange, 5, 0, 6, {}}},
                          {"longer than its message", {kClientKeyExchange, 4, 0, 0, five}},
                          {"at the highest offset", {kClientKeyExchange, 5, 0, 0xffffff, five}}}) {
    const Row row(one.name);
    Post post;
    CHECK(post.drops(one.fragment.record(0), Drop::kMalformed));
  }
  Post post;
  const Bytes message = MessageFragment::whole(kClientKeyExchange, 0, five).encode();
  CHECK(post.admits(Record{kHandshake, 0, 0, joined({message, message, message})}.encode()));
  for (std::size_t size = 1; size < message.size(); ++size) {
    const Bytes cut(message.begin(), message.begin() + static_cast<std::ptrdiff_t>(size));
    CHECK(post.drops(Record{kHandshake, 0, 0, cut}.encode(), Drop::kMalformed));
    CHECK(post.drops(Record{kHandshake, 0, 0, joined({message, cut})}.encode(), Drop::kMalformed));
  }
}

void knowsWhoSendsWhichMessage() {
  struct Case {
    const char* name;
    Role reader;
    int verify_mode;
    std::vector<int> allowed;
  };
  const std::vector<Case> cases = {
      {"server", Role::kServer, SSL_VERIFY_NONE, {1, 16}},
      {"server that asks for a certificate", Role::kServer, SSL_VERIFY_PEER, {1, 11, 15, 16}},
      {"client", Role::kClient, SSL_VERIFY_NONE, {2, 3, 4, 11, 12, 13, 14, 22, 23}},
  };
  for (const auto& [name, reader, verify_mode, allowed] : cases) {
    RawPeer peer(reader);
    SSL_set_verify(peer.ssl(), verify_mode, nullptr);
    Statistics statistics;
    RecordGuard guard(statistics);
    guard.attach(peer.ssl());
    std::uint64_t dropped = 0;
    for (int type = 0; type < 256; ++type) {
      const Row row(std::string(name) + ", type " + std::to_string(type));
      const Bytes record =
          MessageFragment::whole(static_cast<std::uint8_t>(type), 0, Bytes(40)).record(0);
      ByteView rest = record;
      const bool passes = !guard.next(rest).empty();
      CHECK_EQ(passes, std::count(allowed.begin(), allowed.end(), type) == 1);
      if (!passes) ++dropped;
    }
    CHECK_EQ(countOf(guard, Drop::kUnknownType), dropped);
  }
}

// The shorter way is no other way: what is plainly data passes the long way too, whole.
void knowsDataAtAGlance() {
  Post post;
  post.complete();
  const Bytes data = recordOf(kApplicationData, 1, 24);
  CHECK(!post.guard.passesAsData(data));  // before the first, the shortest length is not known
  post.pass(data, Judgement::kAccepted);
  std::size_t known = 0;
  for (const std::size_t size : {0, 1, 23, 24, 25, 18432, 18433}) {
    for (const std::size_t end : {0, 1, 12, 13, 36, 37, 38}) {
      for (std::size_t at = 0; at < kRecordHeader; ++at) {
        for (const int value : {0, 1, 2, 22, 23, 24, 0xfd, 0xfe, 0xff}) {
          Bytes datagram = recordOf(kApplicationData, 1, size);
          datagram[at] = static_cast<std::uint8_t>(value);
          if (end != 0) datagram.resize(end);
          post.guard.settle();
          if (!post.guard.passesAsData(datagram)) continue;
          post.guard.settle();
          CHECK(post.admits(datagram));
          ++known;
        }
      }
    }
  }
  CHECK(known > 100);
  CHECK(!post.guard.passesAsData({}));
  CHECK(!post.guard.passesAsData(joined({data, data})));
  CHECK(post.guard.passesAsData(data));
  CHECK(!post.guard.passesAsData(data));  // the one before is not judged yet
}

// What OpenSSL makes of a record is told by accepted(); settle() ends the wait for it.
void tellsReplaysFromForgeries() {
  Post post;
  post.complete();
  const auto pass = [&](std::uint64_t sequence, Judgement judgement) {
    post.pass(Record{kApplicationData, 1, sequence, Bytes(40)}.encode(), judgement);
  };
  const auto check = [&](std::uint64_t replayed, std::uint64_t undecryptable) {
    CHECK_EQ(countOf(post.guard, Drop::kReplayed), replayed);
    CHECK_EQ(countOf(post.guard, Drop::kUndecryptable), undecryptable);
  };
  pass(1, Judgement::kAccepted);
  pass(100, Judgement::kAccepted);
  pass(99, Judgement::kAccepted);
  check(0, 0);
  pass(100, Judgement::kIgnored);
  pass(99, Judgement::kIgnored);
  check(2, 0);
  pass(98, Judgement::kIgnored);    // within the window, and was never there
  pass(5000, Judgement::kIgnored);  // ahead of it, and moves nothing
  check(2, 2);
  pass(98, Judgement::kAccepted);
  pass(98, Judgement::kIgnored);
  check(3, 2);
  pass(37, Judgement::kIgnored);  // the oldest in the window
  check(3, 3);
  pass(36, Judgement::kIgnored);  // too old to tell
  pass(1, Judgement::kIgnored);
  check(5, 3);
  pass(0xffffffffffff, Judgement::kAccepted);
  pass(0xffffffffffff, Judgement::kIgnored);
  pass(100, Judgement::kIgnored);
  check(7, 3);
  post.guard.settle();
  post.guard.accepted();
  check(7, 3);
}

void judgesARecordWhenTheNextIsRead() {
  Post post;
  post.complete();
  const Bytes record = recordOf(kApplicationData, 1, 40);
  CHECK(post.admits(joined({record, record, record})));
  CHECK_EQ(countOf(post.guard, Drop::kUndecryptable), 3u);  // reading the end judged the last
  post.guard.settle();
  CHECK_EQ(countOf(post.guard, Drop::kUndecryptable), 3u);
}

// Found by fuzzing: whoever attaches a guard late has not seen the first message pass.
void keepsNothingForAnEstablishedClient() {
  RawPeer client(Role::kClient);
  End server(makeContext(pskOnly(Role::kServer, "PSK-AES128-GCM-SHA256")));
  CHECK(client.connect(server));
  Statistics statistics;
  RecordGuard guard(statistics);
  guard.attach(client.ssl());
  const Bytes ahead = messageOf(20, 3);
  ByteView rest = ahead;
  CHECK(guard.next(rest).empty());
  CHECK_EQ(countOf(guard, Drop::kOldEpoch), 1u);
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
      {"drops messages that do not add up", dropsMessagesThatDoNotAddUp},
      {"lets a message pass only if the other side sends it", knowsWhoSendsWhichMessage},
      {"tells replays from forgeries", tellsReplaysFromForgeries},
      {"judges a record when the next is read", judgesARecordWhenTheNextIsRead},
      {"knows data at a glance, and nothing else", knowsDataAtAGlance},
      {"keeps nothing ahead of its time for a client that is established", keepsNothingForAnEstablishedClient},
  });
}
