#include "binding/psk_bridge.h"

#include "binding/convert.h"

namespace qdtls::binding {
namespace {

Napi::Value bufferFrom(Napi::Env env, std::string_view text) {
  return binding::bufferFrom(env, {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

}  // namespace

PskAnswer PskBridge::lookUp(const PskRequest& request) {
  PskAnswer answer;
  if (!function_.IsFunction()) return answer;
  const Napi::Env env = function_.Env();
  const Napi::HandleScope scope(env);
  const Napi::Value result = function_.As<Napi::Function>().Call(
      {bufferFrom(env, request.identity_hint), bufferFrom(env, request.identity),
       Napi::Number::New(env, static_cast<double>(request.maximum_identity_length)),
       Napi::Number::New(env, static_cast<double>(request.maximum_key_length))});
  if (env.IsExceptionPending()) {
    env.GetAndClearPendingException();
    return answer;
  }
  if (result.IsEmpty() || !result.IsArray()) return answer;
  const auto pair = result.As<Napi::Array>();  // [identity, key]
  const ByteView identity = viewOf(pair.Get(0U));
  answer.identity.assign(reinterpret_cast<const char*>(identity.data()), identity.size());
  answer.key = SecretBytes(viewOf(pair.Get(1U)));
  return answer;
}

}  // namespace qdtls::binding
