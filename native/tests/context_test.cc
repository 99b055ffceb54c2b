#include "core/context.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <cstdio>
#include <functional>
#include <memory>

#include "association.h"
#include "harness.h"

namespace qdtls::testing {
namespace {

// Why a context cannot be made of these options; empty when it can.
std::string failureOf(const ContextOptions& options) {
  auto made = Context::create(options);
  CHECK_EQ(ERR_peek_error(), 0UL);
  return made.ok() ? "" : made.error().text;
}

Bytes dhParameters(unsigned bits) {
  if (bits == 2048) {
    const OpenSslPtr<EVP_PKEY_CTX, EVP_PKEY_CTX_free> context(
        EVP_PKEY_CTX_new_from_name(nullptr, "DH", nullptr));
    EVP_PKEY* raw = nullptr;
    EVP_PKEY_keygen_init(context.get());
    EVP_PKEY_CTX_set_group_name(context.get(), "ffdhe2048");
    EVP_PKEY_generate(context.get(), &raw);
    const UniquePkey key(raw);
    Bytes der(static_cast<std::size_t>(i2d_KeyParams(key.get(), nullptr)));
    unsigned char* end = der.data();
    i2d_KeyParams(key.get(), &end);
    return der;
  }
  // SEQUENCE { INTEGER p (a 512-bit number), INTEGER 2 }
  Bytes der = {0x30, 0x46, 0x02, 0x41, 0x00};
  der.insert(der.end(), 64, 0xff);
  der.insert(der.end(), {0x02, 0x01, 0x02});
  return der;
}

void namesTheCause() {
  const Authority authority;
  const Identity identity = authority.issue(makeEcKey());
  const Identity stranger = authority.issue(makeEcKey());
  const Identity rsa = authority.issue(makeRsaKey());
  const Identity rsa_1024 = authority.issue(makeRsaKey(1024));
  const Identity rsa_512 = authority.issue(makeRsaKey(512));
  const Bytes garbage = {1, 2, 3, 4};
  const Bytes weak_dh = dhParameters(512);
  struct Case {
    const char* name;
    std::function<void(ContextOptions&)> spoil;
    const char* text;
  };
  const Case cases[] = {
      {"a certificate without its key", [&](auto& o) { o.private_key = {}; },
       "the local certificate needs its private key"},
      {"the key of another certificate", [&](auto& o) { o.private_key = stranger.key; },
       "the private key does not go with the local certificate: "},
      {"a key of another kind", [&](auto& o) { o.private_key = rsa.key; },
       "the private key does not go with the local certificate: "},
      {"no key at all", [&](auto& o) { o.private_key = garbage; },
       "the private key does not go with the local certificate: "},
      {"an unreadable certificate", [&](auto& o) { o.certificates = {garbage}; },
       "certificate 0 of the local chain cannot be used: "},
      {"an unreadable chain", [&](auto& o) { o.certificates.push_back(garbage); },
       "certificate 1 of the local chain cannot be used: "},
      {"a 1024-bit RSA key",
       [&](auto& o) {
         o.certificates = rsa_1024.views();
         o.private_key = rsa_1024.key;
       },
       "ee key too small"},
      {"a 512-bit RSA key",
       [&](auto& o) {
         o.certificates = rsa_512.views();
         o.private_key = rsa_512.key;
       },
       "ee key too small"},
      {"an unknown curve",
       [](auto& o) {
         o.groups = {"P-256", "no-such-curve"};
       },
       "the elliptic curve \"no-such-curve\" is unknown or cannot be used"},
      {"the same curve twice",
       [](auto& o) {
         o.groups = {"P-256", "P-256"};
       },
       "the elliptic curves \"P-256:P-256\" cannot be used together"},
      {"a cipher list of nothing known", [](auto& o) { o.ciphers = "NO-SUCH-CIPHER"; },
       "the cipher list is invalid or selects nothing: "},
      {"a cipher list that strikes itself out", [](auto& o) { o.ciphers = "ALL:!ALL"; },
       "the cipher list is invalid or selects nothing: "},
      {"unreadable DH parameters", [&](auto& o) { o.dh_parameters = garbage; },
       "the Diffie-Hellman parameters cannot be used: "},
      {"weak DH parameters", [&](auto& o) { o.dh_parameters = weak_dh; },
       "the Diffie-Hellman parameters cannot be used: "},
      {"a hint that is too long", [](auto& o) { o.psk_identity_hint = std::string(257, 'h'); },
       "the pre-shared key identity hint cannot be used: "},
      {"an unknown backend option",
       [](auto& o) {
         o.commands = {{"NoSuchOption", "1"}};
       },
       "the backend option \"NoSuchOption\" is unknown"},
      {"a backend option with a bad value",
       [](auto& o) {
         o.commands = {{"CipherString", "NO-SUCH-CIPHER"}};
       },
       "the backend option \"CipherString\" does not accept \"NO-SUCH-CIPHER\""},
      {"the second of two backend options",
       [](auto& o) {
         o.commands = {{"Options", "ServerPreference"}, {"Curves", "none"}};
       },
       "the backend option \"Curves\" does not accept \"none\""},
      {"a minimum version that does not exist", [](auto& o) { o.minimum_version = 0x1234; },
       "the minimum protocol version cannot be set"},
      {"a maximum version of TLS", [](auto& o) { o.maximum_version = TLS1_3_VERSION; },
       "the maximum protocol version cannot be set"},
  };
  for (const Case& one : cases) {
    const Row row(one.name);
    ContextOptions options = serverWith(identity);
    CHECK_EQ(failureOf(options), "");
    one.spoil(options);
    CHECK_HAS(failureOf(options), one.text);
  }
}

void acceptsEveryGoodOption() {
  const Authority authority;
  const Identity identity = authority.delegate("issuer").issue(makeRsaKey());
  const Bytes dh = dhParameters(2048);
  ContextOptions options = serverWith(identity);
  CHECK_EQ(options.certificates.size(), 2u);
  options.groups = {"X25519", "P-256", "secp384r1"};
  options.dh_parameters = dh;
  options.psk_identity_hint = std::string(256, 'h');
  options.verification = PeerVerification::kVerify;
  options.verification_depth = 3;
  options.trust = clientTrusting(authority).trust;
  options.commands = {{"CipherString", "ECDHE-RSA-AES128-GCM-SHA256"}, {"MinProtocol", "DTLSv1.2"}};
  auto made = Context::create(options);
  REQUIRE(made.ok());
  CHECK_EQ(made.value()->role(), Role::kServer);
  CHECK_EQ(SSL_CTX_get_verify_depth(made.value()->get()), 3);
}

void pinsTheVersions() {
  const auto context = makeContext({});
  CHECK_EQ(SSL_CTX_get_min_proto_version(context->get()), DTLS1_2_VERSION);
  CHECK_EQ(SSL_CTX_get_max_proto_version(context->get()), DTLS1_2_VERSION);
}

void setsThePolicy() {
  const auto context = makeContext({});
  const auto options = SSL_CTX_get_options(context->get());
  for (const auto bit : {SSL_OP_NO_RENEGOTIATION, SSL_OP_NO_TICKET, SSL_OP_NO_COMPRESSION,
                         SSL_OP_NO_QUERY_MTU, SSL_OP_NO_ENCRYPT_THEN_MAC}) {
    CHECK((options & bit) != 0);
  }
  CHECK_EQ(SSL_CTX_get_security_level(context->get()), 2);
  CHECK_EQ(SSL_CTX_get_session_cache_mode(context->get()), SSL_SESS_CACHE_OFF);
}

// The security level in force must not depend on the cipher list.
void allowsCcm8ButNoWeakKey() {
  const Authority authority;
  const Identity strong = authority.issue(makeEcKey());
  const Identity weak = authority.issue(makeRsaKey(1024));
  ContextOptions options = serverWith(strong);
  options.ciphers = "ECDHE-ECDSA-AES128-CCM8:PSK-AES128-CCM8";
  CHECK_EQ(failureOf(options), "");
  CHECK_EQ(SSL_CTX_get_security_level(makeContext(options)->get()), 2);
  options.certificates = weak.views();
  options.private_key = weak.key;
  CHECK_HAS(failureOf(options), "ee key too small");
}

// OpenSSL would ask for the passphrase on the terminal and wait.
void refusesAnEncryptedKeyFileWithoutAsking() {
  ContextOptions harmless;
  harmless.commands = {{"MinProtocol", "DTLSv1.2"}};
  REQUIRE(SSL_CTX_get_default_passwd_cb(makeContext(harmless)->get()) != nullptr);
  char path[] = "/tmp/qdtls-context-test-XXXXXX";
  const int descriptor = mkstemp(path);
  REQUIRE(descriptor >= 0);
  const UniquePkey key = makeEcKey();
  std::FILE* file = fdopen(descriptor, "w");
  PEM_write_PKCS8PrivateKey(file, key.get(), EVP_aes_128_cbc(), "secret", 6, nullptr, nullptr);
  std::fclose(file);
  ContextOptions options;
  options.commands = {{"PrivateKey", path}};
  CHECK_HAS(failureOf(options), "the backend option \"PrivateKey\" does not accept");
  CHECK(!contains(failureOf(options), "secret"));
  std::remove(path);
}

void readsATrustStore() {
  const Authority authority;
  const Bytes garbage = {1, 2, 3};
  auto store = TrustStore::create({authority.certificate(), authority.certificate()});
  CHECK(store.ok());
  auto broken = TrustStore::create({authority.certificate(), garbage});
  CHECK(!broken.ok());
  CHECK_HAS(broken.error().text, "a CA certificate cannot be read: ");
  CHECK(TrustStore::create({}).ok());
}

void leavesExpiredAuthoritiesOut() {
  Subject expired;
  expired.starts_in = -7200;
  expired.ends_in = -3600;
  const Identity old = selfSigned(makeEcKey(), expired);
  auto store = TrustStore::create({old.chain.front()});
  REQUIRE(store.ok());
  CHECK_EQ(sk_X509_OBJECT_num(X509_STORE_get0_objects(store.value().get())), 0);
}

}  // namespace
}  // namespace qdtls::testing

int main() {
  using namespace qdtls::testing;
  return run({
      {"names the cause when a context cannot be made", namesTheCause},
      {"accepts every good option", acceptsEveryGoodOption},
      {"pins both protocol versions", pinsTheVersions},
      {"forbids renegotiation, tickets, compression and sessions", setsThePolicy},
      {"allows CCM8 at security level 2, but no weak key with it", allowsCcm8ButNoWeakKey},
      {"refuses an encrypted key file without asking the terminal",
       refusesAnEncryptedKeyFileWithoutAsking},
      {"reads a trust store, and says when it cannot", readsATrustStore},
      {"leaves expired authorities out of the trust store", leavesExpiredAuthoritiesOut},
  });
}
