#include "core/cipher_list.h"

#include <openssl/err.h>

#include <algorithm>
#include <set>

#include "harness.h"

namespace qdtls::testing {
namespace {

void selectsOnlyStrongCiphersByDefault() {
  const auto ciphers = listCiphers("");
  CHECK(ciphers.size() > 8);
  for (const CipherInfo& cipher : ciphers) {
    const Row row(cipher.name);
    CHECK(cipher.aead);
    CHECK(cipher.used_bits >= 128);
    CHECK(cipher.supported_bits >= cipher.used_bits);
    CHECK(cipher.key_exchange == "ECDHE" || cipher.key_exchange == "ECDHE-PSK" ||
          cipher.key_exchange == "PSK");
    CHECK(!cipher.authentication.empty() && cipher.authentication != "NULL");
    CHECK(cipher.name.rfind("TLS_", 0) != 0);
  }
}

void namesTheSameDefaultAsOneList() {
  const auto by_default = listCiphers("");
  const auto by_name = listCiphers(defaultCipherList());
  CHECK_EQ(by_name.size(), by_default.size());
  CHECK(std::equal(by_name.begin(), by_name.end(), by_default.begin(), by_default.end(),
                   [](const CipherInfo& a, const CipherInfo& b) { return a.name == b.name; }));
}

void offersCertificatesAndKeysByDefault() {
  std::set<std::string> names;
  for (const CipherInfo& cipher : listCiphers("")) names.insert(cipher.name);
  for (const char* name : {"ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES256-GCM-SHA384",
                           "PSK-AES128-GCM-SHA256", "ECDHE-PSK-CHACHA20-POLY1305"}) {
    const Row row(name);
    CHECK(names.count(name) == 1);
  }
}

void describesACipher() {
  struct Case {
    const char* name;
    int bits;
    const char* key_exchange;
    const char* authentication;
    const char* encryption;
    bool aead;
  };
  for (const Case& one :
       {Case{"ECDHE-ECDSA-AES128-GCM-SHA256", 128, "ECDHE", "ECDSA", "AES-128-GCM", true},
        {"ECDHE-RSA-AES256-GCM-SHA384", 256, "ECDHE", "RSA", "AES-256-GCM", true},
        {"ECDHE-RSA-CHACHA20-POLY1305", 256, "ECDHE", "RSA", "CHACHA20-POLY1305", true},
        {"DHE-RSA-AES128-GCM-SHA256", 128, "DHE", "RSA", "AES-128-GCM", true},
        {"ECDHE-ECDSA-AES128-CCM", 128, "ECDHE", "ECDSA", "AES-128-CCM", true},
        {"PSK-AES128-CCM8", 128, "PSK", "PSK", "AES-128-CCM8", true},
        {"PSK-AES256-CCM8", 256, "PSK", "PSK", "AES-256-CCM8", true},
        {"ECDHE-PSK-CHACHA20-POLY1305", 256, "ECDHE-PSK", "PSK", "CHACHA20-POLY1305", true},
        {"AES128-SHA", 128, "RSA", "RSA", "AES-128-CBC", false}}) {
    const Row row(one.name);
    const auto ciphers = listCiphers(one.name);
    if (!CHECK_EQ(ciphers.size(), 1u)) continue;
    CHECK_EQ(ciphers[0].name, one.name);
    CHECK_EQ(ciphers[0].used_bits, one.bits);
    CHECK_EQ(ciphers[0].key_exchange, one.key_exchange);
    CHECK_EQ(ciphers[0].authentication, one.authentication);
    CHECK_EQ(ciphers[0].encryption, one.encryption);
    CHECK_EQ(ciphers[0].aead, one.aead);
  }
}

void describesEveryCipherOfOpenSsl() {
  for (const CipherInfo& cipher : listCiphers("ALL:COMPLEMENTOFALL")) {
    const Row row(cipher.name);
    CHECK(!cipher.key_exchange.empty() && !cipher.authentication.empty() &&
          !cipher.encryption.empty());
  }
}

void keepsTheOrderOfAList() {
  const auto ciphers = listCiphers("PSK-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256");
  REQUIRE(ciphers.size() == 2);
  CHECK_EQ(ciphers[0].name, "PSK-AES128-GCM-SHA256");
}

void selectsNothingOfNonsense() {
  CHECK(listCiphers("NO-SUCH-CIPHER").empty());
  CHECK(listCiphers("ALL:!ALL").empty());
  CHECK(listCiphers("TLS_AES_128_GCM_SHA256").empty());
  CHECK_EQ(ERR_peek_error(), 0UL);
}

}  // namespace
}  // namespace qdtls::testing

int main() {
  using namespace qdtls::testing;
  return run({
      {"selects authenticated encryption with forward secrecy or a key by default",
       selectsOnlyStrongCiphersByDefault},
      {"names the same default as one list", namesTheSameDefaultAsOneList},
      {"offers suites for certificates and for keys by default",
       offersCertificatesAndKeysByDefault},
      {"describes a cipher in words", describesACipher},
      {"describes every cipher that OpenSSL has", describesEveryCipherOfOpenSsl},
      {"keeps the order of a list", keepsTheOrderOfAList},
      {"selects nothing of nonsense", selectsNothingOfNonsense},
  });
}
