// What ConnectionWrap tells about the hellos and secrets of its connection.
#include "binding/connection_wrap.h"
#include "binding/convert.h"

namespace qdtls::binding {

// Empty when there is none.
Napi::Value ConnectionWrap::applicationProtocol(const Napi::CallbackInfo& info) {
  return bufferFrom(info.Env(), connection_ ? connection_->negotiation().protocol() : ByteView());
}

// '' when there is none.
Napi::Value ConnectionWrap::srtpProfile(const Napi::CallbackInfo& info) {
  return Napi::String::New(info.Env(),
                           connection_ ? connection_->negotiation().srtpProfile() : std::string());
}

// exportKeys(length, label, context): the keys, or why there are none. A context of null is none.
Napi::Value ConnectionWrap::exportKeys(const Napi::CallbackInfo& info) {
  if (!connection_) return Napi::String::New(info.Env(), "the association has ended");
  const auto length = static_cast<std::uint32_t>(numberOf(info[0]));
  const auto context = info[2].IsNull() ? std::nullopt : std::optional<ByteView>(viewOf(info[2]));
  auto keys = connection_->negotiation().exportKeys(length, viewOf(info[1]), context);
  if (!keys.ok()) return Napi::String::New(info.Env(), keys.error().text);
  return bufferFrom(info.Env(), keys.value().view());
}

void ConnectionWrap::logKeys(const Napi::CallbackInfo& /*info*/) {
  if (connection_) connection_->logKeys();
}

Napi::Value ConnectionWrap::takeKeyLog(const Napi::CallbackInfo& info) {
  const auto lines = connection_ ? connection_->takeKeyLog() : std::vector<SecretBytes>();
  const auto array = Napi::Array::New(info.Env());
  for (const SecretBytes& line : lines) {
    const auto* text = reinterpret_cast<const char*>(line.view().data());
    array.Set(array.Length(), Napi::String::New(info.Env(), text, line.view().size()));
  }
  return array;
}

}  // namespace qdtls::binding
