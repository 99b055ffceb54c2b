#pragma once

#include <string>
#include <vector>

#include "bytes.h"
#include "openssl_ptr.h"
#include "verification.h"

namespace qdtls {

// Sessions that are continued by a ticket (RFC 5077) instead of a full handshake. A resumed
// handshake shows no certificate, so what the session was made under decides whether it may be
// continued: both sides bind it to `session_id_context`, which says what was checked and whom we
// believed. A session of another context is not offered by a client, and is no session to a server:
// a full handshake follows.
struct ResumptionOptions final {
  static constexpr std::size_t kTicketKeys =
      80;  // name, HMAC key, AES key: SSL_CTX_set_tlsext_ticket_keys

  bool is_on = false;
  ByteView ticket_keys;         // servers: kTicketKeys bytes; empty: random ones
  ByteView session_id_context;  // 1 to 32 bytes
};

// Applied after everything else, so that no command brings tickets back that nobody judges. Returns
// why not, or ''.
[[nodiscard]] std::string setResumption(SSL_CTX* context, const ResumptionOptions& options);

// A client's session, as sessionOf() gave it, and the context it would be continued in.
struct Offer final {
  ByteView session;
  ByteView session_id_context;
  const std::string& server_name;
};

// Offers the session if it is of this context and name, and not over. Returns why it cannot be
// read, or ''.
[[nodiscard]] std::string offerSession(SSL* ssl, const Offer& offer);

// An established client's session in DER, with its key: a secret. Empty when there is none to be
// continued.
[[nodiscard]] Bytes sessionOf(const SSL* ssl);
// Seconds, as the server said; -1 without a ticket.
[[nodiscard]] double ticketLifetimeOf(const SSL* ssl);

// What the handshake that made a resumed session complained about, and what is wrong with its
// certificate by now.
void judgeResumed(const SSL* ssl, std::vector<VerificationRecord>& complaints);

}  // namespace qdtls
