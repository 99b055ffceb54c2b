#include "context.h"

#include <atomic>

#include "cipher_list.h"
#include "datagram_bio.h"
#include "error_scope.h"
#include "server_name.h"
#include "ssl_events.h"

namespace qdtls {
namespace {

using Step = std::string (*)(SSL_CTX* context, const ContextOptions& options, const ErrorScope& errors);

std::atomic<std::uint64_t> objects_created = 0;

constexpr int kSecurityLevel = 2;  // 112 bits: the same on every OpenSSL we may be linked to

std::string setVersions(SSL_CTX* context, const ContextOptions& options, const ErrorScope& errors) {
  // The maximum is always said: a library that can do more must not change what the user asked for.
  if (SSL_CTX_set_min_proto_version(context, options.minimum_version) != 1) {
    return "the minimum protocol version cannot be set: " + errors.drain();
  }
  if (SSL_CTX_set_max_proto_version(context, options.maximum_version) != 1) {
    return "the maximum protocol version cannot be set: " + errors.drain();
  }
  return {};
}

std::string setCiphers(SSL_CTX* context, const ContextOptions& options, const ErrorScope& errors) {
  SSL_CTX_set_security_level(context, kSecurityLevel);
  const std::string list = options.ciphers.empty() ? defaultCipherList() : options.ciphers;
  if (SSL_CTX_set_cipher_list(context, list.c_str()) != 1) {
    return "the cipher list is invalid or selects nothing: " + errors.drain();
  }
  return {};
}

std::string groupList(const ContextOptions& options) {
  std::string list;
  for (const std::string& group : options.groups) list += (list.empty() ? "" : ":") + group;
  return list;
}

std::string setGroups(SSL_CTX* context, const ContextOptions& options, const ErrorScope& /*errors*/) {
  for (const std::string& group : options.groups) {
    // One by one, so that the message can say which.
    if (group.empty() || SSL_CTX_set1_groups_list(context, group.c_str()) != 1) {
      return "the elliptic curve \"" + group + "\" is unknown or cannot be used";
    }
  }
  const std::string list = groupList(options);
  if (!list.empty() && SSL_CTX_set1_groups_list(context, list.c_str()) != 1) {
    return "the elliptic curves \"" + list + "\" cannot be used together";
  }
  return {};
}

UniqueX509 readCertificate(ByteView der) {
  const unsigned char* cursor = der.data();
  return UniqueX509(d2i_X509(nullptr, &cursor, static_cast<long>(der.size())));
}

std::string setIdentity(SSL_CTX* context, const ContextOptions& options, const ErrorScope& errors) {
  if (options.certificates.empty()) return {};
  if (options.private_key.empty()) return "the local certificate needs its private key";
  for (std::size_t i = 0; i < options.certificates.size(); ++i) {
    const UniqueX509 certificate = readCertificate(options.certificates[i]);
    const bool taken = certificate && (i == 0 ? SSL_CTX_use_certificate(context, certificate.get()) == 1
                                              : SSL_CTX_add1_chain_cert(context, certificate.get()) == 1);
    if (!taken) return "certificate " + std::to_string(i) + " of the local chain cannot be used: " + errors.drain();
  }
  const unsigned char* cursor = options.private_key.data();
  const UniquePkey key(d2i_AutoPrivateKey(nullptr, &cursor, static_cast<long>(options.private_key.size())));
  if (!key || SSL_CTX_use_PrivateKey(context, key.get()) != 1 || SSL_CTX_check_private_key(context) != 1) {
    return "the private key does not go with the local certificate: " + errors.drain();
  }
  return {};
}

std::string setVerification(SSL_CTX* context, const ContextOptions& options, const ErrorScope& /*errors*/) {
  const bool checks = options.verification == PeerVerification::kVerify;
  SSL_CTX_set_verify(context, options.verification == PeerVerification::kNone ? SSL_VERIFY_NONE : SSL_VERIFY_PEER,
                     nullptr);
  SslEvents::install(context, checks ? SslEvents::CertificateChecks::kRecord : SslEvents::CertificateChecks::kSkip);
  if (!checks) return {};
  if (options.trust) SSL_CTX_set1_cert_store(context, options.trust->get());
  if (options.verification_depth > 0) SSL_CTX_set_verify_depth(context, options.verification_depth);
  return {};
}

std::string setDhParameters(SSL_CTX* context, const ContextOptions& options, const ErrorScope& errors) {
  if (options.role != Role::kServer) return {};
  if (options.dh_parameters.empty()) {
    SSL_CTX_set_dh_auto(context, 1);
    return {};
  }
  const unsigned char* cursor = options.dh_parameters.data();
  UniquePkey parameters(
      d2i_KeyParams(EVP_PKEY_DH, nullptr, &cursor, static_cast<long>(options.dh_parameters.size())));
  if (!parameters || SSL_CTX_set0_tmp_dh_pkey(context, parameters.get()) != 1) {
    return "the Diffie-Hellman parameters cannot be used: " + errors.drain();
  }
  static_cast<void>(parameters.release());  // set0 took it, but only now is it known to have succeeded
  return {};
}

std::string setPsk(SSL_CTX* context, const ContextOptions& options, const ErrorScope& errors) {
  const bool has_hint = options.role == Role::kServer && !options.psk_identity_hint.empty();
  if (has_hint && SSL_CTX_use_psk_identity_hint(context, options.psk_identity_hint.c_str()) != 1) {
    return "the pre-shared key identity hint cannot be used: " + errors.drain();
  }
  return {};
}

std::string setPolicy(SSL_CTX* context, const ContextOptions& options, const ErrorScope& /*errors*/) {
  static constexpr unsigned char kSessionIdContext[] = {'q', 'd', 't', 'l', 's'};
  SSL_CTX_set_session_id_context(context, kSessionIdContext, sizeof kSessionIdContext);
  // Under encrypt-then-MAC every OpenSSL up to 4.0.3 ends an association with a CBC suite over any forged record. MAC-
  // then-encrypt drops it; its padding oracle (Lucky 13) is met by OpenSSL's constant-time code.
  SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_QUERY_MTU |
                                   SSL_OP_NO_ENCRYPT_THEN_MAC);
  if (options.prefer_server_ciphers) SSL_CTX_set_options(context, SSL_OP_CIPHER_SERVER_PREFERENCE);
  // SSL_read() goes past records that are not application data: one datagram is read to its end in one go.
  SSL_CTX_set_mode(context, SSL_MODE_AUTO_RETRY);
  return {};
}

// An encrypted key file named by a command is an error: OpenSSL would ask for its passphrase on the terminal.
int refusePassphrase(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*unused*/) { return -1; }

std::string applyCommands(SSL_CTX* context, const ContextOptions& options, const ErrorScope& errors) {
  if (options.commands.empty()) return {};
  SSL_CTX_set_default_passwd_cb(context, refusePassphrase);
  const UniqueSslConf conf(SSL_CONF_CTX_new());
  if (!conf) return "SSL_CONF_CTX_new failed: " + errors.drain();
  SSL_CONF_CTX_set_ssl_ctx(conf.get(), context);
  SSL_CONF_CTX_set_flags(conf.get(), SSL_CONF_FLAG_FILE | SSL_CONF_FLAG_CERTIFICATE | SSL_CONF_FLAG_CLIENT |
                                         SSL_CONF_FLAG_SERVER);
  for (const auto& [key, value] : options.commands) {
    const int result = SSL_CONF_cmd(conf.get(), key.c_str(), value.c_str());
    if (result == -2) return "the backend option \"" + key + "\" is unknown";
    if (result <= 0) {
      return "the backend option \"" + key + "\" does not accept \"" + value + "\": " + errors.drain();
    }
  }
  if (SSL_CONF_CTX_finish(conf.get()) != 1) return "the backend options cannot be applied: " + errors.drain();
  return {};
}

std::string applyResumption(SSL_CTX* context, const ContextOptions& options, const ErrorScope& /*errors*/) {
  return setResumption(context, options.resumption);
}

constexpr Step kSteps[] = {setVersions,     setPolicy, setCiphers,    setGroups,    setIdentity,
                           setVerification, setPsk,    setDhParameters, setSrtp,      applyCommands,
                           applyResumption};

}  // namespace

std::uint64_t Context::created() { return objects_created; }

Result<std::shared_ptr<const Context>> Context::create(const ContextOptions& options) {
  const ErrorScope errors;
  const std::shared_ptr<Context> self(new Context);  // NOLINT(cppcoreguidelines-owning-memory): private constructor
  self->role_ = options.role;
  self->bio_method_ = DatagramBio::makeMethod();
  self->context_.reset(SSL_CTX_new(options.role == Role::kServer ? DTLS_server_method() : DTLS_client_method()));
  if (!self->bio_method_ || !self->context_) return Error{"SSL_CTX_new failed: " + errors.drain()};
  for (const Step step : kSteps) {
    std::string failure = step(self->context_.get(), options, errors);
    if (!failure.empty()) return Error{std::move(failure)};
  }
  std::string failure = self->alpn_.install(self->get(), options.role, options.application_protocols);
  if (!failure.empty()) return Error{std::move(failure)};
  self->allowCcm8();
  self->remember(options);
  ++objects_created;
  return std::shared_ptr<const Context>(self);
}

void Context::remember(const ContextOptions& options) {
  groups_ = groupList(options);
  if (options.resumption.is_on) session_id_context_ = options.resumption.session_id_context.copy();
  asks_for_server_name_ = options.asks_for_server_name;
  if (readsServerName()) SslEvents::installServerName(context_.get());
  if (asks_for_server_name_) SSL_CTX_set_tlsext_servername_callback(context_.get(), ServerNameGate::acknowledge);
}

// OpenSSL's security levels refuse CCM8 for its 64-bit tag. Chosen by name, it is let through, while what the level
// demands of keys and curves stays in force (lowering the level would drop that too).
void Context::allowCcm8() {
  const STACK_OF(SSL_CIPHER)* ciphers = SSL_CTX_get_ciphers(context_.get());
  for (int i = 0; i < sk_SSL_CIPHER_num(ciphers); ++i) {
    if (!isCcm8(sk_SSL_CIPHER_value(ciphers, i))) continue;
    library_security_ = SSL_CTX_get_security_callback(context_.get());
    SSL_CTX_set0_security_ex_data(context_.get(), this);
    SSL_CTX_set_security_callback(context_.get(), &Context::onSecurityQuestion);
    return;
  }
}

int Context::onSecurityQuestion(const SSL* ssl, const SSL_CTX* context, int operation, int bits, int nid, void* other,
                                void* self) {
  const bool about_cipher = operation == SSL_SECOP_CIPHER_SUPPORTED || operation == SSL_SECOP_CIPHER_SHARED ||
                            operation == SSL_SECOP_CIPHER_CHECK;
  if (about_cipher && isCcm8(static_cast<const SSL_CIPHER*>(other))) return 1;
  return static_cast<const Context*>(self)->library_security_(ssl, context, operation, bits, nid, other, nullptr);
}

}  // namespace qdtls
