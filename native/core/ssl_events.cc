#include "ssl_events.h"

#include <algorithm>
#include <cstring>

namespace qdtls {
namespace {

// Milliseconds. OpenSSL takes a timer with less than 15 left for expired, and would repeat itself to failure.
constexpr unsigned kShortestTimeout = 16;

unsigned copyKey(const SecretBytes& from, unsigned char* key, unsigned maximum) {
  const auto count = std::min<std::size_t>(from.view().size(), maximum);
  if (count != 0) std::memcpy(key, from.view().data(), count);
  return static_cast<unsigned>(count);
}

}  // namespace

void SslEvents::install(SSL_CTX* context, CertificateChecks checks) {
  if (checks == CertificateChecks::kRecord) {
    SSL_CTX_set_verify(context, SSL_CTX_get_verify_mode(context), onVerification);
  } else {
    SSL_CTX_set_cert_verify_callback(context, onSkippedVerification, nullptr);
  }
  SSL_CTX_set_psk_client_callback(context, onClientPsk);
  SSL_CTX_set_psk_server_callback(context, onServerPsk);
  SSL_CTX_set_cookie_generate_cb(context, onGenerateCookie);
  SSL_CTX_set_cookie_verify_cb(context, onVerifyCookie);
  SSL_CTX_set_info_callback(context, onInfo);
}

void SslEvents::installServerName(SSL_CTX* context) {
  SSL_CTX_set_client_hello_cb(context, onClientHello, nullptr);
}

void SslEvents::attach(SSL* ssl) {
  SSL_set_app_data(ssl, this);
  DTLS_set_timer_cb(ssl, onTimer);
}

void SslEvents::logKeys(SSL* ssl) {
  if (!key_log_) key_log_ = std::make_unique<std::vector<SecretBytes>>();
  SSL_CTX_set_keylog_callback(SSL_get_SSL_CTX(ssl), onKeyLog);
}

std::vector<SecretBytes> SslEvents::takeKeyLog() {
  return key_log_ ? std::exchange(*key_log_, {}) : std::vector<SecretBytes>();
}

SslEvents* SslEvents::of(const SSL* ssl) { return static_cast<SslEvents*>(SSL_get_app_data(ssl)); }

// Always goes on, so that every complaint about the chain is heard.
int SslEvents::onVerification(int preverified, X509_STORE_CTX* store) {
  if (preverified == 1) return 1;
  const auto* ssl = static_cast<const SSL*>(
      X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
  of(ssl)->verification.push_back({X509_STORE_CTX_get_error(store), X509_STORE_CTX_get_error_depth(store)});
  return 1;
}

int SslEvents::onSkippedVerification(X509_STORE_CTX* /*store*/, void* /*unused*/) { return 1; }

unsigned SslEvents::onClientPsk(SSL* ssl, const char* /*hint*/, char* identity, unsigned maximum_identity,
                                unsigned char* key, unsigned maximum_key) {
  const PskAnswer* answer = of(ssl)->psk_.answerForClient();
  if (answer == nullptr || maximum_identity == 0) return 0;
  const auto length = std::min<std::size_t>(answer->identity.size(), maximum_identity - 1);
  std::memcpy(identity, answer->identity.data(), length);
  identity[length] = '\0';
  return copyKey(answer->key, key, maximum_key);
}

unsigned SslEvents::onServerPsk(SSL* ssl, const char* identity, unsigned char* key, unsigned maximum_key) {
  const PskAnswer* answer = of(ssl)->psk_.answerForServer(identity != nullptr ? identity : "");
  return answer != nullptr ? copyKey(answer->key, key, maximum_key) : 0;
}

// Reached only with a cookie that onVerifyCookie() refused. A server's cookies are made by ClientVerifier.
int SslEvents::onGenerateCookie(SSL* /*ssl*/, unsigned char* /*cookie*/, unsigned* /*length*/) { return 0; }

int SslEvents::onVerifyCookie(SSL* ssl, const unsigned char* cookie, unsigned length) {
  const Bytes& expected = of(ssl)->expected_cookie;
  return !expected.empty() && expected.size() == length &&
                 CRYPTO_memcmp(expected.data(), cookie, length) == 0
             ? 1
             : 0;
}

int SslEvents::onClientHello(SSL* ssl, int* alert, void* /*unused*/) {
  const auto& names = of(ssl)->server_names;
  return names ? names->onHello(ssl, alert) : SSL_CLIENT_HELLO_SUCCESS;
}

void SslEvents::onInfo(const SSL* ssl, int where, int value) {
  constexpr int kFatalLevel = 2;  // SSL3_AL_FATAL
  const bool is_done = where == SSL_CB_HANDSHAKE_DONE;
  if (!is_done && (where & SSL_CB_ALERT) == 0) return;  // one of dozens of states on the way
  SslEvents* self = of(ssl);
  if (is_done) return self->psk_.forget();
  const auto description = static_cast<std::uint8_t>(value);
  if ((where & SSL_CB_WRITE) != 0) {
    self->statistics_.alerts_sent.add(description);
    return;
  }
  self->guard_.accepted();
  self->statistics_.alerts_received.add(description);
  if (value >> 8 == kFatalLevel) self->fatal_alert = alertName(value & 0xff);
}

unsigned SslEvents::onTimer(SSL* ssl, unsigned last_microseconds) {
  SslEvents* self = of(ssl);
  const bool is_new_flight = last_microseconds == 0;
  self->repetitions = is_new_flight ? 0 : self->repetitions + 1;
  if (!is_new_flight) self->statistics_.retransmissions += 1;
  const unsigned next = is_new_flight ? self->timeouts.initial * 1000
                                      : std::min(last_microseconds, self->timeouts.maximum * 500) * 2;
  return std::max(next, kShortestTimeout * 1000);
}

void SslEvents::onKeyLog(const SSL* ssl, const char* line) {
  SslEvents* self = of(ssl);
  if (!self->key_log_) return;  // another connection of the same context asked for it
  self->key_log_->emplace_back(ByteView(reinterpret_cast<const std::uint8_t*>(line), std::strlen(line)));
}

}  // namespace qdtls
