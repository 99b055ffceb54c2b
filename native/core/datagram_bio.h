#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "bytes.h"
#include "openssl_ptr.h"
#include "psk_gate.h"
#include "record_guard.h"

namespace qdtls {

// The link between one SSL and its datagrams: one write is one datagram, one read hands out one record of the datagram
// that was lent (OpenSSL cannot tell it from a datagram with one record), if guard and PSK gate let it pass. BIO_s_mem would glue
// the datagrams of a flight together, and BIO_s_dgram_mem is missing before OpenSSL 3.2.
// The state outlives the BIOs made from it (they point here); Connection orders its members accordingly.
class DatagramBio final {
 public:
  explicit DatagramBio(Statistics& statistics) : guard_(statistics) {}
  DatagramBio(const DatagramBio&) = delete;
  DatagramBio& operator=(const DatagramBio&) = delete;

  [[nodiscard]] static UniqueBioMethod makeMethod();

  // Gives the SSL a read and a write BIO on this state. Two objects, because retry flags are per object and
  // OpenSSL writes (a repeated last flight) from inside reads.
  [[nodiscard]] bool attach(SSL* ssl, const BIO_METHOD* method);

  [[nodiscard]] RecordGuard& guard() { return guard_; }
  [[nodiscard]] const RecordGuard& guard() const { return guard_; }
  [[nodiscard]] PskGate& psk() { return psk_; }

  // The record that the PSK gate holds back, and what came behind it in its datagram.
  [[nodiscard]] Bytes takeHeld() { return std::exchange(held_, {}); }

  // A server's first record must be numbered no lower than the hello it answers: the HelloVerifyRequests before it used
  // the numbers of the hellos (RFC 6347 section 4.2.1), and a client drops what it has seen. DTLSv1_listen() before
  // OpenSSL 3.2 sees to it, later ones start at 1 (openssl/openssl#32063). Unencrypted numbers are not authenticated,
  // so they can be raised here.
  void startSequenceAt(std::uint64_t first) { first_sequence_ = first; }

  // How many bytes of records are put into one datagram.
  void setMtu(std::size_t bytes) { mtu_ = bytes; }

  // The datagrams written since the last call, in order. OpenSSL packs a flight into few datagrams at first, and flushes
  // after every message when it repeats one: packed again here, fewer datagrams can get lost.
  [[nodiscard]] std::vector<Bytes> takeOutput() { return std::exchange(output_, {}); }
  [[nodiscard]] bool hasOutput() const { return !output_.empty(); }

  // Whether there is something that OpenSSL has not read: of the datagram that was lent, or what came too early.
  [[nodiscard]] bool hasInput() const { return !input_.empty() || guard_.hasEarly(); }

  // Whether OpenSSL was given one record of the datagram that was lent last, and there is no other.
  [[nodiscard]] bool wasOneRecord() const { return records_read_ == 1 && input_.empty(); }

  enum class Stage { kHandshake, kEstablished };

  // Lends a datagram to OpenSSL for one step: the borrowed view is dropped when the step ends, read or not.
  class Input final {
   public:
    Input(DatagramBio& bio, ByteView datagram, Stage stage = Stage::kHandshake) : bio_(bio) {
      bio_.input_ = datagram;
      bio_.expects_data_ = stage == Stage::kEstablished;
      bio_.records_read_ = 0;
    }
    ~Input() { bio_.input_ = ByteView(); }
    Input(const Input&) = delete;
    Input& operator=(const Input&) = delete;

   private:
    DatagramBio& bio_;
  };

  // Lends room for the first record that OpenSSL writes in one step; what does not fit goes the usual way.
  class Output final {
   public:
    Output(DatagramBio& bio, Room room) : bio_(bio) {
      bio_.room_ = room;
      bio_.room_used_ = 0;
    }
    ~Output() { bio_.room_ = Room(); }
    Output(const Output&) = delete;
    Output& operator=(const Output&) = delete;

    [[nodiscard]] std::size_t size() const { return bio_.room_used_; }

   private:
    DatagramBio& bio_;
  };

 private:
  static int read(BIO* bio, char* buffer, std::size_t size, std::size_t* count);
  void setDry(BIO* bio, bool is_dry);
  static int write(BIO* bio, const char* data, std::size_t size, std::size_t* count);
  void queue(ByteView records);
  void add(ByteView record, std::size_t written);
  void renumber(std::uint8_t* record);
  static long control(BIO* bio, int command, long number, void* pointer);

  [[nodiscard]] ByteView nextRecord();

  RecordGuard guard_;
  PskGate psk_;
  ByteView input_;
  bool expects_data_ = false;  // the first record of the datagram finds the association established
  Bytes held_;
  std::vector<Bytes> output_;
  Room room_;
  std::size_t room_used_ = 0;
  unsigned records_read_ = 0;
  bool is_dry_ = false;  // the read BIO's retry flag
  std::uint64_t input_sequence_ = 0;
  std::size_t mtu_ = 0;
  std::uint64_t first_sequence_ = 0;
  std::optional<std::uint64_t> sequence_offset_;
};

}  // namespace qdtls
