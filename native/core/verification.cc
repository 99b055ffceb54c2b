#include "verification.h"

#include <openssl/x509v3.h>

#include "error_scope.h"

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

bool certificateHasName(X509* certificate, const std::string& name, NameForm form) {
  const ErrorScope errors;
  unsigned flags = 0;
  if (form == NameForm::kNoWildcards) flags = X509_CHECK_FLAG_NO_WILDCARDS;
  if (form == NameForm::kWholeLabels) flags = X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS;
  return certificate != nullptr && X509_check_host(certificate, name.data(), name.size(), flags, nullptr) == 1;
}

bool certificateHasAddress(X509* certificate, const std::string& address) {
  const ErrorScope errors;
  return certificate != nullptr && X509_check_ip_asc(certificate, address.c_str(), 0) == 1;
}

}  // namespace qdtls
