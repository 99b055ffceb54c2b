#include <napi.h>
#include <openssl/crypto.h>

#include "bench/c_loop.h"

namespace qdtls::bench {
namespace {

std::string textOf(const Napi::Object& object, const char* name) {
  return object.Get(name).As<Napi::String>().Utf8Value();
}

Settings settingsOf(const Napi::Object& object) {
  Settings settings;
  settings.ciphers = textOf(object, "ciphers");
  settings.groups = textOf(object, "groups");
  settings.server_certificate = textOf(object, "serverCertificate");
  settings.server_key = textOf(object, "serverKey");
  settings.client_certificate = textOf(object, "clientCertificate");
  settings.client_key = textOf(object, "clientKey");
  settings.cookies = object.Get("cookies").As<Napi::Boolean>().Value();
  return settings;
}

Napi::Value fail(Napi::Env env, const Error& error) {
  Napi::Error::New(env, "C loop: " + error.text).ThrowAsJavaScriptException();
  return env.Undefined();
}

std::uint32_t numberAt(const Napi::CallbackInfo& info, std::size_t index) {
  return info[index].As<Napi::Number>().Uint32Value();
}

Napi::Value numberFrom(Napi::Env env, Result<double> result) {
  if (!result.ok()) return fail(env, result.error());
  return Napi::Number::New(env, result.value());
}

// new CLoop(settings): see c_loop.h. Whatever goes wrong is thrown.
class CLoopWrap final : public Napi::ObjectWrap<CLoopWrap> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "CLoop",
                       {InstanceMethod<&CLoopWrap::records>("records"),
                        InstanceMethod<&CLoopWrap::handshakes>("handshakes"),
                        InstanceMethod<&CLoopWrap::memory>("memory")});
  }

  explicit CLoopWrap(const Napi::CallbackInfo& info) : ObjectWrap(info) {
    auto made = CLoop::create(settingsOf(info[0].As<Napi::Object>()));
    if (made.ok()) {
      loop_ = std::move(made.value());
    } else {
      fail(info.Env(), made.error());
    }
  }

 private:
  Napi::Value records(const Napi::CallbackInfo& info) {
    return numberFrom(info.Env(), loop_->records(numberAt(info, 0), numberAt(info, 1)));
  }

  Napi::Value handshakes(const Napi::CallbackInfo& info) {
    return numberFrom(info.Env(), loop_->handshakes(numberAt(info, 0)));
  }

  Napi::Value memory(const Napi::CallbackInfo& info) {
    auto memory = loop_->memory(numberAt(info, 0), numberAt(info, 1), numberAt(info, 2));
    if (!memory.ok()) return fail(info.Env(), memory.error());
    auto object = Napi::Object::New(info.Env());
    object.Set("fresh", memory.value().fresh);
    object.Set("traffic", memory.value().traffic);
    object.Set("trimmed", memory.value().trimmed);
    return object;
  }

  std::unique_ptr<CLoop> loop_;
};

Napi::Value allocated(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), allocatedBytes());
}

Napi::Value cpu(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), cpuNanoseconds());
}

Napi::Object initialize(Napi::Env env, Napi::Object exports) {
  exports.Set("opensslVersion", OpenSSL_version(OPENSSL_VERSION));
  exports.Set("CLoop", CLoopWrap::define(env));
  exports.Set("allocatedBytes", Napi::Function::New<allocated>(env, "allocatedBytes"));
  exports.Set("cpuNanoseconds", Napi::Function::New<cpu>(env, "cpuNanoseconds"));
  return exports;
}

NODE_API_MODULE(qdtls_bench, initialize)

}  // namespace
}  // namespace qdtls::bench
