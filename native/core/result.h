#pragma once

#include <string>
#include <utility>
#include <variant>

namespace qdtls {

// Why an object could not be made, in a sentence that may be shown to a user. Never holds a secret.
struct Error final {
  std::string text;
};

// What fallible construction returns: a value or an Error.
template <typename T>
class [[nodiscard]] Result final {
 public:
  Result(T value) : state_(std::move(value)) {}      // NOLINT(google-explicit-constructor): `return value;`
  Result(Error error) : state_(std::move(error)) {}  // NOLINT(google-explicit-constructor): `return Error{...};`

  [[nodiscard]] bool ok() const { return std::holds_alternative<T>(state_); }
  [[nodiscard]] T& value() { return *std::get_if<T>(&state_); }
  [[nodiscard]] const Error& error() const { return *std::get_if<Error>(&state_); }

 private:
  std::variant<T, Error> state_;
};

}  // namespace qdtls
