#include "verification.h"

#include <openssl/x509v3.h>

#include <algorithm>

#include "error_scope.h"

namespace qdtls {
namespace {

Bytes derOf(const X509* certificate) {
  const int size = i2d_X509(certificate, nullptr);
  if (size <= 0) return {};
  Bytes der(static_cast<std::size_t>(size));
  unsigned char* end = der.data();
  i2d_X509(certificate, &end);
  return der;
}

// Visits each certificate that the peer sent, leaf first.
template <typename Visit>
void eachOf(const SSL* ssl, Visit visit) {
  const X509* leaf = SSL_get0_peer_certificate(ssl);
  if (leaf == nullptr) return;
  const STACK_OF(X509)* sent = SSL_get_peer_cert_chain(ssl);
  if (SSL_is_server(ssl) != 0 || sk_X509_num(sent) <= 0) visit(leaf);
  for (int i = 0; i < sk_X509_num(sent); ++i) visit(sk_X509_value(sent, i));
}

bool isAmong(const std::vector<Bytes>& serial_numbers, const X509* certificate) {
  const ASN1_INTEGER* number = X509_get0_serialNumber(certificate);
  const std::uint8_t* bytes = ASN1_STRING_get0_data(number);
  const std::uint8_t* end = bytes + ASN1_STRING_length(number);
  return std::any_of(serial_numbers.begin(), serial_numbers.end(), [&](const Bytes& listed) {
    return std::equal(bytes, end, listed.begin(), listed.end());
  });
}

}  // namespace

std::vector<Bytes> peerChain(const SSL* ssl) {
  std::vector<Bytes> chain;
  eachOf(ssl, [&](const X509* certificate) { chain.push_back(derOf(certificate)); });
  return chain;
}

bool peerHasSerialNumber(const SSL* ssl, const std::vector<Bytes>& serial_numbers) {
  bool has = false;
  eachOf(ssl, [&](const X509* certificate) { has = has || isAmong(serial_numbers, certificate); });
  return has;
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
