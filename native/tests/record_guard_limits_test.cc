#include "guard_post.h"

namespace qdtls::testing {
namespace {

void limitsTheNumberOfMessages() {
  Post post;
  for (std::uint16_t i = 0; i < 16; ++i) CHECK(post.admits(messageOf(20, i)));
  for (const std::uint16_t i : {16, 17, 255, 256, 65535})
    CHECK(post.drops(messageOf(20, i), Drop::kOverLimit));
}

void limitsWhatMessagesClaimTogether() {
  HandshakeLimits limits;
  limits.maximum_bytes = 20000;  // half of which is for messages
  {
    const Row row("one message");
    Post post;
    post.guard.setLimits(limits);
    CHECK(post.admits(claimOf(10000, 3)));
    CHECK(post.drops(claimOf(10001, 3), Drop::kMalformed));  // another length than before
    CHECK(post.drops(claimOf(0xffffff, 4), Drop::kOverLimit));
    CHECK(post.drops(claimOf(1, 4), Drop::kOverLimit));
  }
  {
    const Row row("several");
    Post post;
    post.guard.setLimits(limits);
    for (std::uint16_t i = 0; i < 10; ++i) CHECK(post.admits(claimOf(1000, i)));
    CHECK(post.drops(claimOf(1, 10), Drop::kOverLimit));
    for (std::uint16_t i = 0; i < 10; ++i) CHECK(post.admits(claimOf(1000, i)));  // again
    for (const std::size_t length : {1, 999, 1001})
      CHECK(post.drops(claimOf(length, 0), Drop::kMalformed));
  }
  {
    const Row row("what was dropped does not count");
    Post post;
    post.guard.setLimits(limits);
    CHECK(post.drops(claimOf(10001, 0), Drop::kOverLimit));
    CHECK(post.admits(claimOf(10000, 0)));
  }
  {
    const Row row("in one record");
    Post post;
    post.guard.setLimits(limits);
    const Bytes half = MessageFragment{kClientKeyExchange, 5001, 0, 0, Bytes(1)}.encode();
    const Bytes other = MessageFragment{kClientKeyExchange, 5001, 1, 0, Bytes(1)}.encode();
    CHECK(post.drops(Record{kHandshake, 0, 0, joined({half, other})}.encode(), Drop::kOverLimit));
  }
}

void limitsEarlyRecords() {
  constexpr std::size_t kMostEarlyRecords = 32;
  {
    const Row row("their number");
    Post post;
    post.receiveHello();
    for (std::size_t i = 0; i < kMostEarlyRecords; ++i)
      static_cast<void>(post.admit(recordOf(kHandshake, 1, 30)));
    CHECK_EQ(post.allDropped(), 0u);
    CHECK(post.drops(recordOf(kHandshake, 1, 30), Drop::kOverLimit));
    CHECK(post.admits(messageOf(30)));  // what is due is not held back
  }
  {
    const Row row("their bytes");
    Post post;
    post.receiveHello();
    HandshakeLimits limits;
    limits.maximum_bytes = 80000;  // a quarter of which is for early records
    post.guard.setLimits(limits);
    static_cast<void>(post.admit(recordOf(kApplicationData, 1, 9900)));
    CHECK(post.drops(recordOf(kApplicationData, 1, 10200), Drop::kOverLimit));
    static_cast<void>(post.admit(recordOf(kApplicationData, 1, 9900)));
    CHECK_EQ(post.allDropped(), 1u);
    CHECK(post.drops(recordOf(kApplicationData, 1, 300), Drop::kOverLimit));
    CHECK(post.admits(messageOf(30)));
  }
  {
    const Row row("their kind");
    Post post;
    post.receiveHello();
    CHECK(post.drops(recordOf(kHandshake, 1, 23), Drop::kTooShort));
    CHECK(post.drops(recordOf(kHandshake, 2, 30), Drop::kFutureEpoch));
  }
}

void ignoresAlertsThatNobodySigned() {
  Post post;
  CHECK_EQ(post.guard.ignoredAlert(), -1);
  CHECK(post.drops(alertOf(2, 40), Drop::kUnauthenticatedAlert));
  CHECK_EQ(post.guard.ignoredAlert(), 40);
  CHECK(post.drops(alertOf(1, 0), Drop::kUnauthenticatedAlert));
  CHECK(post.drops(alertOf(1, 0), Drop::kUnauthenticatedAlert));
  CHECK_EQ(post.guard.ignoredAlert(), 0);
  CHECK(post.drops(alertOf(0, 255), Drop::kUnauthenticatedAlert));
  CHECK_EQ(post.statistics.alerts_received[40], 1u);
  CHECK_EQ(post.statistics.alerts_received[0], 2u);
  CHECK_EQ(post.statistics.alerts_received[255], 1u);
}

void obeysAlertsOnRequest() {
  Post post;
  HandshakeLimits limits;
  limits.obey_unauthenticated_alerts = true;
  post.guard.setLimits(limits);
  CHECK(post.admits(alertOf(2, 40)));
  CHECK_EQ(post.guard.ignoredAlert(), -1);
  CHECK_EQ(post.statistics.alerts_received[40], 0u);  // OpenSSL hears it, and tells
  CHECK(post.drops(recordOf(kAlert, 0, 1), Drop::kMalformed));
  CHECK(post.drops(recordOf(kAlert, 0, 3), Drop::kMalformed));
  post.complete();
  CHECK(post.drops(alertOf(2, 40), Drop::kOldEpoch));
}

}  // namespace
}  // namespace qdtls::testing

int main() {
  using namespace qdtls::testing;
  return run({
      {"limits the number of messages", limitsTheNumberOfMessages},
      {"limits what messages claim to be, all together", limitsWhatMessagesClaimTogether},
      {"limits how many early records are parked", limitsEarlyRecords},
      {"ignores alerts that nobody signed, and counts them", ignoresAlertsThatNobodySigned},
      {"lets such alerts pass on request, until the epoch is over", obeysAlertsOnRequest},
  });
}
