#include "bench/pairs.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include <array>
#include <cstring>

namespace qdtls::bench {
namespace {

constexpr int kMostTurns = 32;
constexpr long kMtu = 1400;

// What an IPv4 peer's cookie is made from.
constexpr std::array<unsigned char, 6> kPeer = {127, 0, 0, 1, 0x16, 0x33};

enum class Step { kDone, kWaiting, kFailed };

Step step(SSL* ssl) {
  const int result = SSL_do_handshake(ssl);
  if (result == 1) return Step::kDone;
  return SSL_get_error(ssl, result) == SSL_ERROR_WANT_READ ? Step::kWaiting : Step::kFailed;
}

std::string queued() {
  std::array<char, 256> text{};
  ERR_error_string_n(ERR_get_error(), text.data(), text.size());
  ERR_clear_error();
  return text.data();
}

}  // namespace

Result<std::unique_ptr<Pairs>> Pairs::create(const Settings& settings) {
  ERR_clear_error();
  std::unique_ptr<Pairs> self(new Pairs(settings));
  auto client = makeClient(settings);
  if (!client.ok()) return client.error();
  auto server = makeServer(settings);
  if (!server.ok()) return server.error();
  self->client_ = std::move(client.value());
  self->server_ = std::move(server.value());
  self->method_ = makeWireMethod();
  self->address_.reset(BIO_ADDR_new());
  if (!self->method_ || !self->address_ || !self->prepareCookies()) return Error{queued()};
  return self;
}

// The key is set once, and each cookie starts from there: the cheapest way there is.
bool Pairs::prepareCookies() {
  std::array<unsigned char, 32> secret{};
  RAND_bytes(secret.data(), secret.size());
  const UniqueMac hmac(EVP_MAC_fetch(nullptr, "HMAC", nullptr));
  cookie_key_.reset(hmac ? EVP_MAC_CTX_new(hmac.get()) : nullptr);
  std::string digest = "SHA256";
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), digest.size()),
      OSSL_PARAM_construct_end()};
  SSL_CTX_set_app_data(server_.get(), this);
  SSL_CTX_set_cookie_generate_cb(server_.get(), &Pairs::generateCookie);
  SSL_CTX_set_cookie_verify_cb(server_.get(), &Pairs::verifyCookie);
  return cookie_key_ &&
         EVP_MAC_init(cookie_key_.get(), secret.data(), secret.size(), parameters) == 1;
}

bool Pairs::makeCookie(unsigned char* cookie, unsigned* size) const {
  std::size_t written = 0;
  if (EVP_MAC_init(cookie_key_.get(), nullptr, 0, nullptr) != 1 ||
      EVP_MAC_update(cookie_key_.get(), kPeer.data(), kPeer.size()) != 1 ||
      EVP_MAC_final(cookie_key_.get(), cookie, &written, EVP_MAX_MD_SIZE) != 1) {
    return false;
  }
  *size = static_cast<unsigned>(written);
  return true;
}

int Pairs::generateCookie(SSL* ssl, unsigned char* cookie, unsigned* size) {
  const auto* self = static_cast<const Pairs*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
  return self->makeCookie(cookie, size) ? 1 : 0;
}

int Pairs::verifyCookie(SSL* ssl, const unsigned char* cookie, unsigned size) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> expected{};
  unsigned expected_size = 0;
  const bool made = generateCookie(ssl, expected.data(), &expected_size) == 1;
  return made && size == expected_size && CRYPTO_memcmp(cookie, expected.data(), size) == 0 ? 1 : 0;
}

Result<Pair> Pairs::make() {
  Pair pair{UniqueSsl(SSL_new(client_.get())), UniqueSsl(SSL_new(server_.get()))};
  if (!pair.client || !pair.server || !attach(pair.client.get(), method_.get(), &client_port_) ||
      !attach(pair.server.get(), method_.get(), &server_port_)) {
    return Error{"SSL_new failed: " + queued()};
  }
  const bool named =
      settings_.server_certificate.empty() || SSL_set1_host(pair.client.get(), kServerName) == 1;
  if (!named) return Error{queued()};
  SSL_set_connect_state(pair.client.get());
  SSL_set_accept_state(pair.server.get());
  SSL_set_mtu(pair.client.get(), kMtu);
  SSL_set_mtu(pair.server.get(), kMtu);
  return pair;
}

Result<Pair> Pairs::join() {
  ERR_clear_error();
  up_.clear();
  down_.clear();
  auto made = make();
  if (!made.ok()) return made;
  std::string problem = shakeHands(made.value());
  if (problem.empty()) problem = check(made.value());
  if (!problem.empty()) return Error{std::move(problem)};
  return made;
}

std::string Pairs::shakeHands(const Pair& pair) {
  SSL* client = pair.client.get();
  SSL* server = pair.server.get();
  bool is_verified = !settings_.cookies;
  for (int turn = 0; turn < kMostTurns; ++turn) {
    const Step client_step = step(client);
    if (client_step == Step::kFailed) return "the client's handshake failed: " + queued();
    if (!is_verified) {
      is_verified = DTLSv1_listen(server, address_.get()) == 1;
      if (!is_verified) continue;
    }
    const Step server_step = step(server);
    if (server_step == Step::kFailed) return "the server's handshake failed: " + queued();
    if (client_step == Step::kDone && server_step == Step::kDone) return {};
  }
  return "the handshake did not end";
}

std::string Pairs::check(const Pair& pair) const {
  for (const SSL* ssl : {pair.client.get(), pair.server.get()}) {
    if (SSL_session_reused(ssl) != 0) return "a session was resumed";
    if (SSL_version(ssl) != DTLS1_2_VERSION) return "not DTLS 1.2";
    if (SSL_get_verify_result(ssl) != X509_V_OK) return "a certificate was not verified";
    const char* cipher = SSL_get_cipher_name(ssl);
    if (settings_.ciphers != cipher) return std::string("the cipher was ") + cipher;
  }
  const bool server_shown = SSL_get0_peer_certificate(pair.client.get()) != nullptr;
  const bool client_shown = SSL_get0_peer_certificate(pair.server.get()) != nullptr;
  const bool is_right =
      server_shown == !settings_.server_certificate.empty() && client_shown == settings_.mutual();
  return is_right ? "" : "a certificate is missing, or one too many was sent";
}

std::string Pairs::carry(SSL* from, SSL* to, const std::string& message) {
  std::array<char, 16384> read{};
  const int size = static_cast<int>(message.size());
  if (SSL_write(from, message.data(), size) != size) return "SSL_write failed: " + queued();
  if (SSL_read(to, read.data(), read.size()) != size) return "SSL_read failed: " + queued();
  return std::memcmp(read.data(), message.data(), message.size()) == 0 ? "" : "another plaintext";
}

// Both say goodbye, as both of ours do. Nobody listens.
void Pairs::part(const Pair& pair) {
  SSL_shutdown(pair.client.get());
  SSL_shutdown(pair.server.get());
}

}  // namespace qdtls::bench
