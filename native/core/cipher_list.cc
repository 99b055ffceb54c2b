#include "cipher_list.h"

#include <openssl/objects.h>

#include <string_view>

#include "error_scope.h"

namespace qdtls {
namespace {

// RFC 9325 section 4.1 advises against RSA key transport (no forward secrecy, padding oracles) and finite-field DHE
// (twenty times the work of ECDHE, for whoever asks). SRP and anonymous suites are not for DTLS users. CBC is left out by the AEAD filter: under encrypt-then-MAC OpenSSL ends an
// association on any forged record.
constexpr const char* kDefaultSource = "DEFAULT:!kRSA:!kRSAPSK:!kDHE:!kDHEPSK:!SRP:!aNULL:!eNULL";
constexpr int kDefaultMinimumBits = 128;

std::string shortName(int nid, std::string_view prefix) {
  const char* name = OBJ_nid2sn(nid);
  std::string_view text = name != nullptr ? name : "";
  if (text.substr(0, prefix.size()) == prefix) text.remove_prefix(prefix.size());
  return std::string(text);
}

std::string encryptionName(const SSL_CIPHER* cipher) {
  const std::string_view name = SSL_CIPHER_get_name(cipher);
  if (name.find("CHACHA20") != std::string_view::npos) return "CHACHA20-POLY1305";
  std::string text = shortName(SSL_CIPHER_get_cipher_nid(cipher), "id-");
  if (!text.empty() && text[0] == 'a') text.replace(0, 3, "AES");       // id-aes128-GCM
  if (text.rfind("AES", 0) == 0 && text[3] != '-') text.insert(3, "-");
  return isCcm8(cipher) ? text + "8" : text;
}

bool isDefault(const CipherInfo& cipher) { return cipher.aead && cipher.used_bits >= kDefaultMinimumBits; }

}  // namespace

bool isCcm8(const SSL_CIPHER* cipher) {
  return std::string_view(SSL_CIPHER_get_name(cipher)).find("CCM8") != std::string_view::npos;
}

CipherInfo describeCipher(const SSL_CIPHER* cipher) {
  CipherInfo info;
  info.name = SSL_CIPHER_get_name(cipher);
  info.standard_name = SSL_CIPHER_standard_name(cipher);
  info.used_bits = SSL_CIPHER_get_bits(cipher, &info.supported_bits);
  info.key_exchange = shortName(SSL_CIPHER_get_kx_nid(cipher), "Kx");
  info.authentication = shortName(SSL_CIPHER_get_auth_nid(cipher), "Auth");
  info.encryption = encryptionName(cipher);
  info.aead = SSL_CIPHER_is_aead(cipher) == 1;
  return info;
}

std::vector<CipherInfo> listCiphers(const std::string& list) {
  const ErrorScope errors;
  std::vector<CipherInfo> ciphers;
  const UniqueSslCtx context(SSL_CTX_new(DTLS_method()));
  const bool is_default = list.empty();
  if (!context || SSL_CTX_set_cipher_list(context.get(), is_default ? kDefaultSource : list.c_str()) != 1) {
    return ciphers;
  }
  const STACK_OF(SSL_CIPHER)* selected = SSL_CTX_get_ciphers(context.get());
  for (int i = 0; i < sk_SSL_CIPHER_num(selected); ++i) {
    const SSL_CIPHER* cipher = sk_SSL_CIPHER_value(selected, i);
    if (std::string_view(SSL_CIPHER_get_version(cipher)) == "TLSv1.3") continue;
    CipherInfo info = describeCipher(cipher);
    if (!is_default || isDefault(info)) ciphers.push_back(std::move(info));
  }
  return ciphers;
}

std::string defaultCipherList() {
  std::string list;
  for (const CipherInfo& cipher : listCiphers("")) {
    if (!list.empty()) list += ':';
    list += cipher.name;
  }
  return list;
}

}  // namespace qdtls
