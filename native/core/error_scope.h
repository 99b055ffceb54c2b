#pragma once

#include <string>

namespace qdtls {

// Stands around every OpenSSL call. The error queue belongs to the thread and Node's own TLS uses it too, and
// SSL_get_error() reads it (man SSL_get_error): a stale entry would turn "would block" into a fatal error.
// Decisions are taken on SSL_get_error()'s result; the queue is only ever drained for its text.
class ErrorScope final {
 public:
  ErrorScope();
  ~ErrorScope();
  ErrorScope(const ErrorScope&) = delete;
  ErrorScope& operator=(const ErrorScope&) = delete;

  // The reasons in the queue, oldest first, joined by "; ". Empties the queue.
  [[nodiscard]] std::string drain() const { return drainAll(); }
  // Where entering cost too much: what others left in the queue comes along.
  [[nodiscard]] static std::string drainAll();
};

}  // namespace qdtls
