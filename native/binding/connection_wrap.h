#pragma once

#include <napi.h>

#include <memory>
#include <string>

#include "binding/connection_table.h"
#include "binding/mailbox.h"
#include "core/connection.h"

namespace qdtls::binding {

// new Connection(context: Context, mtu, limits ..., timeouts ...) leaves in the mailbox by which slot and generation RecordCalls
// finds it; slot -1 and an `error` when it was not made. Each step leaves its outcome in the mailbox, or returns it as a list
// when it does not fit or has a reason to tell.
class ConnectionWrap final : public Napi::ObjectWrap<ConnectionWrap> {
 public:
  // What all of one environment use.
  struct Shared final {
    Mailbox* mailbox;  // lives as long as the environment
    std::shared_ptr<ConnectionTable> table;
  };

  // `shared` lives as long as the environment.
  static Napi::Function define(Napi::Env env, Shared* shared);
  explicit ConnectionWrap(const Napi::CallbackInfo& info);
  ~ConnectionWrap() override;  // without Finalize(), when the environment ends inside the constructor
  void Finalize(Napi::Env env) override;

 private:
  Napi::Value error(const Napi::CallbackInfo& info);
  Napi::Value start(const Napi::CallbackInfo& info);
  Napi::Value accept(const Napi::CallbackInfo& info);
  Napi::Value acceptVerified(const Napi::CallbackInfo& info);
  Napi::Value handshake(const Napi::CallbackInfo& info);
  Napi::Value providePsk(const Napi::CallbackInfo& info);
  void pskSubject(const Napi::CallbackInfo& info);
  Napi::Value handleTimeout(const Napi::CallbackInfo& info);
  Napi::Value takeRest(const Napi::CallbackInfo& info);
  Napi::Value shutdown(const Napi::CallbackInfo& info);
  Napi::Value maximumPayload(const Napi::CallbackInfo& info);
  Napi::Value cipher(const Napi::CallbackInfo& info);
  Napi::Value checkHost(const Napi::CallbackInfo& info);
  Napi::Value checkIp(const Napi::CallbackInfo& info);
  Napi::Value peerCertificates(const Napi::CallbackInfo& info);
  Napi::Value verification(const Napi::CallbackInfo& info);
  void setMtu(const Napi::CallbackInfo& info);
  Napi::Value statistics(const Napi::CallbackInfo& info);
  Napi::Value ignoredAlert(const Napi::CallbackInfo& info);
  Napi::Value applicationProtocol(const Napi::CallbackInfo& info);
  Napi::Value srtpProfile(const Napi::CallbackInfo& info);
  Napi::Value exportKeys(const Napi::CallbackInfo& info);
  void logKeys(const Napi::CallbackInfo& info);
  Napi::Value takeKeyLog(const Napi::CallbackInfo& info);
  Napi::Value prepare(const Napi::CallbackInfo& info);
  Napi::Value provideContext(const Napi::CallbackInfo& info);
  Napi::Value refuseServerName(const Napi::CallbackInfo& info);
  Napi::Value serverName(const Napi::CallbackInfo& info);
  Napi::Value isResumed(const Napi::CallbackInfo& info);
  Napi::Value session(const Napi::CallbackInfo& info);
  Napi::Value ticketLifetime(const Napi::CallbackInfo& info);
  void trim(const Napi::CallbackInfo& info);
  void dispose(const Napi::CallbackInfo& info);

  // Runs one step, unless the connection is gone.
  template <typename Run>
  Napi::Value step(Napi::Env env, Run run);
  // A step of the handshake, after which JavaScript asks how the connection stands.
  template <typename Run>
  Napi::Value handshakeStep(Napi::Env env, Run run);
  void release(Napi::Env env);
  void tellCollector(Napi::Env env);

  Mailbox* mailbox_;
  std::shared_ptr<ConnectionTable> table_;
  std::unique_ptr<Connection> connection_;
  ConnectionTable::Handle handle_;
  // What is left of a connection that was released. Not in memory of its own: one would wait for the collector after each.
  struct Counters final {
    Statistics statistics;
    RecordGuard::Counters dropped{};
  };
  Counters last_;
  std::string error_;
};

}  // namespace qdtls::binding
