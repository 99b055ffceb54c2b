#pragma once

#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

namespace qdtls {

// What went through a connection since it was made.
struct Statistics final {
  // By AlertDescription (RFC 5246 section 7.2), unauthenticated ones that were ignored included.
  using Alerts = std::array<std::uint32_t, 256>;

  std::uint64_t datagrams_received = 0;
  std::uint64_t bytes_received = 0;
  std::uint64_t datagrams_sent = 0;  // handed out to be sent
  std::uint64_t bytes_sent = 0;
  std::uint64_t retransmissions = 0;  // flights sent again because their time was over
  Alerts alerts_received{};
  Alerts alerts_sent{};
};

// OpenSSL's name of an AlertDescription, such as "handshake failure". Versions differ in one underscore.
[[nodiscard]] inline std::string alertName(int description) {
  std::string name = SSL_alert_desc_string_long(description);
  std::replace(name.begin(), name.end(), '_', ' ');
  return name;
}

}  // namespace qdtls
