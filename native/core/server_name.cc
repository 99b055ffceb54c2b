#include "server_name.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <optional>

#include "record.h"

namespace qdtls {
namespace {

// OpenSSL's own for ECDHE in DTLS 1.2: an SSL has no way back to them.
constexpr const char* kDefaultGroups = "X25519:P-256:X448:P-521:P-384";

// Nothing for what is malformed, which OpenSSL refuses by itself.
std::optional<std::string> nameInHello(SSL* ssl) {
  const unsigned char* extension = nullptr;
  std::size_t size = 0;
  if (SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_server_name, &extension, &size) != 1)
    return std::string();
  Reader reader(ByteView(extension, size));
  Reader names(reader.takeCounted(2));
  const bool is_host_name = names.number(1) == TLSEXT_NAMETYPE_host_name;
  const ByteView name = names.takeCounted(2);
  const bool is_usable =
      reader.ok() && names.ok() && is_host_name && name.size() <= TLSEXT_MAXLEN_host_name &&
      std::find(name.data(), name.data() + name.size(), 0) == name.data() + name.size();
  if (!is_usable) return std::nullopt;
  return std::string(name.data(), name.data() + name.size());
}

// What SSL_set_SSL_CTX() leaves as it was: an SSL copies these when it is made. Suites,
// certificates, trust, security level, hint and callbacks are looked up in the context or its CERT,
// which the call replaces.
bool carryOver(SSL* ssl, const Context& from, const Context& to) {
  SSL_CTX* context = to.get();
  if (SSL_set_SSL_CTX(ssl, context) != context) return false;
  const auto kept = SSL_get_options(ssl) & SSL_OP_COOKIE_EXCHANGE;  // DTLSv1_listen() has set it
  SSL_clear_options(ssl, SSL_get_options(ssl));
  SSL_set_options(ssl, SSL_CTX_get_options(context) | kept);
  SSL_set_verify(ssl, SSL_CTX_get_verify_mode(context), SSL_CTX_get_verify_callback(context));
  SSL_set_verify_depth(ssl, SSL_CTX_get_verify_depth(context));
  const bool has_versions =
      SSL_set_min_proto_version(ssl, static_cast<int>(SSL_CTX_get_min_proto_version(context))) ==
          1 &&
      SSL_set_max_proto_version(ssl, static_cast<int>(SSL_CTX_get_max_proto_version(context))) == 1;
  if (!has_versions) return false;
  if (from.groups() == to.groups()) return true;
  return SSL_set1_groups_list(ssl, to.groups().empty() ? kDefaultGroups : to.groups().c_str()) == 1;
}

}  // namespace

int ServerNameGate::acknowledge(SSL* ssl, int* /*alert*/, void* /*unused*/) {
  return SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name) != nullptr ? SSL_TLSEXT_ERR_OK
                                                                       : SSL_TLSEXT_ERR_NOACK;
}

int ServerNameGate::onHello(SSL* ssl, int* alert) {
  if (state_ == State::kUnread) {
    auto name = nameInHello(ssl);
    if (!name) return SSL_CLIENT_HELLO_SUCCESS;
    name_ = std::move(*name);
    state_ = context_->asksForServerName() ? State::kAsking : State::kAnswered;
  }
  if (state_ == State::kAsking) return SSL_CLIENT_HELLO_RETRY;
  *alert = state_ == State::kRefused ? alert_ : SSL_AD_INTERNAL_ERROR;
  const bool goes_on = state_ == State::kAnswered && bindSession(ssl);
  return goes_on ? SSL_CLIENT_HELLO_SUCCESS : SSL_CLIENT_HELLO_ERROR;
}

std::string ServerNameGate::goOn(SSL* ssl, std::shared_ptr<const Context> chosen) {
  state_ = State::kAnswered;
  if (!chosen || chosen == context_) return {};
  chosen_ = std::move(chosen);
  if (carryOver(ssl, *context_, *chosen_)) return {};
  refuse(SSL_AD_INTERNAL_ERROR);
  return "the configuration for the server name cannot be used";
}

void ServerNameGate::refuse(int alert) {
  state_ = State::kRefused;
  alert_ = alert;
}

// RFC 6066 section 3: a session must not be continued under another name than its own.
bool ServerNameGate::bindSession(SSL* ssl) const {
  const Bytes& id_context = (chosen_ ? chosen_ : context_)->sessionIdContext();
  if (id_context.empty() || name_.empty()) return true;
  Bytes bound = id_context;
  bound.insert(bound.end(), name_.begin(), name_.end());
  std::array<unsigned char, SSL_MAX_SID_CTX_LENGTH> digest{};
  static_assert(digest.size() == 32, "a SHA-256 digest");
  return EVP_Digest(bound.data(), bound.size(), digest.data(), nullptr, EVP_sha256(), nullptr) ==
             1 &&
         SSL_set_session_id_context(ssl, digest.data(), digest.size()) == 1;
}

}  // namespace qdtls
