#include "binding/verifier_wrap.h"

#include "binding/convert.h"

namespace qdtls::binding {

Peer peerOf(const Napi::Value& address, const Napi::Value& port) {
  return {viewOf(address), static_cast<std::uint16_t>(numberOf(port))};
}

Napi::Function ClientVerifierWrap::define(Napi::Env env) {
  return DefineClass(env, "ClientVerifier",
                     {InstanceMethod<&ClientVerifierWrap::decide>("decide"),
                      InstanceAccessor<&ClientVerifierWrap::error>("error")});
}

ClientVerifierWrap::ClientVerifierWrap(const Napi::CallbackInfo& info) : ObjectWrap(info) {
  const std::string digest = textOf(info[0]);
  std::vector<CookieGenerator> generators;
  for (const ByteView secret : viewsOf(info[1])) {
    auto made = CookieGenerator::create(digest, secret);
    if (!made.ok()) {
      error_ = made.error().text;
      return;
    }
    generators.push_back(std::move(made.value()));
  }
  const bool binds_hello = info[2].ToBoolean();
  verifier_.emplace(std::move(generators),
                    binds_hello ? ClientVerifier::Binding::kHello : ClientVerifier::Binding::kAddress);
}

// decide(datagram, address, port): true for a verified client, else the datagram to answer with, else null.
Napi::Value ClientVerifierWrap::decide(const Napi::CallbackInfo& info) {
  if (!verifier_) return info.Env().Null();
  const auto decision = verifier_->decide(viewOf(info[0]), peerOf(info[1], info[2]));
  switch (decision.verdict) {
    case ClientVerifier::Verdict::kVerified:
      return Napi::Boolean::New(info.Env(), true);
    case ClientVerifier::Verdict::kAnswered:
      return bufferFrom(info.Env(), decision.answer);
    case ClientVerifier::Verdict::kDropped:
      break;
  }
  return info.Env().Null();
}

Napi::Value ClientVerifierWrap::error(const Napi::CallbackInfo& info) {
  return Napi::String::New(info.Env(), error_);
}

}  // namespace qdtls::binding
