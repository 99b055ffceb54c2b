#pragma once

#include <openssl/ssl.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

namespace qdtls {

// How often each AlertDescription (RFC 5246 section 7.2) was seen. A list, for most associations see one alert: a table
// of 256 counters would be larger than everything else that a Connection holds beside its SSL.
class AlertCounts final {
 public:
  struct Entry final {
    std::uint8_t description;
    std::uint32_t count;
  };

  void add(std::uint8_t description) {
    for (Entry& entry : entries_) {
      if (entry.description == description) {
        entry.count += 1;
        return;
      }
    }
    entries_.push_back({description, 1});
  }

  [[nodiscard]] const std::vector<Entry>& entries() const { return entries_; }
  [[nodiscard]] std::uint32_t operator[](std::uint8_t description) const {
    for (const Entry& entry : entries_) {
      if (entry.description == description) return entry.count;
    }
    return 0;
  }

 private:
  std::vector<Entry> entries_;  // in the order of their first occurrence
};

// What went through a connection since it was made.
struct Statistics final {
  std::uint64_t datagrams_received = 0;
  std::uint64_t bytes_received = 0;
  std::uint64_t datagrams_sent = 0;  // handed out to be sent
  std::uint64_t bytes_sent = 0;
  std::uint64_t retransmissions = 0;  // flights sent again because their time was over
  AlertCounts alerts_received;  // unauthenticated ones that were ignored included
  AlertCounts alerts_sent;
};

// OpenSSL's name of an AlertDescription, such as "handshake failure". Versions differ in one underscore.
[[nodiscard]] inline std::string alertName(int description) {
  std::string name = SSL_alert_desc_string_long(description);
  std::replace(name.begin(), name.end(), '_', ' ');
  return name;
}

}  // namespace qdtls
