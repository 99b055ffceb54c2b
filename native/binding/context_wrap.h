#pragma once

#include <napi.h>

#include <memory>
#include <string>

#include "core/context.h"
#include "core/trust_store.h"

namespace qdtls::binding {

// new TrustStore(certificates: Uint8Array[]): `error` is '' when it was made.
class TrustStoreWrap final : public Napi::ObjectWrap<TrustStoreWrap> {
 public:
  static Napi::Function define(Napi::Env env);
  explicit TrustStoreWrap(const Napi::CallbackInfo& info);

  [[nodiscard]] const std::shared_ptr<const TrustStore>& store() const { return store_; }

 private:
  Napi::Value error(const Napi::CallbackInfo& info);

  std::shared_ptr<const TrustStore> store_;
  std::string error_;
};

// new Context(options): `error` is '' when it was made.
class ContextWrap final : public Napi::ObjectWrap<ContextWrap> {
 public:
  static Napi::Function define(Napi::Env env);
  explicit ContextWrap(const Napi::CallbackInfo& info);

  [[nodiscard]] const std::shared_ptr<const Context>& context() const { return context_; }

 private:
  Napi::Value error(const Napi::CallbackInfo& info);

  std::shared_ptr<const Context> context_;
  std::string error_;
};

}  // namespace qdtls::binding
