// An established association: messages to datagrams and back. While all goes well nothing is allocated, and OpenSSL's
// error queue is not looked at: to empty it would cost a quarter of a short record.
#include <array>

#include "connection.h"
#include "error_scope.h"
#include "record_size.h"

namespace qdtls {
namespace {

constexpr const char* kNotEstablished = "the handshake is not complete";

Outcome refused(std::string reason) { return {Status::kRefused, {}, {}, std::move(reason)}; }

}  // namespace

Processed Connection::seal(ByteView plaintext, Room out) {
  if (plaintext.size() > kMaximumPlaintext) {
    return leave(refused("a datagram holds at most " + std::to_string(kMaximumPlaintext) + " bytes"));
  }
  if (!was_established_) return leave(refused(kNotEstablished));
  if (plaintext.empty()) return {};
  if (out.size() < plaintext.size() + (overhead_ == 0 ? kMaximumOverhead : overhead_)) {
    const SSL_CIPHER* cipher = SSL_get_current_cipher(ssl_.get());
    const std::size_t needed = sealedSize(cipher, plaintext.size());
    if (out.size() < needed) return leave(refused("the datagram takes " + std::to_string(needed) + " bytes"));
    overhead_ = fixedOverhead(cipher);
  }
  restoreBuffers();
  const DatagramBio::Output output(bio_, out);
  if (SSL_write(ssl_.get(), plaintext.data(), static_cast<int>(plaintext.size())) <= 0) {
    repetition_ = 0;
    return leave(finish(Status::kFailed, ErrorScope::drainAll()));
  }
  statistics_.datagrams_sent += 1;
  statistics_.bytes_sent += output.size();
  return {output.size(), false};
}

Processed Connection::open(ByteView datagram, Room out) {
  if (!was_established_) return leave(refused(kNotEstablished));
  countReceived(datagram);
  restoreBuffers();
  const DatagramBio::Input input(bio_, datagram, DatagramBio::Stage::kEstablished);
  if (out.size() == 0) return leave(readAll());
  const int count = SSL_read(ssl_.get(), out.data(), static_cast<int>(std::min(out.size(), kMaximumPlaintext)));
  if (count <= 0) return openedNothing(count);
  bio_.guard().accepted();
  const auto size = static_cast<std::size_t>(count);
  if (size == out.size() && isCut(datagram, size)) return leave(readAll({restOf({out.data(), size})}));
  if (bio_.wasOneRecord() && !bio_.hasOutput()) return {size, false};
  return leave(readAll(), size);
}

// Mostly a record that was dropped: a replay, or somebody's forgery.
Processed Connection::openedNothing(int count) {
  const ReadEnd end = endOfReading(count);
  if (end.error == SSL_ERROR_NONE) return leave(readAll());
  const bool is_waiting = end.error == SSL_ERROR_WANT_READ && isEstablished();
  if (!is_waiting || bio_.hasOutput() || !events_.fatal_alert.empty()) return leave(conclude(end));
  bio_.guard().settle();
  return {};
}

// Whether the room that was filled held only the beginning of the message. Not if it is all that fits in its record, which spares
// a question.
bool Connection::isCut(ByteView datagram, std::size_t size) {
  if (bio_.wasOneRecord() && datagram.size() == size + overhead_) return false;
  overhead_ = fixedOverhead(SSL_get_current_cipher(ssl_.get()));
  return SSL_pending(ssl_.get()) > 0;
}

// OpenSSL keeps the rest for its next read.
Bytes Connection::restOf(ByteView beginning) {
  Bytes message = beginning.copy();
  const auto left = static_cast<std::size_t>(SSL_pending(ssl_.get()));
  message.resize(beginning.size() + left);
  SSL_read(ssl_.get(), message.data() + beginning.size(), static_cast<int>(left));
  return message;
}

// Nothing is lost when the same association comes twice in one batch.
Processed Connection::leave(Outcome rest, std::size_t size) {
  const bool has_ended = rest_.status == Status::kClosed || rest_.status == Status::kFailed;
  if (has_ended) rest.status = rest_.status;
  if (has_ended) rest.reason = rest_.reason;
  append(rest_, std::move(rest));
  return {size, true};
}

Outcome Connection::send(ByteView plaintext) {
  Bytes datagram(plaintext.size() + kMaximumOverhead);
  const Processed sealed = seal(plaintext, {datagram.data(), datagram.size()});
  Outcome outcome = takeRest();
  datagram.resize(sealed.size);
  if (!datagram.empty()) outcome.datagrams.push_back(std::move(datagram));
  return outcome;
}

Outcome Connection::receive(ByteView datagram) {
  std::array<std::uint8_t, kMaximumPlaintext> buffer;
  const Processed opened = open(datagram, {buffer.data(), buffer.size()});
  Outcome outcome = takeRest();
  if (opened.size > 0) outcome.plaintexts.emplace(outcome.plaintexts.begin(), buffer.data(), buffer.data() + opened.size);
  return outcome;
}

// One datagram may hold several records, and records that came early wait inside the guard: read until it would block.
Outcome Connection::readAll(std::vector<Bytes> messages) {
  std::array<std::uint8_t, kMaximumPlaintext> buffer;
  ReadEnd end;
  while (end.error == SSL_ERROR_NONE) {
    const int count = SSL_read(ssl_.get(), buffer.data(), static_cast<int>(buffer.size()));
    if (count <= 0) {
      end = endOfReading(count);
      continue;
    }
    bio_.guard().accepted();
    messages.emplace_back(buffer.data(), buffer.data() + count);
  }
  Outcome outcome = conclude(end);
  outcome.plaintexts = std::move(messages);
  return outcome;
}

// The queue is emptied first, so that what others left there decides nothing: SSL_get_error() reads it too.
Connection::ReadEnd Connection::endOfReading(int count) {
  ReadEnd end{SSL_ERROR_NONE, ErrorScope::drainAll()};
  end.error = SSL_get_error(ssl_.get(), count);
  // A record without data is allowed (RFC 5246 section 6.2.1) and reads as 0: neither closed nor failed.
  const bool is_empty_record =
      count == 0 && end.error == SSL_ERROR_SYSCALL && isEstablished() && events_.fatal_alert.empty();
  if (is_empty_record) {
    end.error = SSL_ERROR_NONE;
    bio_.guard().accepted();
  }
  return end;
}

Outcome Connection::conclude(const ReadEnd& end) {
  bio_.guard().settle();
  // What is written while reading answers a peer that did not get our last flight.
  if (bio_.hasOutput()) repetition_ += 1;
  if (!events_.fatal_alert.empty()) return finish(Status::kFailed, events_.fatal_alert);
  if (end.error == SSL_ERROR_ZERO_RETURN) return finish(Status::kClosed);
  const bool is_waiting = end.error == SSL_ERROR_WANT_READ || end.error == SSL_ERROR_WANT_WRITE;
  if (!is_waiting) return finish(Status::kFailed, end.text);
  // An authenticated handshake message out of order leaves OpenSSL in half a renegotiation, and nothing undoes that.
  if (!isEstablished()) return finish(Status::kFailed, "a handshake message out of order");
  return finish(Status::kEstablished);
}

Outcome Connection::shutdown() {
  const ErrorScope errors;
  restoreBuffers();
  repetition_ = 0;
  if (isEstablished()) SSL_shutdown(ssl_.get());
  return finish(Status::kClosed);
}

void Connection::trim() {
  if (isEstablished() && SSL_free_buffers(ssl_.get()) == 1) is_trimmed_ = true;
}

// OpenSSL before 3.2 writes through a null pointer otherwise, also when a repeated flight makes it write while it reads.
void Connection::restoreBuffers() {
  if (!is_trimmed_) return;
  is_trimmed_ = false;
  SSL_alloc_buffers(ssl_.get());
}

}  // namespace qdtls
