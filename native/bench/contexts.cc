#include "bench/contexts.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <algorithm>
#include <array>

namespace qdtls::bench {
namespace {

constexpr std::array<unsigned char, 16> kKey = {0, 1, 2,  3,  4,  5,  6,  7,
                                                8, 9, 10, 11, 12, 13, 14, 15};

unsigned clientPsk(SSL* /*ssl*/, const char* /*hint*/, char* identity, unsigned identity_size,
                   unsigned char* key, unsigned key_size) {
  constexpr std::array<char, 6> kIdentity = {'b', 'e', 'n', 'c', 'h', '\0'};
  if (identity_size < kIdentity.size() || key_size < kKey.size()) return 0;
  std::copy(kIdentity.begin(), kIdentity.end(), identity);
  std::copy(kKey.begin(), kKey.end(), key);
  return kKey.size();
}

unsigned serverPsk(SSL* /*ssl*/, const char* /*identity*/, unsigned char* key, unsigned key_size) {
  if (key_size < kKey.size()) return 0;
  std::copy(kKey.begin(), kKey.end(), key);
  return kKey.size();
}

UniqueBio readerOf(const std::string& pem) {
  return UniqueBio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
}

UniqueX509 certificateOf(const std::string& pem) {
  const UniqueBio reader = readerOf(pem);
  return UniqueX509(PEM_read_bio_X509(reader.get(), nullptr, nullptr, nullptr));
}

bool setIdentity(SSL_CTX* context, const std::string& certificate, const std::string& key) {
  if (certificate.empty()) return true;
  const UniqueBio reader = readerOf(key);
  const UniquePkey private_key(PEM_read_bio_PrivateKey(reader.get(), nullptr, nullptr, nullptr));
  const UniqueX509 own = certificateOf(certificate);
  return own && private_key && SSL_CTX_use_certificate(context, own.get()) == 1 &&
         SSL_CTX_use_PrivateKey(context, private_key.get()) == 1;
}

bool setTrust(SSL_CTX* context, const std::string& certificate) {
  if (certificate.empty()) return true;
  const UniqueX509 trusted = certificateOf(certificate);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  return trusted && X509_STORE_add_cert(SSL_CTX_get_cert_store(context), trusted.get()) == 1;
}

bool setPolicy(SSL_CTX* context, const Settings& settings) {
  SSL_CTX_set_security_level(context, 2);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
                                   SSL_OP_NO_QUERY_MTU | SSL_OP_CIPHER_SERVER_PREFERENCE);
  return SSL_CTX_set_min_proto_version(context, DTLS1_2_VERSION) == 1 &&
         SSL_CTX_set_max_proto_version(context, DTLS1_2_VERSION) == 1 &&
         SSL_CTX_set_cipher_list(context, settings.ciphers.c_str()) == 1 &&
         SSL_CTX_set1_groups_list(context, settings.groups.c_str()) == 1;
}

Error failure(const char* what) {
  std::array<char, 256> text{};
  ERR_error_string_n(ERR_get_error(), text.data(), text.size());
  ERR_clear_error();
  return Error{std::string(what) + ": " + text.data()};
}

}  // namespace

Result<UniqueSslCtx> makeClient(const Settings& settings) {
  UniqueSslCtx context(SSL_CTX_new(DTLS_client_method()));
  const bool made = context && setPolicy(context.get(), settings) &&
                    setIdentity(context.get(), settings.client_certificate, settings.client_key) &&
                    setTrust(context.get(), settings.server_certificate);
  if (!made) return failure("the client's context cannot be made");
  SSL_CTX_set_psk_client_callback(context.get(), clientPsk);
  return context;
}

Result<UniqueSslCtx> makeServer(const Settings& settings) {
  UniqueSslCtx context(SSL_CTX_new(DTLS_server_method()));
  const bool made = context && setPolicy(context.get(), settings) &&
                    setIdentity(context.get(), settings.server_certificate, settings.server_key) &&
                    setTrust(context.get(), settings.client_certificate);
  if (!made) return failure("the server's context cannot be made");
  SSL_CTX_set_psk_server_callback(context.get(), serverPsk);
  return context;
}

}  // namespace qdtls::bench
