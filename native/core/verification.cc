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

// Of each certificate that the peer sent, leaf first.
template <typename Read>
auto eachOf(const SSL* ssl, Read read) {
  std::vector<decltype(read(nullptr))> results;
  X509* leaf = SSL_get0_peer_certificate(ssl);
  if (leaf == nullptr) return results;
  const STACK_OF(X509)* sent = SSL_get_peer_cert_chain(ssl);
  if (SSL_is_server(ssl) != 0 || sk_X509_num(sent) <= 0) results.push_back(read(leaf));
  for (int i = 0; i < sk_X509_num(sent); ++i) results.push_back(read(sk_X509_value(sent, i)));
  return results;
}

std::string serialNumberOf(const X509* certificate) {
  constexpr const char* kDigits = "0123456789abcdef";
  const ASN1_INTEGER* number = X509_get0_serialNumber(certificate);
  const ByteView bytes(ASN1_STRING_get0_data(number), static_cast<std::size_t>(ASN1_STRING_length(number)));
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    text += kDigits[bytes[i] >> 4];
    text += kDigits[bytes[i] & 15];
  }
  return text;
}

}  // namespace

std::vector<Bytes> peerChain(const SSL* ssl) { return eachOf(ssl, derOf); }

std::vector<std::string> peerSerialNumbers(const SSL* ssl) { return eachOf(ssl, serialNumberOf); }

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
