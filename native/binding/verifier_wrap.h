#pragma once

#include <napi.h>

#include <optional>
#include <string>

#include "binding/mailbox.h"
#include "core/client_verifier.h"

namespace qdtls::binding {

// new ClientVerifier(digest: string, secrets: Uint8Array[], bindsHello: boolean), the present secret first: `error` is '' when it was made.
class ClientVerifierWrap final : public Napi::ObjectWrap<ClientVerifierWrap> {
 public:
  // The mailbox lives as long as the environment.
  static Napi::Function define(Napi::Env env, Mailbox* mailbox);
  explicit ClientVerifierWrap(const Napi::CallbackInfo& info);

  [[nodiscard]] const ClientVerifier* verifier() const { return verifier_ ? &*verifier_ : nullptr; }

 private:
  Napi::Value decide(const Napi::CallbackInfo& info);
  Napi::Value error(const Napi::CallbackInfo& info);

  Mailbox* mailbox_;
  std::optional<ClientVerifier> verifier_;
  std::string error_;
};

// (address: Uint8Array, port: number) from two arguments of a call.
[[nodiscard]] Peer peerOf(const Napi::Value& address, const Napi::Value& port);

}  // namespace qdtls::binding
