#pragma once

#include <optional>
#include <string>
#include <vector>

#include "bytes.h"
#include "error_scope.h"
#include "openssl_ptr.h"
#include "result.h"
#include "role.h"

namespace qdtls {

struct ContextOptions;

// Application protocols (ALPN, RFC 7301), best first. OpenSSL's callback looks into it: it lives as
// long as the SSL_CTX.
class AlpnProtocols final {
 public:
  AlpnProtocols() = default;
  AlpnProtocols(const AlpnProtocols&) = delete;
  AlpnProtocols& operator=(const AlpnProtocols&) = delete;

  // A client offers them. A server selects by its own order, and refuses a client that offers
  // others only. Without any neither does anything. Says what is wrong with them.
  [[nodiscard]] std::string install(SSL_CTX* context, Role role,
                                    const std::vector<ByteView>& names);

 private:
  static int onSelection(SSL* ssl, const unsigned char** selected, unsigned char* selected_length,
                         const unsigned char* offered, unsigned offered_length, void* self);

  Bytes list_;  // as it goes over the wire: each name behind its length
};

// The profiles of DTLS-SRTP (RFC 5764), best first. A step of Context::create().
[[nodiscard]] std::string setSrtp(SSL_CTX* context, const ContextOptions& options,
                                  const ErrorScope& errors);

// What the two sides of an SSL have agreed on beside the suite, and keys made from their secrets.
// Borrows the SSL.
class Negotiation final {
 public:
  static constexpr std::size_t kMaximumExportContext =
      0xffff;  // RFC 5705 section 4: its length has 16 bits
  static constexpr std::size_t kSafeExportInput =
      958;  // bytes of label and context that every OpenSSL has room for

  explicit Negotiation(SSL* ssl) : ssl_(ssl) {}

  // Empty if there is none. Lives as long as the SSL.
  [[nodiscard]] ByteView protocol() const;
  // OpenSSL's name of it; empty if there is none.
  [[nodiscard]] std::string srtpProfile() const;
  // RFC 5705: no context is another thing than an empty one.
  [[nodiscard]] Result<SecretBytes> exportKeys(std::size_t length, ByteView label,
                                               std::optional<ByteView> context) const;

 private:
  SSL* ssl_;
};

}  // namespace qdtls
