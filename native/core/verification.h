#pragma once

#include <string>
#include <vector>

#include "bytes.h"
#include "openssl_ptr.h"

namespace qdtls {

// One complaint of OpenSSL about the peer's chain, in the order of the callbacks. Recorded, never acted upon here:
// what an error means for the association is decided above the core.
struct VerificationRecord final {
  int code;   // X509_V_ERR_*
  int depth;  // 0 is the leaf; may point past the chain that was sent
};

// The peer's chain as sent, leaf first, in DER. On a server OpenSSL's list omits the leaf
// (man SSL_get_peer_cert_chain); it is put back here.
[[nodiscard]] std::vector<Bytes> peerChain(const SSL* ssl);

// Whether one of its certificates has one of these serial numbers: the bytes of ASN1_INTEGER.
[[nodiscard]] bool peerHasSerialNumber(const SSL* ssl, const std::vector<Bytes>& serial_numbers);

// Which names with a star in them count.
enum class NameForm : int {
  kNoWildcards = 0,
  kWholeLabels = 1,    // *.example.com
  kPartsOfLabels = 2,  // f*.example.com and *o.example.com as well
};

// X509_check_host(), X509_check_ip_asc(); false without a certificate.
[[nodiscard]] bool certificateHasName(X509* certificate, const std::string& name, NameForm form);
[[nodiscard]] bool certificateHasAddress(X509* certificate, const std::string& address);

}  // namespace qdtls
