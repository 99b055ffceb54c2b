#include "binding/convert.h"

#include <map>

namespace qdtls::binding {

namespace {

// What to make of each element of an array.
template <typename Read>
auto eachOf(const Napi::Value& array, Read read) {
  std::vector<decltype(read(array))> results;
  if (array.IsEmpty()) return results;
  const auto list = array.As<Napi::Array>();
  results.reserve(list.Length());
  for (std::uint32_t i = 0; i < list.Length(); ++i) results.push_back(read(list.Get(i)));
  return results;
}

}  // namespace

ByteView viewOf(const Napi::Value& uint8_array) {
  if (uint8_array.IsEmpty()) return {};
  void* data = nullptr;
  std::size_t size = 0;
  if (napi_get_buffer_info(uint8_array.Env(), uint8_array, &data, &size) != napi_ok) return {};
  return {static_cast<const std::uint8_t*>(data), size};
}

std::vector<ByteView> viewsOf(const Napi::Value& array) { return eachOf(array, viewOf); }

std::string textOf(const Napi::Value& string) {
  return string.IsEmpty() ? std::string() : string.As<Napi::String>().Utf8Value();
}

std::vector<std::string> textsOf(const Napi::Value& array) { return eachOf(array, textOf); }

int numberOf(const Napi::Value& number) { return number.IsEmpty() ? 0 : number.As<Napi::Number>().Int32Value(); }

bool flagOf(const Napi::Value& boolean) { return !boolean.IsEmpty() && boolean.As<Napi::Boolean>().Value(); }

Napi::Value bufferFrom(Napi::Env env, ByteView bytes) {
  return Napi::Buffer<std::uint8_t>::Copy(env, bytes.data(), bytes.size());
}

Napi::Value arrayFrom(Napi::Env env, const std::vector<Bytes>& list) {
  const auto array = Napi::Array::New(env, list.size());
  for (std::size_t i = 0; i < list.size(); ++i) array.Set(static_cast<std::uint32_t>(i), bufferFrom(env, list[i]));
  return array;
}

Napi::Value listFrom(Napi::Env env, const Outcome& outcome) {
  const auto list = Napi::Array::New(env);
  std::uint32_t at = 0;
  list.Set(at++, Napi::Number::New(env, static_cast<int>(outcome.status)));
  list.Set(at++, Napi::String::New(env, outcome.reason));
  list.Set(at++, Napi::Number::New(env, static_cast<double>(outcome.datagrams.size())));
  for (const Bytes& datagram : outcome.datagrams) list.Set(at++, bufferFrom(env, datagram));
  for (const Bytes& plaintext : outcome.plaintexts) list.Set(at++, bufferFrom(env, plaintext));
  return list;
}

Napi::Value objectFrom(Napi::Env env, const CipherInfo& cipher) {
  const auto object = Napi::Object::New(env);
  object.Set("name", Napi::String::New(env, cipher.name));
  object.Set("standardName", Napi::String::New(env, cipher.standard_name));
  object.Set("usedBits", Napi::Number::New(env, cipher.used_bits));
  object.Set("supportedBits", Napi::Number::New(env, cipher.supported_bits));
  object.Set("keyExchange", Napi::String::New(env, cipher.key_exchange));
  object.Set("authentication", Napi::String::New(env, cipher.authentication));
  object.Set("encryption", Napi::String::New(env, cipher.encryption));
  object.Set("aead", Napi::Boolean::New(env, cipher.aead));
  return object;
}

namespace {

// { name: count } of the alerts there were. OpenSSL calls all that it does not know "unknown".
Napi::Value objectFrom(Napi::Env env, const AlertCounts& alerts) {
  std::map<std::string, std::uint64_t> by_name;
  for (const auto& [description, count] : alerts.entries()) by_name[alertName(description)] += count;
  const auto object = Napi::Object::New(env);
  for (const auto& [name, count] : by_name) object.Set(name, Napi::Number::New(env, static_cast<double>(count)));
  return object;
}

}  // namespace

Napi::Value objectFrom(Napi::Env env, const Statistics& statistics, const RecordGuard::Counters& counters) {
  const auto object = Napi::Object::New(env);
  const auto set = [&](const char* name, std::uint64_t count) {
    object.Set(name, Napi::Number::New(env, static_cast<double>(count)));
  };
  set("datagramsReceived", statistics.datagrams_received);
  set("bytesReceived", statistics.bytes_received);
  set("datagramsSent", statistics.datagrams_sent);
  set("bytesSent", statistics.bytes_sent);
  set("retransmissions", statistics.retransmissions);
  object.Set("alertsReceived", objectFrom(env, statistics.alerts_received));
  object.Set("alertsSent", objectFrom(env, statistics.alerts_sent));
  const auto dropped = Napi::Array::New(env);  // in the order of core/record_guard.h, Drop
  for (const std::uint64_t count : counters) {
    dropped.Set(dropped.Length(), Napi::Number::New(env, static_cast<double>(count)));
  }
  object.Set("dropped", dropped);
  return object;
}

}  // namespace qdtls::binding
