#pragma once

#include <napi.h>

#include <memory>
#include <string>

#include "binding/connection_table.h"
#include "core/connection.h"

namespace qdtls::binding {

// new Connection(context: Context): `error` is '' when it was made. Each step returns an outcome, as a list. Data goes through
// RecordCalls, which finds the connection by `slot` and `generation`.
class ConnectionWrap final : public Napi::ObjectWrap<ConnectionWrap> {
 public:
  // `table` lives as long as the environment.
  static Napi::Function define(Napi::Env env, std::shared_ptr<ConnectionTable>* table);
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
  Napi::Value pskSubject(const Napi::CallbackInfo& info);
  Napi::Value handleTimeout(const Napi::CallbackInfo& info);
  Napi::Value slot(const Napi::CallbackInfo& info);
  Napi::Value generation(const Napi::CallbackInfo& info);
  Napi::Value takeRest(const Napi::CallbackInfo& info);
  Napi::Value shutdown(const Napi::CallbackInfo& info);
  Napi::Value timeout(const Napi::CallbackInfo& info);
  Napi::Value maximumPayload(const Napi::CallbackInfo& info);
  Napi::Value cipher(const Napi::CallbackInfo& info);
  Napi::Value cipherName(const Napi::CallbackInfo& info);
  Napi::Value checkHost(const Napi::CallbackInfo& info);
  Napi::Value checkIp(const Napi::CallbackInfo& info);
  Napi::Value version(const Napi::CallbackInfo& info);
  Napi::Value peerCertificates(const Napi::CallbackInfo& info);
  Napi::Value verification(const Napi::CallbackInfo& info);
  void setMtu(const Napi::CallbackInfo& info);
  void setRetransmissionTimeouts(const Napi::CallbackInfo& info);
  void setLimits(const Napi::CallbackInfo& info);
  Napi::Value statistics(const Napi::CallbackInfo& info);
  Napi::Value ignoredAlert(const Napi::CallbackInfo& info);
  void trim(const Napi::CallbackInfo& info);
  void dispose(const Napi::CallbackInfo& info);

  // Runs one step, unless the connection is gone.
  template <typename Run>
  Napi::Value step(Napi::Env env, Run run);
  void release(Napi::Env env);

  std::shared_ptr<ConnectionTable> table_;
  std::unique_ptr<Connection> connection_;
  ConnectionTable::Handle handle_;
  // What is left of a connection that was released.
  struct Counters final {
    Statistics statistics;
    RecordGuard::Counters dropped;
  };
  std::unique_ptr<Counters> last_;
  std::string error_;
};

}  // namespace qdtls::binding
