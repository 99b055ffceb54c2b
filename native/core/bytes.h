#pragma once

#include <openssl/crypto.h>

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace qdtls {

using Bytes = std::vector<std::uint8_t>;

// Borrowed bytes. A view lives no longer than the call that received it.
class ByteView final {
 public:
  constexpr ByteView() = default;
  constexpr ByteView(const std::uint8_t* data, std::size_t size) : data_(data), size_(size) {}
  ByteView(const Bytes& bytes) : data_(bytes.data()), size_(bytes.size()) {}  // NOLINT(google-explicit-constructor): a view of a container reads as the container

  [[nodiscard]] constexpr const std::uint8_t* data() const { return data_; }
  [[nodiscard]] constexpr std::size_t size() const { return size_; }
  [[nodiscard]] constexpr bool empty() const { return size_ == 0; }
  [[nodiscard]] constexpr std::uint8_t operator[](std::size_t index) const { return data_[index]; }
  [[nodiscard]] constexpr ByteView subview(std::size_t offset, std::size_t count) const {
    return {data_ + offset, count};
  }
  [[nodiscard]] Bytes copy() const { return empty() ? Bytes() : Bytes(data_, data_ + size_); }

 private:
  const std::uint8_t* data_ = nullptr;
  std::size_t size_ = 0;
};

// Borrowed room to write to.
class Room final {
 public:
  constexpr Room() = default;
  constexpr Room(std::uint8_t* data, std::size_t size) : data_(data), size_(size) {}

  [[nodiscard]] constexpr std::uint8_t* data() const { return data_; }
  [[nodiscard]] constexpr std::size_t size() const { return size_; }

 private:
  std::uint8_t* data_ = nullptr;
  std::size_t size_ = 0;
};

// Owned bytes that are wiped when they go: keys, pre-shared keys, cookie secrets.
class SecretBytes final {
 public:
  SecretBytes() = default;
  explicit SecretBytes(ByteView bytes) : bytes_(bytes.copy()) {}
  explicit SecretBytes(Bytes&& bytes) : bytes_(std::move(bytes)) {}
  ~SecretBytes() { wipe(); }
  SecretBytes(SecretBytes&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}
  SecretBytes& operator=(SecretBytes&& other) noexcept {
    wipe();
    bytes_ = std::exchange(other.bytes_, {});
    return *this;
  }
  SecretBytes(const SecretBytes&) = delete;
  SecretBytes& operator=(const SecretBytes&) = delete;

  [[nodiscard]] ByteView view() const { return bytes_; }
  [[nodiscard]] Room room() { return {bytes_.data(), bytes_.size()}; }
  [[nodiscard]] bool empty() const { return bytes_.empty(); }

 private:
  void wipe() {
    if (!bytes_.empty()) OPENSSL_cleanse(bytes_.data(), bytes_.size());
  }

  Bytes bytes_;
};

}  // namespace qdtls
