#include "binding/verifier_wrap.h"

#include "binding/convert.h"

namespace qdtls::binding {

Peer peerOf(const Napi::Value& address, const Napi::Value& port) {
  return {viewOf(address), static_cast<std::uint16_t>(numberOf(port))};
}

Napi::Function ClientVerifierWrap::define(Napi::Env env, Mailbox* mailbox) {
  return DefineClass(env, "ClientVerifier",
                     {InstanceMethod<&ClientVerifierWrap::decide>("decide"),
                      InstanceAccessor<&ClientVerifierWrap::error>("error")},
                     mailbox);
}

ClientVerifierWrap::ClientVerifierWrap(const Napi::CallbackInfo& info)
    : ObjectWrap(info), mailbox_(static_cast<Mailbox*>(info.Data())) {
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

// decide(datagram, address, port): the verdict. The datagram to answer with goes to the mailbox.
Napi::Value ClientVerifierWrap::decide(const Napi::CallbackInfo& info) {
  if (!verifier_) return Napi::Number::New(info.Env(), static_cast<int>(ClientVerifier::Verdict::kDropped));
  const auto decision = verifier_->decide(viewOf(info[0]), peerOf(info[1], info[2]));
  mailbox_->put(decision.answer);
  return Napi::Number::New(info.Env(), static_cast<int>(decision.verdict));
}

Napi::Value ClientVerifierWrap::error(const Napi::CallbackInfo& info) {
  return Napi::String::New(info.Env(), error_);
}

}  // namespace qdtls::binding
