#include "resumption.h"

#include <algorithm>
#include <ctime>

#include "error_scope.h"

namespace qdtls {
namespace {

constexpr long kLongestLife = 24 * 3600;  // seconds; RFC 5246 section F.1.4

using UniqueSession = OpenSslPtr<SSL_SESSION, SSL_SESSION_free>;

// Or made in the future, by more than the second that two clocks may differ. OpenSSL 3.2 and later
// stamp it by gettimeofday(), which enters a second some milliseconds before time() does.
bool isOver(const SSL_SESSION* session) {
  const long age =
      static_cast<long>(std::time(nullptr)) - static_cast<long>(SSL_SESSION_get_time(session));
  return age < -1 ||
         age >= std::min(static_cast<long>(SSL_SESSION_get_timeout(session)), kLongestLife);
}

// OpenSSL ends the handshake when the server continues a session of another context.
bool isOfContext(const SSL_SESSION* session, ByteView expected) {
  unsigned length = 0;
  const unsigned char* bytes = SSL_SESSION_get0_id_context(session, &length);
  return length == expected.size() && std::equal(bytes, bytes + length, expected.data());
}

// It also does when the session's suite is not among those of the hello.
bool hasSuiteOf(const SSL* ssl, const SSL_SESSION* session) {
  const SSL_CIPHER* suite = SSL_SESSION_get0_cipher(session);
  const STACK_OF(SSL_CIPHER)* offered = SSL_get_ciphers(ssl);
  for (int i = 0; suite != nullptr && i < sk_SSL_CIPHER_num(offered); ++i) {
    if (SSL_CIPHER_get_id(sk_SSL_CIPHER_value(offered, i)) == SSL_CIPHER_get_id(suite)) return true;
  }
  return false;
}

// RFC 6066 section 3: a session is continued under the name that it was made under. OpenSSL keeps
// the name if the server said that it used it.
bool isOfName(const SSL_SESSION* session, const std::string& name) {
  const char* kept = SSL_SESSION_get0_hostname(session);
  return kept == nullptr || name == kept;
}

}  // namespace

std::string setResumption(SSL_CTX* context, const ResumptionOptions& options) {
  // Tickets are all there is: nothing is kept for a client that may never come back.
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  if (!options.is_on) {
    SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
    return {};
  }
  if (SSL_CTX_set_session_id_context(context, options.session_id_context.data(),
                                     static_cast<unsigned>(options.session_id_context.size())) !=
      1) {
    return "the session id context cannot be used";
  }
  if (options.ticket_keys.empty()) return {};
  Bytes keys = options.ticket_keys.copy();  // the macro takes what may be written to
  const bool taken =
      SSL_CTX_set_tlsext_ticket_keys(context, keys.data(), static_cast<long>(keys.size())) == 1;
  OPENSSL_cleanse(keys.data(), keys.size());
  return taken ? std::string() : "the ticket keys cannot be used";
}

std::string offerSession(SSL* ssl, const Offer& offer) {
  const ErrorScope errors;
  const unsigned char* cursor = offer.session.data();
  const UniqueSession session(
      d2i_SSL_SESSION(nullptr, &cursor, static_cast<long>(offer.session.size())));
  if (!session || cursor != offer.session.data() + offer.session.size())
    return "the session ticket cannot be read";
  const bool is_ours = SSL_SESSION_is_resumable(session.get()) == 1 && !isOver(session.get()) &&
                       isOfContext(session.get(), offer.session_id_context) &&
                       hasSuiteOf(ssl, session.get()) && isOfName(session.get(), offer.server_name);
  if (is_ours && SSL_set_session(ssl, session.get()) != 1)
    return "the session cannot be used: " + errors.drain();
  return {};
}

Bytes sessionOf(const SSL* ssl) {
  const ErrorScope errors;
  SSL_SESSION* session = SSL_get_session(ssl);
  if (session == nullptr || SSL_is_server(ssl) != 0 || SSL_SESSION_is_resumable(session) != 1)
    return {};
  const int size = i2d_SSL_SESSION(session, nullptr);
  if (size <= 0) return {};
  Bytes der(static_cast<std::size_t>(size));
  unsigned char* end = der.data();
  i2d_SSL_SESSION(session, &end);
  return der;
}

double ticketLifetimeOf(const SSL* ssl) {
  const SSL_SESSION* session = SSL_get_session(ssl);
  const bool has_ticket =
      session != nullptr && SSL_is_server(ssl) == 0 && SSL_SESSION_has_ticket(session) == 1;
  return has_ticket ? static_cast<double>(SSL_SESSION_get_ticket_lifetime_hint(session)) : -1;
}

// A session keeps one complaint, the last, and one certificate, the leaf.
void judgeResumed(const SSL* ssl, std::vector<VerificationRecord>& complaints) {
  if (SSL_session_reused(ssl) != 1 || !complaints.empty()) return;
  const auto result = static_cast<int>(SSL_get_verify_result(ssl));
  if (result != X509_V_OK) complaints.push_back({result, 0});
  const X509* leaf = SSL_get0_peer_certificate(ssl);
  if (leaf == nullptr || result == X509_V_ERR_CERT_HAS_EXPIRED) return;
  if (X509_cmp_current_time(X509_get0_notAfter(leaf)) < 0)
    complaints.push_back({X509_V_ERR_CERT_HAS_EXPIRED, 0});
}

}  // namespace qdtls
