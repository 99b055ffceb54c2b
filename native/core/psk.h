#pragma once

#include <string>
#include <string_view>

#include "bytes.h"
#include "role.h"

namespace qdtls {

struct PskRequest final {
  Role role;
  std::string_view identity_hint;      // client: the server's; server: its own
  std::string_view identity;           // server: what the client sent; client: empty
  std::size_t maximum_identity_length; // bytes; 0 on a server
  std::size_t maximum_key_length;      // bytes
};

struct PskAnswer final {
  std::string identity;  // client only
  SecretBytes key;       // empty: no key for this peer
};

// The one way out of the core: asked while OpenSSL is in the middle of a step, so an implementation must neither
// throw nor touch the Connection it answers for.
class PskSource {
 public:
  PskSource() = default;
  virtual ~PskSource() = default;
  PskSource(const PskSource&) = delete;
  PskSource& operator=(const PskSource&) = delete;

  [[nodiscard]] virtual PskAnswer lookUp(const PskRequest& request) = 0;
};

}  // namespace qdtls
