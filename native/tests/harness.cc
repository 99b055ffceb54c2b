#include "harness.h"

#include <chrono>

namespace qdtls::testing {
namespace {

struct Progress final {
  std::string row;
  std::size_t checks = 0;
  std::size_t failures = 0;
};

Progress& progress() {
  static Progress instance;
  return instance;
}

}  // namespace

int run(std::initializer_list<Test> tests) {
  std::size_t failed = 0;
  for (const Test& test : tests) {
    const std::size_t failures = progress().failures;
    const auto begin = std::chrono::steady_clock::now();
    test.body();
    const std::chrono::duration<double, std::milli> spent =
        std::chrono::steady_clock::now() - begin;
    const bool passed = progress().failures == failures;
    if (!passed) ++failed;
    std::cout << (passed ? "ok   " : "FAIL ") << test.name << " ("
              << static_cast<long>(spent.count()) << " ms)\n";
  }
  std::cout << progress().checks << " checks\n"
            << tests.size() - failed << " passed, " << failed << " failed\n";
  return failed == 0 ? 0 : 1;
}

Row::Row(std::string name) : outer_(std::exchange(progress().row, std::move(name))) {}

Row::~Row() { progress().row = std::move(outer_); }

bool record(bool passed, const Place& place, const std::string& what) {
  ++progress().checks;
  if (passed) return true;
  ++progress().failures;
  std::cout << place.file << ':' << place.line << ": ";
  if (!progress().row.empty()) std::cout << '[' << progress().row << "] ";
  std::cout << what << '\n';
  return false;
}

std::string describe(const std::string& value) { return '"' + value + '"'; }

std::string describe(const char* value) { return describe(std::string(value)); }

std::string describe(bool value) { return value ? "true" : "false"; }

std::string describe(ByteView value) {
  constexpr const char* kDigits = "0123456789abcdef";
  constexpr std::size_t kShown = 64;
  std::string text = std::to_string(value.size()) + " bytes ";
  for (std::size_t i = 0; i < value.size() && i < kShown; ++i) {
    text += kDigits[value[i] >> 4];
    text += kDigits[value[i] & 15];
  }
  return value.size() > kShown ? text + "..." : text;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

bool recordContains(const std::string& text, const std::string& part, const Place& place,
                    const char* what) {
  return record(contains(text, part), place,
                std::string(what) + " is " + describe(text) + ", without " + describe(part));
}

}  // namespace qdtls::testing
