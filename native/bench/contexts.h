#pragma once

#include <string>

#include "core/openssl_ptr.h"
#include "core/result.h"

namespace qdtls::bench {

// What both ends are set to. Certificates and keys in PEM; without any of the server's, a
// pre-shared key.
struct Settings final {
  std::string ciphers;
  std::string groups;
  std::string server_certificate;
  std::string server_key;
  std::string client_certificate;  // '' unless the server asks for one
  std::string client_key;
  bool cookies = false;

  [[nodiscard]] bool mutual() const { return !client_certificate.empty(); }
};

inline constexpr const char* kServerName = "localhost";

// The same policy as the contexts of native/core: security level 2, no tickets, no session cache,
// no renegotiation.
[[nodiscard]] Result<UniqueSslCtx> makeClient(const Settings& settings);
[[nodiscard]] Result<UniqueSslCtx> makeServer(const Settings& settings);

}  // namespace qdtls::bench
