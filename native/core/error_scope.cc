#include "error_scope.h"

#include <openssl/err.h>

namespace qdtls {

namespace {

// It is mostly empty, and to look costs an eighth of what emptying does.
void emptyQueue() {
  if (ERR_peek_error() != 0) ERR_clear_error();
}

}  // namespace

ErrorScope::ErrorScope() { emptyQueue(); }

ErrorScope::~ErrorScope() { emptyQueue(); }

std::string ErrorScope::drainAll() {
  std::string text;
  while (const unsigned long code = ERR_get_error()) {
    const char* reason = ERR_reason_error_string(code);
    if (!text.empty()) text += "; ";
    text += reason != nullptr ? reason : "error " + std::to_string(code);
  }
  return text;
}

}  // namespace qdtls
