#pragma once

#include <cstddef>
#include <vector>

#include "core/openssl_ptr.h"

namespace qdtls::bench {

// One direction of a link in memory.
class Wire final {
 public:
  // While it lends, a datagram is not copied but pointed to, where OpenSSL wrote it, until it is
  // taken. For records, which are read before the next is written; a flight of a handshake is not.
  void lend(bool on) { lends_ = on; }

  void put(const char* data, int size);
  // Copies the oldest datagram to where OpenSSL wants it; -1 when there is none.
  int take(char* buffer, int size);
  void clear();

 private:
  bool lends_ = false;
  const char* lent_ = nullptr;
  int lent_size_ = 0;
  std::vector<std::vector<char>> slots_;  // never given back: a handshake allocates nothing here
  std::size_t first_ = 0;
  std::size_t end_ = 0;
};

// What a BIO stands between.
struct Port final {
  Wire* in;
  Wire* out;
};

[[nodiscard]] UniqueBioMethod makeWireMethod();
// Gives `ssl` a BIO on a port that outlives it.
[[nodiscard]] bool attach(SSL* ssl, const BIO_METHOD* method, Port* port);

}  // namespace qdtls::bench
