// The record guard alone, before an SSL in every state: what passes is a whole record that may
// stand there.
#include "core/record_guard.h"

#include <numeric>
#include <utility>

#include "input.h"
#include "posts.h"
#include "world.h"

namespace qdtls::fuzzing {
namespace {

class Watch final {
 public:
  explicit Watch(const Post& post)
      : post_(post), is_established_(SSL_is_init_finished(post.ssl) != 0) {
    guard_.attach(post.ssl);
  }

  void setLimits(const HandshakeLimits& limits) {
    limits_ = limits;
    guard_.setLimits(limits);
  }

  void pass(ByteView datagram, bool accept) {
    const std::uint64_t before = drops();
    const std::uint8_t* at = datagram.data();
    const std::uint8_t* const end = at + datagram.size();
    ByteView rest = datagram;
    std::size_t passed = 0;
    for (ByteView record = first(rest); !record.empty(); record = guard_.next(rest)) {
      // What came before its time is a copy, of this datagram or of an earlier one.
      const bool is_kept = record.data() < datagram.data() || record.data() >= end;
      expect(is_kept || (record.data() >= at && record.data() + record.size() <= end),
             "records pass in order, each once");
      if (!is_kept) at = record.data() + record.size();
      check(record);
      if (accept) guard_.accepted();
      ++passed;
    }
    guard_.settle();
    expect(rest.empty(), "a datagram is read to its end");
    expect(datagram.empty() || passed > 0 || drops() > before || !is_established_,
           "what does not pass is counted, or kept for its time");
  }

 private:
  // As an association reads: at a glance once it is established.
  [[nodiscard]] ByteView first(ByteView& datagram) {
    if (!is_established_ || !guard_.passesAsData(datagram)) return guard_.next(datagram);
    return std::exchange(datagram, {});
  }

  [[nodiscard]] std::uint64_t drops() const {
    return std::accumulate(guard_.dropped().begin(), guard_.dropped().end(), std::uint64_t{0});
  }

  void check(ByteView record) {
    expect(record.size() > RecordHeader::kSize, "a record is longer than its header");
    const RecordHeader header(record);
    expect(record.size() == RecordHeader::kSize + header.length, "a record is whole");
    expect(header.type >= 20 && header.type <= 23, "of a known type");
    expect(header.major == 0xfe, "of DTLS");
    expect(header.epoch <= 1, "of an epoch that can be");
    expect(header.length <= (1 << 14) + 2048, "as long as a record may be");
    if (header.epoch == 1) {
      expect(header.length >= post_.shortest, "an encrypted record has room for nonce and tag");
      expect(is_established_ || (isReadingEncrypted() && header.type != 23),
             "an encrypted record has its time");
    } else {
      expect(!is_established_ && header.type != 23, "an unencrypted record has its time");
      expect(header.type != 21 || limits_.obey_unauthenticated_alerts, "an alert is signed");
    }
  }

  [[nodiscard]] bool isReadingEncrypted() const {
    const OSSL_HANDSHAKE_STATE state = SSL_get_state(post_.ssl);
    return state == TLS_ST_SR_CHANGE || state == TLS_ST_CR_CHANGE || state == TLS_ST_SR_FINISHED ||
           state == TLS_ST_CR_FINISHED;
  }

  const Post& post_;
  bool is_established_;
  Statistics statistics_;
  HandshakeLimits limits_;
  RecordGuard guard_{statistics_};
};

}  // namespace
}  // namespace qdtls::fuzzing

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace qdtls::fuzzing;
  Input input({data, size});
  Watch watch(postOf(input.byte()));
  qdtls::HandshakeLimits limits;
  limits.obey_unauthenticated_alerts = input.flag();
  watch.setLimits(limits);
  while (!input.atEnd()) {
    const bool accept = input.flag();
    const qdtls::Bytes datagram = input.piece().copy();
    watch.pass(datagram, accept);
  }
  return 0;
}
