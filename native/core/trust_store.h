#pragma once

#include <vector>

#include "bytes.h"
#include "openssl_ptr.h"
#include "result.h"

namespace qdtls {

// The certificates that a verifying side believes. Made once and shared by any number of contexts: parsing the
// system's bundle takes tens of milliseconds and most of a megabyte.
class TrustStore final {
 public:
  // Certificates in DER. Expired ones are left out, as Qt does.
  static Result<TrustStore> create(const std::vector<ByteView>& certificates);

  [[nodiscard]] X509_STORE* get() const { return store_.get(); }

 private:
  explicit TrustStore(UniqueX509Store store) : store_(std::move(store)) {}

  UniqueX509Store store_;
};

}  // namespace qdtls
