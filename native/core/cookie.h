#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "bytes.h"
#include "openssl_ptr.h"
#include "result.h"

namespace qdtls {

// Where a datagram came from. An IPv4-mapped IPv6 address is IPv6 here.
struct Peer final {
  ByteView address;  // 4 or 16 bytes, network order
  std::uint16_t port = 0;
};

struct Cookie final {
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> bytes{};
  std::size_t size = 0;

  [[nodiscard]] ByteView view() const { return {bytes.data(), size}; }
};

// Makes and checks the cookie that proves a client's address (RFC 6347 section 4.2.1): HMAC(secret, port || address).
// The bytes hashed are Qt's on a little-endian machine, whatever this machine is, so that servers can share a secret:
// the port and an IPv4 address least significant byte first, an IPv6 address in network order. `bound_to` follows them.
class CookieGenerator final {
 public:
  // `digest` is OpenSSL's name of a hash ("SHA256"); the secret must not be empty.
  static Result<CookieGenerator> create(const std::string& digest, ByteView secret);

  // Nothing (size 0) only when OpenSSL is out of memory.
  [[nodiscard]] Cookie generate(const Peer& peer, ByteView bound_to = {}) const;

  // Compares in constant time. An empty cookie never matches.
  [[nodiscard]] bool matches(const Peer& peer, ByteView cookie, ByteView bound_to = {}) const;

 private:
  explicit CookieGenerator(UniqueMacCtx keyed) : keyed_(std::move(keyed)) {}

  UniqueMacCtx keyed_;
};

}  // namespace qdtls
