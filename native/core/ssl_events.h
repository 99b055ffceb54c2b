#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bytes.h"
#include "openssl_ptr.h"
#include "psk_gate.h"
#include "record_guard.h"
#include "server_name.h"
#include "statistics.h"
#include "verification.h"

namespace qdtls {

// When a flight that got no answer is sent again: after `initial`, then twice as late each time, up to `maximum`.
// RFC 6347 section 4.2.4.1. Milliseconds.
struct RetransmissionTimeouts final {
  unsigned initial = 1000;
  unsigned maximum = 60000;
};

// What OpenSSL's callbacks tell and ask about one SSL. They record here; Connection decides when OpenSSL has returned.
class SslEvents final {
 public:
  enum class CertificateChecks { kRecord, kSkip };

  SslEvents(PskGate& psk, RecordGuard& guard, Statistics& statistics)
      : psk_(psk), guard_(guard), statistics_(statistics) {}
  SslEvents(const SslEvents&) = delete;
  SslEvents& operator=(const SslEvents&) = delete;

  // Sets the callbacks on a context; each finds its SslEvents through the app data that attach() sets.
  static void install(SSL_CTX* context, CertificateChecks checks);
  // For contexts whose connections have `server_names`.
  static void installServerName(SSL_CTX* context);
  void attach(SSL* ssl);

  // Until the first SSL of a context asks for it, its SSL_CTX has no key log, and OpenSSL writes down no secret.
  void logKeys(SSL* ssl);
  [[nodiscard]] bool isLoggingKeys() const { return key_log_ != nullptr; }
  [[nodiscard]] std::vector<SecretBytes> takeKeyLog();

  RetransmissionTimeouts timeouts;
  Bytes expected_cookie;  // the cookie that was checked before OpenSSL sees the hello
  std::vector<VerificationRecord> verification;
  std::string fatal_alert;       // name of the last fatal alert of the peer
  unsigned repetitions = 0;      // of the present flight
  std::unique_ptr<ServerNameGate> server_names;  // if the context reads them

 private:
  static SslEvents* of(const SSL* ssl);
  static int onVerification(int preverified, X509_STORE_CTX* store);
  static int onSkippedVerification(X509_STORE_CTX* store, void* unused);
  static unsigned onClientPsk(SSL* ssl, const char* hint, char* identity, unsigned maximum_identity,
                              unsigned char* key, unsigned maximum_key);
  static unsigned onServerPsk(SSL* ssl, const char* identity, unsigned char* key, unsigned maximum_key);
  static int onGenerateCookie(SSL* ssl, unsigned char* cookie, unsigned* length);
  static int onVerifyCookie(SSL* ssl, const unsigned char* cookie, unsigned length);
  static int onClientHello(SSL* ssl, int* alert, void* unused);
  static void onInfo(const SSL* ssl, int where, int value);
  static unsigned onTimer(SSL* ssl, unsigned last_microseconds);
  static void onKeyLog(const SSL* ssl, const char* line);

  PskGate& psk_;
  RecordGuard& guard_;
  Statistics& statistics_;
  std::unique_ptr<std::vector<SecretBytes>> key_log_;  // none: nobody wants it
};

}  // namespace qdtls
