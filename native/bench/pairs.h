#pragma once

#include <memory>
#include <string>

#include "bench/contexts.h"
#include "bench/wire.h"
#include "core/openssl_ptr.h"
#include "core/result.h"

namespace qdtls::bench {

struct Pair final {
  UniqueSsl client;
  UniqueSsl server;
};

// Makes pairs of SSL objects of one configuration, one after the other on one link, and joins them.
class Pairs final {
 public:
  static Result<std::unique_ptr<Pairs>> create(const Settings& settings);
  Pairs(const Pairs&) = delete;
  Pairs& operator=(const Pairs&) = delete;

  // A pair after a full handshake, which is checked: verified, not resumed, by the cipher that was
  // asked for.
  Result<Pair> join();
  // One message through the link; '' or what went wrong.
  std::string carry(SSL* from, SSL* to, const std::string& message);
  static void part(const Pair& pair);

  // Records in the direction of the server are not copied on their way.
  void lend(bool on) { up_.lend(on); }

 private:
  explicit Pairs(const Settings& settings) : settings_(settings) {}

  [[nodiscard]] Result<Pair> make();
  [[nodiscard]] std::string shakeHands(const Pair& pair);
  [[nodiscard]] std::string check(const Pair& pair) const;
  [[nodiscard]] bool prepareCookies();
  bool makeCookie(unsigned char* cookie, unsigned* size) const;
  static int generateCookie(SSL* ssl, unsigned char* cookie, unsigned* size);
  static int verifyCookie(SSL* ssl, const unsigned char* cookie, unsigned size);

  Settings settings_;
  UniqueBioMethod method_;
  UniqueMacCtx cookie_key_;
  UniqueSslCtx client_;
  UniqueSslCtx server_;
  OpenSslPtr<BIO_ADDR, BIO_ADDR_free> address_;
  Wire up_;
  Wire down_;
  Port client_port_{&down_, &up_};
  Port server_port_{&up_, &down_};
};

}  // namespace qdtls::bench
