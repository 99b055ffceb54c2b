#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/bytes.h"
#include "core/openssl_ptr.h"

// Keys and certificates, made when a test wants them.
namespace qdtls::testing {

// "EC" on a named curve, or "RSA" of a size.
[[nodiscard]] UniquePkey makeEcKey(const char* curve = "P-256");
[[nodiscard]] UniquePkey makeRsaKey(unsigned bits = 2048);

[[nodiscard]] Bytes encodeKey(EVP_PKEY* key);  // DER, PKCS#8

// Who somebody is: a chain (leaf first) and the leaf's key, all in DER.
struct Identity final {
  std::vector<Bytes> chain;
  Bytes key;

  [[nodiscard]] std::vector<ByteView> views() const { return {chain.begin(), chain.end()}; }
};

struct Subject final {
  std::string name = "localhost";
  long starts_in = -3600;  // seconds from now
  long ends_in = 24 * 3600;
  std::string extended_usage;  // as in a configuration file; empty: any
  unsigned padding = 0;        // bytes of a comment that makes the certificate larger
};

// A certificate authority: signs others, and trusts only itself.
class Authority final {
 public:
  explicit Authority(UniquePkey key = makeEcKey(), const std::string& name = "test authority");

  [[nodiscard]] Identity issue(UniquePkey key, const Subject& subject = {}) const;
  // An authority below this one: its identities bring its certificate along.
  [[nodiscard]] Authority delegate(const std::string& name, UniquePkey key = makeEcKey()) const;

  [[nodiscard]] const Bytes& certificate() const { return chain_.front(); }

 private:
  Authority(UniquePkey key, std::vector<Bytes> chain);

  UniquePkey key_;
  std::vector<Bytes> chain_;  // its own certificate first; the root of all is left out below it
  bool is_root_ = false;
};

[[nodiscard]] Identity selfSigned(UniquePkey key, const Subject& subject = {});

[[nodiscard]] UniqueX509 decodeCertificate(ByteView der);

}  // namespace qdtls::testing
