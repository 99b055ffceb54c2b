#include "verification.h"

namespace qdtls {
namespace {

Bytes derOf(X509* certificate) {
  const int size = i2d_X509(certificate, nullptr);
  if (size <= 0) return {};
  Bytes der(static_cast<std::size_t>(size));
  unsigned char* end = der.data();
  i2d_X509(certificate, &end);
  return der;
}

}  // namespace

std::vector<Bytes> peerChain(const SSL* ssl) {
  std::vector<Bytes> chain;
  X509* leaf = SSL_get0_peer_certificate(ssl);
  if (leaf == nullptr) return chain;
  const STACK_OF(X509)* sent = SSL_get_peer_cert_chain(ssl);
  if (SSL_is_server(ssl) != 0 || sk_X509_num(sent) <= 0) chain.push_back(derOf(leaf));
  for (int i = 0; i < sk_X509_num(sent); ++i) chain.push_back(derOf(sk_X509_value(sent, i)));
  return chain;
}

}  // namespace qdtls
