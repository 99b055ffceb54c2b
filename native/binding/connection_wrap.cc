#include "binding/connection_wrap.h"

#include "binding/context_wrap.h"
#include "binding/convert.h"
#include "binding/verifier_wrap.h"

namespace qdtls::binding {
namespace {

// Tells the collector that dropping an association is worth something. It weighs nearly twice as much; but what is told brings
// the next collection of everything nearer, some 10 ms in the midst of a storm of handshakes, and an association that ends
// gives all of it back without a collector.
constexpr std::int64_t kExternalBytes = 32 * 1024;

}  // namespace

Napi::Function ConnectionWrap::define(Napi::Env env, Shared* shared) {
  using Self = ConnectionWrap;
  return DefineClass(env, "Connection",
                     {
                         InstanceAccessor<&Self::error>("error"),
                         InstanceMethod<&Self::start>("start"),
                         InstanceMethod<&Self::accept>("accept"),
                         InstanceMethod<&Self::acceptVerified>("acceptVerified"),
                         InstanceMethod<&Self::handshake>("handshake"),
                         InstanceMethod<&Self::providePsk>("providePsk"),
                         InstanceMethod<&Self::pskSubject>("pskSubject"),
                         InstanceMethod<&Self::handleTimeout>("handleTimeout"),
                         InstanceMethod<&Self::takeRest>("takeRest"),
                         InstanceMethod<&Self::shutdown>("shutdown"),
                         InstanceMethod<&Self::maximumPayload>("maximumPayload"),
                         InstanceMethod<&Self::cipher>("cipher"),
                         InstanceMethod<&Self::checkHost>("checkHost"),
                         InstanceMethod<&Self::checkIp>("checkIp"),
                         InstanceMethod<&Self::peerCertificates>("peerCertificates"),
                         InstanceMethod<&Self::verification>("verification"),
                         InstanceMethod<&Self::setMtu>("setMtu"),
                         InstanceMethod<&Self::statistics>("statistics"),
                         InstanceMethod<&Self::ignoredAlert>("ignoredAlert"),
                         InstanceMethod<&Self::applicationProtocol>("applicationProtocol"),
                         InstanceMethod<&Self::srtpProfile>("srtpProfile"),
                         InstanceMethod<&Self::exportKeys>("exportKeys"),
                         InstanceMethod<&Self::logKeys>("logKeys"),
                         InstanceMethod<&Self::takeKeyLog>("takeKeyLog"),
                         InstanceMethod<&Self::prepare>("prepare"),
                         InstanceMethod<&Self::provideContext>("provideContext"),
                         InstanceMethod<&Self::refuseServerName>("refuseServerName"),
                         InstanceMethod<&Self::serverName>("serverName"),
                         InstanceMethod<&Self::isResumed>("isResumed"),
                         InstanceMethod<&Self::session>("session"),
                         InstanceMethod<&Self::ticketLifetime>("ticketLifetime"),
                         InstanceMethod<&Self::trim>("trim"),
                         InstanceMethod<&Self::dispose>("dispose"),
                     },
                     shared);
}

ConnectionWrap::ConnectionWrap(const Napi::CallbackInfo& info)
    : ObjectWrap(info), mailbox_(static_cast<Shared*>(info.Data())->mailbox),
      table_(static_cast<Shared*>(info.Data())->table) {
  mailbox_->putHandle({});
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
  connection_->setMtu(static_cast<std::uint32_t>(numberOf(info[1])));
  HandshakeLimits limits;
  limits.maximum_bytes = static_cast<std::uint32_t>(numberOf(info[2]));
  limits.maximum_retransmissions = static_cast<std::uint32_t>(numberOf(info[3]));
  limits.obey_unauthenticated_alerts = flagOf(info[4]);
  connection_->setLimits(limits);
  connection_->setRetransmissionTimeouts(
      {static_cast<std::uint32_t>(numberOf(info[5])), static_cast<std::uint32_t>(numberOf(info[6]))});
  handle_ = table_->add(connection_.get());
  mailbox_->putHandle(handle_);
  tellCollector(info.Env());
}

ConnectionWrap::~ConnectionWrap() {
  if (connection_) table_->remove(handle_);
}

void ConnectionWrap::Finalize(Napi::Env env) { release(env); }

void ConnectionWrap::release(Napi::Env env) {
  if (!connection_) return;
  table_->remove(handle_);
  last_ = {connection_->takeStatistics(), connection_->dropped()};
  connection_.reset();
  tellCollector(env);
}

void ConnectionWrap::tellCollector(Napi::Env env) {
  const std::int64_t change = table_->takeChange();
  if (change != 0) Napi::MemoryManagement::AdjustExternalMemory(env, change * kExternalBytes);
}

template <typename Run>
Napi::Value ConnectionWrap::step(Napi::Env env, Run run) {
  const Outcome outcome =
      connection_ ? run(*connection_) : Outcome{Status::kRefused, {}, {}, "the association has ended"};
  return mailbox_->put(outcome) ? env.Undefined() : listFrom(env, outcome);
}

template <typename Run>
Napi::Value ConnectionWrap::handshakeStep(Napi::Env env, Run run) {
  return step(env, [&](Connection& connection) {
    Outcome outcome = run(connection);
    mailbox_->putStanding(connection, outcome.status);
    return outcome;
  });
}

Napi::Value ConnectionWrap::error(const Napi::CallbackInfo& info) { return Napi::String::New(info.Env(), error_); }

Napi::Value ConnectionWrap::start(const Napi::CallbackInfo& info) {
  return handshakeStep(info.Env(), [](Connection& connection) { return connection.start(); });
}

Napi::Value ConnectionWrap::accept(const Napi::CallbackInfo& info) {
  const ByteView hello = viewOf(info[0]);
  return handshakeStep(info.Env(), [&](Connection& connection) { return connection.accept(hello); });
}

Napi::Value ConnectionWrap::acceptVerified(const Napi::CallbackInfo& info) {
  const ByteView hello = viewOf(info[0]);
  const auto* wrap = unwrap<ClientVerifierWrap>(info[1]);
  const ClientVerifier* verifier = wrap != nullptr ? wrap->verifier() : nullptr;
  const Peer peer = peerOf(info[2], info[3]);
  return handshakeStep(info.Env(), [&](Connection& connection) {
    if (verifier == nullptr) return Outcome{Status::kFailed, {}, {}, "cookies cannot be checked"};
    return connection.acceptVerified(hello, *verifier, peer);
  });
}

Napi::Value ConnectionWrap::handshake(const Napi::CallbackInfo& info) {
  const ByteView datagram = viewOf(info[0]);
  return handshakeStep(info.Env(), [&](Connection& connection) { return connection.handshake(datagram); });
}

// providePsk(identity, key); an empty key is no key.
Napi::Value ConnectionWrap::providePsk(const Napi::CallbackInfo& info) {
  const ByteView identity = viewOf(info[0]);
  PskAnswer answer;
  answer.identity.assign(reinterpret_cast<const char*>(identity.data()), identity.size());
  answer.key = SecretBytes(viewOf(info[1]));
  return handshakeStep(info.Env(), [&](Connection& connection) { return connection.providePsk(std::move(answer)); });
}

void ConnectionWrap::pskSubject(const Napi::CallbackInfo& /*info*/) {
  const std::string subject = connection_ ? connection_->pskSubject() : std::string();
  mailbox_->put(ByteView(reinterpret_cast<const std::uint8_t*>(subject.data()), subject.size()));
}

Napi::Value ConnectionWrap::handleTimeout(const Napi::CallbackInfo& info) {
  return handshakeStep(info.Env(), [](Connection& connection) { return connection.handleTimeout(); });
}

Napi::Value ConnectionWrap::takeRest(const Napi::CallbackInfo& info) {
  return step(info.Env(), [](Connection& connection) { return connection.takeRest(); });
}

// The last step: it disposes of the connection too.
Napi::Value ConnectionWrap::shutdown(const Napi::CallbackInfo& info) {
  const Napi::Value outcome = step(info.Env(), [](Connection& connection) { return connection.shutdown(); });
  release(info.Env());
  return outcome;
}

Napi::Value ConnectionWrap::maximumPayload(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), connection_ ? static_cast<double>(connection_->maximumPayload()) : 0);
}

Napi::Value ConnectionWrap::cipher(const Napi::CallbackInfo& info) {
  const auto cipher = connection_ ? connection_->cipher() : std::nullopt;
  return cipher ? objectFrom(info.Env(), *cipher) : info.Env().Null();
}

Napi::Value ConnectionWrap::checkHost(const Napi::CallbackInfo& info) {
  if (!connection_) return Napi::Boolean::New(info.Env(), false);
  const auto form = static_cast<NameForm>(numberOf(info[1]));
  return Napi::Boolean::New(info.Env(), connection_->peerHasName(textOf(info[0]), form));
}

Napi::Value ConnectionWrap::checkIp(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), connection_ && connection_->peerHasAddress(textOf(info[0])));
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
  if (connection_) connection_->setMtu(static_cast<std::uint32_t>(numberOf(info[0])));
}

Napi::Value ConnectionWrap::statistics(const Napi::CallbackInfo& info) {
  if (connection_) return objectFrom(info.Env(), connection_->statistics(), connection_->dropped());
  return objectFrom(info.Env(), last_.statistics, last_.dropped);
}

// Name of the last alert that was ignored, or ''.
Napi::Value ConnectionWrap::ignoredAlert(const Napi::CallbackInfo& info) {
  const int alert = connection_ ? connection_->ignoredAlert() : -1;
  return Napi::String::New(info.Env(), alert < 0 ? std::string() : alertName(alert));
}

// prepare(serverName, session): why not, or ''.
Napi::Value ConnectionWrap::prepare(const Napi::CallbackInfo& info) {
  const std::string problem = connection_ ? connection_->prepare(textOf(info[0]), viewOf(info[1])) : std::string();
  return Napi::String::New(info.Env(), problem);
}

// provideContext(context), or null for the present one.
Napi::Value ConnectionWrap::provideContext(const Napi::CallbackInfo& info) {
  const auto* wrap = unwrap<ContextWrap>(info[0]);
  const auto context = wrap != nullptr ? wrap->context() : nullptr;
  return handshakeStep(info.Env(), [&](Connection& connection) { return connection.provideContext(context); });
}

Napi::Value ConnectionWrap::refuseServerName(const Napi::CallbackInfo& info) {
  const int alert = numberOf(info[0]);
  return handshakeStep(info.Env(), [&](Connection& connection) { return connection.refuseServerName(alert); });
}

Napi::Value ConnectionWrap::serverName(const Napi::CallbackInfo& info) {
  return Napi::String::New(info.Env(), connection_ ? connection_->serverName() : std::string());
}

Napi::Value ConnectionWrap::isResumed(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), connection_ && connection_->isResumed());
}

Napi::Value ConnectionWrap::session(const Napi::CallbackInfo& info) {
  return bufferFrom(info.Env(), connection_ ? connection_->session() : Bytes());
}

Napi::Value ConnectionWrap::ticketLifetime(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), connection_ ? connection_->ticketLifetime() : -1);
}

void ConnectionWrap::trim(const Napi::CallbackInfo& /*info*/) {
  if (connection_) connection_->trim();
}

void ConnectionWrap::dispose(const Napi::CallbackInfo& info) { release(info.Env()); }

}  // namespace qdtls::binding
