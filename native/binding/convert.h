#pragma once

#include <napi.h>

#include <string>
#include <vector>

#include "core/bytes.h"
#include "core/cipher_list.h"
#include "core/connection.h"
#include "core/outcome.h"

namespace qdtls::binding {

// A worker can be terminated at any moment, and from then on looking into an object, or behind one, gives an empty
// value. Those read as nothing, 0 or false: nobody is left who could be told.

// Borrowed for the call: JavaScript's memory, looked up once.
[[nodiscard]] ByteView viewOf(const Napi::Value& uint8_array);
[[nodiscard]] std::vector<ByteView> viewsOf(const Napi::Value& array);
[[nodiscard]] std::string textOf(const Napi::Value& string);
[[nodiscard]] std::vector<std::string> textsOf(const Napi::Value& array);
[[nodiscard]] int numberOf(const Napi::Value& number);
[[nodiscard]] bool flagOf(const Napi::Value& boolean);

// The native side of an object, or nullptr.
template <typename Wrap>
[[nodiscard]] Wrap* unwrap(const Napi::Value& object) {
  return object.IsObject() ? Wrap::Unwrap(object.As<Napi::Object>()) : nullptr;
}

[[nodiscard]] Napi::Value bufferFrom(Napi::Env env, ByteView bytes);
[[nodiscard]] Napi::Value arrayFrom(Napi::Env env, const std::vector<Bytes>& list);
// [status, reason, number of datagrams, datagrams ..., plaintexts ...]: an object costs several times as much.
[[nodiscard]] Napi::Value listFrom(Napi::Env env, const Outcome& outcome);
[[nodiscard]] Napi::Value objectFrom(Napi::Env env, const CipherInfo& cipher);
[[nodiscard]] Napi::Value objectFrom(Napi::Env env, const Statistics& statistics, const RecordGuard::Counters& dropped);

}  // namespace qdtls::binding
