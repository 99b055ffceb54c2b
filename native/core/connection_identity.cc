// Who the two sides of a connection say they are: server names, and sessions that are continued.
#include "connection.h"
#include "error_scope.h"

namespace qdtls {

std::string Connection::prepare(const std::string& server_name, ByteView session) {
  const ErrorScope errors;
  if (!server_name.empty() && SSL_set_tlsext_host_name(ssl_.get(), server_name.c_str()) != 1) {
    return "the server name cannot be used: " + errors.drain();
  }
  if (session.empty() || !context_->resumes()) return {};
  return offerSession(ssl_.get(), {session, context_->sessionIdContext(), server_name});
}

bool Connection::isAsking() {
  return bio_.psk().asking() || (events_.server_names && events_.server_names->asking());
}

Outcome Connection::provideContext(std::shared_ptr<const Context> context) {
  if (!events_.server_names || !events_.server_names->asking()) {
    return finish(Status::kRefused, "no context is asked for");
  }
  const ErrorScope errors;
  if (context) context_ = context;
  std::string problem = events_.server_names->goOn(ssl_.get(), std::move(context));
  if (events_.isLoggingKeys()) logKeys();  // the callback is the context's
  Outcome outcome = takeWaiting(take({}));
  if (!problem.empty()) outcome.reason = std::move(problem);
  return outcome;
}

Outcome Connection::refuseServerName(int alert) {
  if (!events_.server_names || !events_.server_names->asking()) {
    return finish(Status::kRefused, "no context is asked for");
  }
  events_.server_names->refuse(alert);
  return take({});
}

std::string Connection::serverName() const {
  if (events_.server_names) return events_.server_names->name();
  const char* name = SSL_get_servername(ssl_.get(), TLSEXT_NAMETYPE_host_name);
  return name != nullptr ? name : std::string();
}

}  // namespace qdtls
