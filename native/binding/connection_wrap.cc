#include "binding/connection_wrap.h"

#include "binding/context_wrap.h"
#include "binding/convert.h"
#include "binding/psk_bridge.h"
#include "binding/verifier_wrap.h"

namespace qdtls::binding {
namespace {

// What an association weighs outside the JavaScript heap, so that the collector knows what dropping one is worth.
constexpr std::int64_t kExternalBytes = 64 * 1024;

}  // namespace

Napi::Function ConnectionWrap::define(Napi::Env env) {
  using Self = ConnectionWrap;
  return DefineClass(env, "Connection",
                     {
                         InstanceAccessor<&Self::error>("error"),
                         InstanceMethod<&Self::start>("start"),
                         InstanceMethod<&Self::accept>("accept"),
                         InstanceMethod<&Self::acceptVerified>("acceptVerified"),
                         InstanceMethod<&Self::handshake>("handshake"),
                         InstanceMethod<&Self::handleTimeout>("handleTimeout"),
                         InstanceMethod<&Self::send>("send"),
                         InstanceMethod<&Self::receive>("receive"),
                         InstanceMethod<&Self::shutdown>("shutdown"),
                         InstanceMethod<&Self::timeout>("timeout"),
                         InstanceMethod<&Self::maximumPayload>("maximumPayload"),
                         InstanceMethod<&Self::cipher>("cipher"),
                         InstanceMethod<&Self::version>("version"),
                         InstanceMethod<&Self::peerCertificates>("peerCertificates"),
                         InstanceMethod<&Self::verification>("verification"),
                         InstanceMethod<&Self::setMtu>("setMtu"),
                         InstanceMethod<&Self::setRetransmissionTimeouts>("setRetransmissionTimeouts"),
                         InstanceMethod<&Self::dispose>("dispose"),
                     });
}

ConnectionWrap::ConnectionWrap(const Napi::CallbackInfo& info) : ObjectWrap(info) {
  const auto* context = unwrap<ContextWrap>(info[0]);
  if (context == nullptr || !context->context()) {
    error_ = "there is no context";
    return;
  }
  auto made = Connection::create(context->context());
  if (!made.ok()) {
    error_ = made.error().text;
    return;
  }
  connection_ = std::move(made.value());
  Napi::MemoryManagement::AdjustExternalMemory(info.Env(), kExternalBytes);
}

void ConnectionWrap::Finalize(Napi::Env env) { release(env); }

void ConnectionWrap::release(Napi::Env env) {
  if (!connection_) return;
  connection_.reset();
  Napi::MemoryManagement::AdjustExternalMemory(env, -kExternalBytes);
}

template <typename Run>
Napi::Value ConnectionWrap::step(Napi::Env env, Run run) {
  if (!connection_ || busy_) return objectFrom(env, Outcome{Status::kRefused, {}, {}, "the association is busy or gone"});
  busy_ = true;
  const Outcome outcome = run(*connection_);
  busy_ = false;
  return objectFrom(env, outcome);
}

Napi::Value ConnectionWrap::error(const Napi::CallbackInfo& info) { return Napi::String::New(info.Env(), error_); }

Napi::Value ConnectionWrap::start(const Napi::CallbackInfo& info) {
  PskBridge psk(info[0]);
  return step(info.Env(), [&](Connection& connection) { return connection.start(&psk); });
}

Napi::Value ConnectionWrap::accept(const Napi::CallbackInfo& info) {
  const Bytes hello = viewOf(info[0]).copy();  // a PSK listener could detach or change the caller's memory
  PskBridge psk(info[1]);
  return step(info.Env(), [&](Connection& connection) { return connection.accept(hello, &psk); });
}

Napi::Value ConnectionWrap::acceptVerified(const Napi::CallbackInfo& info) {
  const Bytes hello = viewOf(info[0]).copy();
  const auto* wrap = unwrap<ClientVerifierWrap>(info[1]);
  const ClientVerifier* verifier = wrap != nullptr ? wrap->verifier() : nullptr;
  const Peer peer = peerOf(info[2], info[3]);
  PskBridge psk(info[4]);
  return step(info.Env(), [&](Connection& connection) {
    if (verifier == nullptr) return Outcome{Status::kFailed, {}, {}, "cookies cannot be checked"};
    return connection.acceptVerified(hello, *verifier, peer, &psk);
  });
}

Napi::Value ConnectionWrap::handshake(const Napi::CallbackInfo& info) {
  const Bytes datagram = viewOf(info[0]).copy();
  PskBridge psk(info[1]);
  return step(info.Env(), [&](Connection& connection) { return connection.handshake(datagram, &psk); });
}

Napi::Value ConnectionWrap::handleTimeout(const Napi::CallbackInfo& info) {
  return step(info.Env(), [](Connection& connection) { return connection.handleTimeout(); });
}

Napi::Value ConnectionWrap::send(const Napi::CallbackInfo& info) {
  const ByteView plaintext = viewOf(info[0]);
  return step(info.Env(), [&](Connection& connection) { return connection.send(plaintext); });
}

Napi::Value ConnectionWrap::receive(const Napi::CallbackInfo& info) {
  const ByteView datagram = viewOf(info[0]);
  return step(info.Env(), [&](Connection& connection) { return connection.receive(datagram); });
}

Napi::Value ConnectionWrap::shutdown(const Napi::CallbackInfo& info) {
  return step(info.Env(), [](Connection& connection) { return connection.shutdown(); });
}

// Milliseconds, or -1 when nothing waits for an answer.
Napi::Value ConnectionWrap::timeout(const Napi::CallbackInfo& info) {
  const auto left = connection_ ? connection_->timeout() : std::nullopt;
  return Napi::Number::New(info.Env(), left ? static_cast<double>(*left) : -1);
}

Napi::Value ConnectionWrap::maximumPayload(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), connection_ ? static_cast<double>(connection_->maximumPayload()) : 0);
}

Napi::Value ConnectionWrap::cipher(const Napi::CallbackInfo& info) {
  const auto cipher = connection_ ? connection_->cipher() : std::nullopt;
  return cipher ? objectFrom(info.Env(), *cipher) : info.Env().Null();
}

Napi::Value ConnectionWrap::version(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), connection_ ? connection_->version() : 0);
}

Napi::Value ConnectionWrap::peerCertificates(const Napi::CallbackInfo& info) {
  return arrayFrom(info.Env(), connection_ ? connection_->peerCertificates() : std::vector<Bytes>());
}

// [code, depth, code, depth ...]
Napi::Value ConnectionWrap::verification(const Napi::CallbackInfo& info) {
  const auto array = Napi::Array::New(info.Env());
  if (!connection_) return array;
  for (const VerificationRecord& record : connection_->verification()) {
    array.Set(array.Length(), Napi::Number::New(info.Env(), record.code));
    array.Set(array.Length(), Napi::Number::New(info.Env(), record.depth));
  }
  return array;
}

void ConnectionWrap::setMtu(const Napi::CallbackInfo& info) {
  if (connection_) connection_->setMtu(info[0].As<Napi::Number>().Uint32Value());
}

void ConnectionWrap::setRetransmissionTimeouts(const Napi::CallbackInfo& info) {
  if (!connection_) return;
  connection_->setRetransmissionTimeouts(
      {info[0].As<Napi::Number>().Uint32Value(), info[1].As<Napi::Number>().Uint32Value()});
}

void ConnectionWrap::dispose(const Napi::CallbackInfo& info) {
  if (!busy_) release(info.Env());
}

}  // namespace qdtls::binding
