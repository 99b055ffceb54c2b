#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bytes.h"
#include "negotiation.h"
#include "openssl_ptr.h"
#include "result.h"
#include "resumption.h"
#include "role.h"
#include "trust_store.h"

namespace qdtls {

enum class PeerVerification : int {
  kNone = 0,     // a server asks for no certificate; a client takes any
  kRequest = 1,  // ask for one, check nothing
  kVerify = 2,   // check the chain against the trust store and record what is wrong
};

struct ContextOptions final {
  Role role = Role::kClient;
  int minimum_version = DTLS1_2_VERSION;
  int maximum_version = DTLS1_2_VERSION;
  std::string ciphers;                    // OpenSSL cipher list; empty: defaultCipherList()
  std::vector<std::string> groups;        // empty: OpenSSL's
  std::vector<ByteView> certificates;     // DER, leaf first
  ByteView private_key;                   // DER, PKCS#8
  PeerVerification verification = PeerVerification::kVerify;
  int verification_depth = 0;             // certificates above the leaf; 0: OpenSSL's limit
  std::shared_ptr<const TrustStore> trust;
  ByteView dh_parameters;                 // DER, PKCS#3; empty: chosen by OpenSSL to match the key
  std::string psk_identity_hint;          // servers
  bool prefer_server_ciphers = true;
  std::vector<std::pair<std::string, std::string>> commands;  // SSL_CONF_cmd, applied last
  std::vector<ByteView> application_protocols;  // ALPN, best first
  std::vector<std::string> srtp_profiles;       // OpenSSL's names, best first
  ResumptionOptions resumption;
  bool asks_for_server_name = false;      // servers: see ServerNameGate
};

// One SSL_CTX, made from a configuration and shared by all its connections.
class Context final {
 public:
  static Result<std::shared_ptr<const Context>> create(const ContextOptions& options);
  // Objects made in this process so far, in all threads.
  static std::uint64_t created();

  [[nodiscard]] SSL_CTX* get() const { return context_.get(); }
  [[nodiscard]] const BIO_METHOD* bioMethod() const { return bio_method_.get(); }
  [[nodiscard]] Role role() const { return role_; }
  // A list for OpenSSL; empty for its own.
  [[nodiscard]] const std::string& groups() const { return groups_; }
  // What sessions are bound to; empty without resumption.
  [[nodiscard]] const Bytes& sessionIdContext() const { return session_id_context_; }
  [[nodiscard]] bool resumes() const { return !session_id_context_.empty(); }
  [[nodiscard]] bool asksForServerName() const { return asks_for_server_name_; }
  // Whether connections need a ServerNameGate.
  [[nodiscard]] bool readsServerName() const { return asks_for_server_name_ || (resumes() && role_ == Role::kServer); }

 private:
  using SecurityCallback = int (*)(const SSL*, const SSL_CTX*, int, int, int, void*, void*);

  Context() = default;

  void allowCcm8();
  void remember(const ContextOptions& options);
  static int onSecurityQuestion(const SSL* ssl, const SSL_CTX* context, int operation, int bits, int nid,
                                void* other, void* self);

  UniqueBioMethod bio_method_;  // outlives the BIOs: every Connection holds its Context
  UniqueSslCtx context_;
  Role role_ = Role::kClient;
  AlpnProtocols alpn_;
  std::string groups_;
  Bytes session_id_context_;
  bool asks_for_server_name_ = false;
  SecurityCallback library_security_ = nullptr;
};

}  // namespace qdtls
