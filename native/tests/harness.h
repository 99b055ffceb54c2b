#pragma once

#include <cstddef>
#include <iostream>
#include <string>

#include "core/bytes.h"

// A table of named tests and a handful of checks: all that these executables need of a test
// framework.
//
//   void refusesAnEmptyList() { CHECK(!parse("")); }
//   int main() {
//     return qdtls::testing::run({{"refuses an empty list", refusesAnEmptyList}});
//   }
namespace qdtls::testing {

struct Test final {
  const char* name;  // a sentence that can be false
  void (*body)();
};

// Runs the tests in order and prints `N passed, N failed`. Returns the process's exit code.
[[nodiscard]] int run(std::initializer_list<Test> tests);

// Names the row of a table in the failures that are printed while it lives.
class Row final {
 public:
  explicit Row(std::string name);
  ~Row();
  Row(const Row&) = delete;
  Row& operator=(const Row&) = delete;

 private:
  std::string outer_;
};

struct Place final {
  const char* file;
  int line;
};

// Counts a check; prints it when it failed. Returns `passed`.
bool record(bool passed, const Place& place, const std::string& what);

[[nodiscard]] std::string describe(const std::string& value);
[[nodiscard]] std::string describe(const char* value);
[[nodiscard]] std::string describe(ByteView value);
[[nodiscard]] std::string describe(bool value);

template <typename T>
[[nodiscard]] std::string describe(const T& value) {
  if constexpr (std::is_enum_v<T>) {
    return std::to_string(static_cast<long long>(value));
  } else if constexpr (std::is_convertible_v<T, ByteView>) {
    return describe(ByteView(value));
  } else {
    return std::to_string(value);
  }
}

template <typename A, typename B>
bool recordEqual(const A& actual, const B& expected, const Place& place, const char* what) {
  const bool passed = actual == expected;
  return record(
      passed, place,
      passed ? what
             : std::string(what) + " is " + describe(actual) + ", not " + describe(expected));
}

[[nodiscard]] bool contains(const std::string& text, const std::string& part);
bool recordContains(const std::string& text, const std::string& part, const Place& place,
                    const char* what);

}  // namespace qdtls::testing

#define QDTLS_HERE (qdtls::testing::Place{__FILE__, __LINE__})
#define CHECK(condition) \
  qdtls::testing::record(static_cast<bool>(condition), QDTLS_HERE, #condition)
#define CHECK_EQ(actual, expected) \
  qdtls::testing::recordEqual((actual), (expected), QDTLS_HERE, #actual)
#define CHECK_HAS(text, part) qdtls::testing::recordContains((text), (part), QDTLS_HERE, #text)
// Ends the test when the rest of it would make no sense.
#define REQUIRE(condition) \
  if (!CHECK(condition)) return
