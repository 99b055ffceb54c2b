#pragma once

#include <algorithm>

#include "core/bytes.h"

namespace qdtls::fuzzing {

// Reads a fuzzer's bytes as choices. At their end every choice is 0 and every piece is empty.
class Input final {
 public:
  explicit Input(ByteView bytes) : rest_(bytes) {}

  // Another number for other bytes (FNV-1a).
  [[nodiscard]] std::uint64_t fingerprint() const {
    std::uint64_t hash = 0xcbf29ce484222325;
    for (std::size_t i = 0; i < rest_.size(); ++i) hash = (hash ^ rest_[i]) * 0x100000001b3;
    return hash;
  }

  [[nodiscard]] bool atEnd() const { return rest_.empty(); }

  std::size_t byte() {
    const ByteView head = take(1);
    return head.empty() ? 0 : head[0];
  }
  std::size_t number() {
    const std::size_t high = byte();
    return high << 8 | byte();
  }
  // A choice out of `count`.
  std::size_t choice(std::size_t count) { return byte() % count; }
  bool flag() { return byte() % 2 != 0; }

  // A piece behind its length in two bytes, as far as the bytes go.
  ByteView piece() { return take(number()); }
  ByteView rest() { return take(rest_.size()); }

 private:
  ByteView take(std::size_t count) {
    const ByteView head = rest_.subview(0, std::min(count, rest_.size()));
    rest_ = rest_.subview(head.size(), rest_.size() - head.size());
    return head;
  }

  ByteView rest_;
};

}  // namespace qdtls::fuzzing
