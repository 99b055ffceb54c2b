#pragma once

#include <napi.h>

#include <string>
#include <vector>

#include "core/bytes.h"
#include "core/cipher_list.h"
#include "core/outcome.h"

namespace qdtls::binding {

// Borrowed for the call: JavaScript's memory, looked up once.
[[nodiscard]] ByteView viewOf(const Napi::Value& uint8_array);
[[nodiscard]] std::vector<ByteView> viewsOf(const Napi::Value& array);
[[nodiscard]] std::string textOf(const Napi::Value& string);

[[nodiscard]] Napi::Value bufferFrom(Napi::Env env, ByteView bytes);
[[nodiscard]] Napi::Value arrayFrom(Napi::Env env, const std::vector<Bytes>& list);
[[nodiscard]] Napi::Value objectFrom(Napi::Env env, const Outcome& outcome);
[[nodiscard]] Napi::Value objectFrom(Napi::Env env, const CipherInfo& cipher);

}  // namespace qdtls::binding
