#include <napi.h>
#include <openssl/crypto.h>
#include <openssl/opensslv.h>

#include "binding/connection_wrap.h"
#include "binding/context_wrap.h"
#include "binding/convert.h"
#include "binding/record_calls.h"
#include "binding/verifier_wrap.h"

namespace qdtls::binding {
namespace {

// Whether OpenSSL is linked into the addon (binding.gyp, openssl=static) or belongs to the process.
#ifdef QDTLS_CARRIES_OPENSSL
constexpr bool kCarriesOpenSsl = true;
#else
constexpr bool kCarriesOpenSsl = false;
#endif

Napi::Value listCiphers(const Napi::CallbackInfo& info) {
  const auto array = Napi::Array::New(info.Env());
  for (const CipherInfo& cipher : qdtls::listCiphers(textOf(info[0]))) {
    array.Set(array.Length(), objectFrom(info.Env(), cipher));
  }
  return array;
}

Napi::Value connectionsCreated(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), static_cast<double>(Connection::created()));
}

Napi::Value contextsCreated(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), static_cast<double>(Context::created()));
}

}  // namespace

// What this environment loaded: a main thread or a worker each has its own.
class Addon final : public Napi::Addon<Addon> {
 public:
  Addon(Napi::Env env, Napi::Object exports) : mailbox_(exports), record_calls_(exports, mailbox_, connections_) {
    DefineAddon(exports, {
                             InstanceValue("builtFor", Napi::Number::New(env, OPENSSL_VERSION_MAJOR), napi_enumerable),
                             InstanceValue("running", Napi::Number::New(env, OPENSSL_version_major()), napi_enumerable),
                             InstanceValue("opensslVersion", Napi::String::New(env, OpenSSL_version(OPENSSL_VERSION)),
                                           napi_enumerable),
                             InstanceValue("headersVersion", Napi::String::New(env, OPENSSL_VERSION_TEXT),
                                           napi_enumerable),
                             InstanceValue("carriesOpenSsl", Napi::Boolean::New(env, kCarriesOpenSsl),
                                           napi_enumerable),
                             InstanceValue("maximumPskIdentity", Napi::Number::New(env, Connection::kMaximumPskIdentity),
                                           napi_enumerable),
                             InstanceValue("maximumPsk", Napi::Number::New(env, Connection::kMaximumPsk),
                                           napi_enumerable),
                             InstanceValue("TrustStore", TrustStoreWrap::define(env), napi_enumerable),
                             InstanceValue("Context", ContextWrap::define(env), napi_enumerable),
                             InstanceValue("Connection", ConnectionWrap::define(env, &shared_), napi_enumerable),
                             InstanceValue("ClientVerifier", ClientVerifierWrap::define(env, &mailbox_), napi_enumerable),
                             InstanceMethod("watchSerials", &Addon::watchSerials),
                         });
    exports.Set("cipherList", Napi::Function::New<listCiphers>(env, "cipherList"));
    exports.Set("contextsCreated", Napi::Function::New<contextsCreated>(env, "contextsCreated"));
    exports.Set("connectionsCreated", Napi::Function::New<connectionsCreated>(env, "connectionsCreated"));
  }

 private:
  void watchSerials(const Napi::CallbackInfo& info) {
    std::vector<Bytes> serial_numbers;
    for (const ByteView number : viewsOf(info[0])) serial_numbers.push_back(number.copy());
    mailbox_.watch(std::move(serial_numbers));
  }

  Mailbox mailbox_;
  std::shared_ptr<ConnectionTable> connections_ = std::make_shared<ConnectionTable>();
  ConnectionWrap::Shared shared_{&mailbox_, connections_};
  RecordCalls record_calls_;
};

NODE_API_ADDON(Addon)

}  // namespace qdtls::binding
