#include "binding/context_wrap.h"

#include "binding/convert.h"

namespace qdtls::binding {
namespace {

ContextOptions optionsOf(const Napi::Object& object) {
  ContextOptions options;
  options.role = static_cast<Role>(numberOf(object.Get("role")));
  options.minimum_version = numberOf(object.Get("minimumVersion"));
  options.maximum_version = numberOf(object.Get("maximumVersion"));
  options.ciphers = textOf(object.Get("ciphers"));
  options.groups = textsOf(object.Get("groups"));
  options.certificates = viewsOf(object.Get("certificates"));
  options.private_key = viewOf(object.Get("privateKey"));
  options.verification = static_cast<PeerVerification>(numberOf(object.Get("verification")));
  options.verification_depth = numberOf(object.Get("verificationDepth"));
  options.dh_parameters = viewOf(object.Get("dhParameters"));
  const ByteView hint = viewOf(object.Get("pskIdentityHint"));
  options.psk_identity_hint.assign(reinterpret_cast<const char*>(hint.data()), hint.size());
  options.prefer_server_ciphers = flagOf(object.Get("preferServerCiphers"));
  options.resumption.is_on = flagOf(object.Get("resumes"));
  options.resumption.ticket_keys = viewOf(object.Get("ticketKeys"));
  options.resumption.session_id_context = viewOf(object.Get("sessionIdContext"));
  options.asks_for_server_name = flagOf(object.Get("asksForServerName"));
  const auto* trust = unwrap<TrustStoreWrap>(object.Get("trust"));
  if (trust != nullptr) options.trust = trust->store();
  const auto commands = textsOf(object.Get("commands"));  // name, value, name, value ...
  for (std::size_t i = 0; i + 1 < commands.size(); i += 2) options.commands.emplace_back(commands[i], commands[i + 1]);
  options.application_protocols = viewsOf(object.Get("applicationProtocols"));
  options.srtp_profiles = textsOf(object.Get("srtpProfiles"));
  return options;
}

}  // namespace

Napi::Function TrustStoreWrap::define(Napi::Env env) {
  return DefineClass(env, "TrustStore", {InstanceAccessor<&TrustStoreWrap::error>("error")});
}

TrustStoreWrap::TrustStoreWrap(const Napi::CallbackInfo& info) : ObjectWrap(info) {
  auto made = TrustStore::create(viewsOf(info[0]));
  if (made.ok()) {
    store_ = std::make_shared<const TrustStore>(std::move(made.value()));
  } else {
    error_ = made.error().text;
  }
}

Napi::Value TrustStoreWrap::error(const Napi::CallbackInfo& info) { return Napi::String::New(info.Env(), error_); }

Napi::Function ContextWrap::define(Napi::Env env) {
  return DefineClass(env, "Context", {InstanceAccessor<&ContextWrap::error>("error")});
}

ContextWrap::ContextWrap(const Napi::CallbackInfo& info) : ObjectWrap(info) {
  auto made = Context::create(optionsOf(info[0].As<Napi::Object>()));
  if (made.ok()) {
    context_ = std::move(made.value());
  } else {
    error_ = made.error().text;
  }
}

Napi::Value ContextWrap::error(const Napi::CallbackInfo& info) { return Napi::String::New(info.Env(), error_); }

}  // namespace qdtls::binding
