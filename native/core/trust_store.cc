#include "trust_store.h"

#include "error_scope.h"

namespace qdtls {

Result<TrustStore> TrustStore::create(const std::vector<ByteView>& certificates) {
  const ErrorScope errors;
  UniqueX509Store store(X509_STORE_new());
  if (!store) return Error{"X509_STORE_new failed: " + errors.drain()};
  for (const ByteView der : certificates) {
    const unsigned char* cursor = der.data();
    const UniqueX509 certificate(d2i_X509(nullptr, &cursor, static_cast<long>(der.size())));
    if (!certificate) return Error{"a CA certificate cannot be read: " + errors.drain()};
    if (X509_cmp_current_time(X509_get0_notAfter(certificate.get())) < 0) continue;
    if (X509_STORE_add_cert(store.get(), certificate.get()) != 1) {
      return Error{"a CA certificate cannot be added: " + errors.drain()};
    }
  }
  return TrustStore(std::move(store));
}

}  // namespace qdtls
