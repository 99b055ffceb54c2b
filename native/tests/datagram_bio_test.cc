#include "core/datagram_bio.h"

#include <cstring>

#include "association.h"
#include "harness.h"
#include "records.h"

namespace qdtls::testing {
namespace {

// An SSL with our two BIOs, which the tests drive as OpenSSL does.
struct Bench final {
  UniqueBioMethod method = DatagramBio::makeMethod();
  UniqueSslCtx context{SSL_CTX_new(DTLS_method())};
  DatagramBio bio;
  UniqueSsl ssl{SSL_new(context.get())};
  bool attached = bio.attach(ssl.get(), method.get());

  [[nodiscard]] BIO* reader() const { return SSL_get_rbio(ssl.get()); }
  [[nodiscard]] BIO* writer() const { return SSL_get_wbio(ssl.get()); }
  [[nodiscard]] int write(const char* text) const {
    return BIO_write(writer(), text, static_cast<int>(std::strlen(text)));
  }
  [[nodiscard]] int read(std::size_t size = 100) {
    buffer.assign(size, 0xee);
    return BIO_read(reader(), buffer.data(), static_cast<int>(size));
  }

  Bytes buffer;
};

// Of a kind that is let through before the handshake.
Bytes someRecord(const std::string& text) {
  return Record{kHandshake, 0, 0, bytesOf(text)}.encode();
}

void attachesTwoBios() {
  Bench bench;
  CHECK(bench.attached);
  CHECK(bench.reader() != bench.writer());
  CHECK_EQ(BIO_method_type(bench.reader()), BIO_TYPE_DGRAM);
}

void keepsWritesApart() {
  Bench bench;
  CHECK_EQ(bench.write("one"), 3);
  CHECK_EQ(bench.write("three"), 5);
  const Datagrams expected = {bytesOf("one"), bytesOf("three")};
  CHECK(bench.bio.takeOutput() == expected);
  CHECK(bench.bio.takeOutput().empty());
}

void readsAWholeRecordOnce() {
  Bench bench;
  const Bytes datagram = someRecord("a record");
  const DatagramBio::Input input(bench.bio, datagram);
  CHECK_EQ(bench.read(), static_cast<int>(datagram.size()));
  bench.buffer.resize(datagram.size());
  CHECK_EQ(bench.buffer, datagram);
  CHECK_EQ(bench.read(), -1);
}

void readsTheRecordsOfADatagramOneByOne() {
  Bench bench;
  const Bytes datagram = joined({someRecord("one"), someRecord("three")});
  const DatagramBio::Input input(bench.bio, datagram);
  CHECK_EQ(bench.read(), static_cast<int>(kRecordHeader + 3));
  CHECK_EQ(bench.read(), static_cast<int>(kRecordHeader + 5));
  CHECK_EQ(bench.read(), -1);
}

void readsNothingOfGarbage() {
  Bench bench;
  const Bytes datagram = bytesOf("this is no record at all");
  const DatagramBio::Input input(bench.bio, datagram);
  CHECK_EQ(bench.read(), -1);
  CHECK(BIO_should_retry(bench.reader()) != 0);
}

void neverReadsZero() {
  Bench bench;
  CHECK_EQ(bench.read(), -1);
  CHECK(BIO_should_retry(bench.reader()) != 0);
  CHECK(BIO_should_read(bench.reader()) != 0);
  const DatagramBio::Input empty(bench.bio, {});
  CHECK_EQ(bench.read(), -1);
  CHECK(BIO_should_retry(bench.reader()) != 0);
  CHECK_EQ(BIO_eof(bench.reader()), 0);
}

void clearsTheRetryFlags() {
  Bench bench;
  CHECK_EQ(bench.read(), -1);
  const Bytes datagram = someRecord("x");
  const DatagramBio::Input input(bench.bio, datagram);
  CHECK_EQ(bench.read(), static_cast<int>(datagram.size()));
  CHECK_EQ(BIO_should_retry(bench.reader()), 0);
}

void keepsRetryFlagsOfReaderAndWriterApart() {
  Bench bench;
  CHECK_EQ(bench.read(), -1);
  CHECK_EQ(bench.write("x"), 1);
  CHECK(BIO_should_read(bench.reader()) != 0);
  CHECK_EQ(BIO_should_retry(bench.writer()), 0);
}

void cutsWhatDoesNotFit() {
  Bench bench;
  const Bytes datagram = someRecord("longer than the buffer");
  const DatagramBio::Input input(bench.bio, datagram);
  CHECK_EQ(bench.read(kRecordHeader + 6), static_cast<int>(kRecordHeader + 6));
  CHECK_EQ(textOf(bench.buffer).substr(kRecordHeader), "longer");
  CHECK_EQ(bench.read(), -1);
}

void forgetsTheInputWithItsGuard() {
  Bench bench;
  {
    const Bytes datagram = someRecord("gone");
    const DatagramBio::Input input(bench.bio, datagram);
  }
  CHECK_EQ(bench.read(), -1);
}

void answersControls() {
  Bench bench;
  CHECK_EQ(BIO_flush(bench.writer()), 1);
  CHECK_EQ(BIO_ctrl(bench.writer(), BIO_CTRL_DGRAM_GET_MTU_OVERHEAD, 0, nullptr), 0);
  CHECK_EQ(BIO_ctrl(bench.reader(), BIO_CTRL_DGRAM_SET_NEXT_TIMEOUT, 0, nullptr), 1);
  CHECK_EQ(BIO_pending(bench.reader()), 0);
  CHECK_EQ(BIO_ctrl(bench.reader(), 12345, 0, nullptr), 0);
}

}  // namespace
}  // namespace qdtls::testing

int main() {
  using namespace qdtls::testing;
  return run({
      {"gives an SSL a reader and a writer of their own", attachesTwoBios},
      {"makes one datagram of one write", keepsWritesApart},
      {"hands out a whole record, once", readsAWholeRecordOnce},
      {"hands out the records of a datagram one by one", readsTheRecordsOfADatagramOneByOne},
      {"hands out nothing of garbage", readsNothingOfGarbage},
      {"never returns 0 from a read, but asks to be retried", neverReadsZero},
      {"clears the retry flags when there is something to read", clearsTheRetryFlags},
      {"does not let a write touch the reader's retry flags",
       keepsRetryFlagsOfReaderAndWriterApart},
      {"cuts a record that does not fit, like recv()", cutsWhatDoesNotFit},
      {"forgets the lent datagram when the step ends, read or not", forgetsTheInputWithItsGuard},
      {"answers OpenSSL's controls", answersControls},
  });
}
