#pragma once

#include <napi.h>

#include "core/psk.h"

namespace qdtls::binding {

// Asks a JavaScript function for a key while OpenSSL waits. The function must not throw (the facade holds what a
// listener throws); should it, or should the worker be ending, the answer is "no key".
class PskBridge final : public PskSource {
 public:
  explicit PskBridge(const Napi::Value& function) : function_(function) {}

  [[nodiscard]] PskAnswer lookUp(const PskRequest& request) override;

 private:
  Napi::Value function_;
};

}  // namespace qdtls::binding
