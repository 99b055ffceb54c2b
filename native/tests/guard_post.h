#pragma once

#include "core/record_guard.h"

#include <numeric>

#include "harness.h"
#include "raw_peer.h"

namespace qdtls::testing {

inline std::uint64_t countOf(const RecordGuard& guard, Drop reason) {
  return guard.dropped()[static_cast<std::size_t>(reason)];
}

enum class Judgement { kAccepted, kIgnored };

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

  Statistics statistics;
  RecordGuard guard{statistics};

  [[nodiscard]] std::uint64_t allDropped() const {
    return std::accumulate(guard.dropped().begin(), guard.dropped().end(), std::uint64_t{0});
  }
  // Passes one record, of which OpenSSL makes something or nothing.
  void pass(const Bytes& record, Judgement judgement) {
    ByteView rest = record;
    CHECK_EQ(guard.next(rest).size(), record.size());
    if (judgement == Judgement::kAccepted) guard.accepted();
    guard.settle();
  }

 private:
  RawPeer server_;
  End client_;
};

inline Bytes recordOf(std::uint8_t type, std::uint16_t epoch, std::size_t size) {
  return Record{type, epoch, 5, Bytes(size)}.encode();
}

inline constexpr std::size_t kMessageHeader = 12;

// A whole message in a record that holds `size` bytes.
inline Bytes messageOf(std::size_t size, std::uint16_t message_sequence = 0) {
  const Bytes body(size - kMessageHeader);
  return MessageFragment::whole(kClientKeyExchange, message_sequence, body).record(5);
}

// The first byte of a message that claims to be long.
inline Bytes claimOf(std::size_t length, std::uint16_t message_sequence) {
  return MessageFragment{kClientKeyExchange, length, message_sequence, 0, Bytes(1)}.record(5);
}

inline Bytes alertOf(std::uint8_t level, std::uint8_t description) {
  return Record{kAlert, 0, 5, {level, description}}.encode();
}

}  // namespace qdtls::testing
