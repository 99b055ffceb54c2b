#include "error_scope.h"

#include <openssl/err.h>

namespace qdtls {

ErrorScope::ErrorScope() { ERR_clear_error(); }

ErrorScope::~ErrorScope() { ERR_clear_error(); }

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
