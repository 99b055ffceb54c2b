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
  Statistics statistics;
  DatagramBio bio{statistics};
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

constexpr std::size_t kMessageHeader = 12;
constexpr std::size_t kBeforeText = kRecordHeader + kMessageHeader;

// Of a kind that is let through before the handshake: a message with a text for its body.
Bytes someRecord(const std::string& text, std::uint16_t message = 0) {
  return MessageFragment::whole(kClientHello, message, bytesOf(text)).record(0);
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

// OpenSSL flushes after every message of a flight that it repeats.
void packsWritesIntoTheMtu() {
  Bench bench;
  bench.bio.setMtu(8);
  for (const char* text : {"one", "three", "x", "eleven more", "", "1234567", "8", "9"})
    CHECK_EQ(bench.write(text), static_cast<int>(std::strlen(text)));
  const Datagrams expected = {bytesOf("onethree"), bytesOf("x"), bytesOf("eleven more"),
                              bytesOf("12345678"), bytesOf("9")};
  CHECK(bench.bio.takeOutput() == expected);
  CHECK(bench.bio.takeOutput().empty());
}

// OpenSSL before 3.2 writes more than the MTU when the last of several records is encrypted.
void splitsAWriteThatDoesNotFitTheMtu() {
  Bench bench;
  const Bytes record = someRecord("text");
  bench.bio.setMtu(2 * record.size());
  const Bytes written = joined({record, record, record});
  BIO_write(bench.writer(), written.data(), static_cast<int>(written.size()));
  CHECK(bench.bio.takeOutput() == (Datagrams{joined({record, record}), record}));
}

void raisesTheNumbersOfUnencryptedRecords() {
  struct Case {
    const char* name;
    std::uint64_t start;
    std::uint64_t own;  // of OpenSSL's first record
    std::uint64_t first;
  };
  for (const Case& one : {Case{"not asked to", 0, 1, 1},
                          {"from 0", 5, 0, 5},
                          {"from 1", 5, 1, 5},
                          {"there already", 5, 5, 5},
                          {"past it", 5, 9, 9},
                          {"large", 0xfffffffffff0, 1, 0xfffffffffff0}}) {
    const Row row(one.name);
    Bench bench;
    bench.bio.startSequenceAt(one.start);
    const auto record = [&](std::uint16_t epoch, std::uint64_t sequence) {
      return Record{kHandshake, epoch, sequence, bytesOf("content")}.encode();
    };
    const auto write = [&](const Bytes& datagram) {
      BIO_write(bench.writer(), datagram.data(), static_cast<int>(datagram.size()));
    };
    write(joined({record(0, one.own), record(0, one.own + 1)}));
    write(joined({record(0, one.own + 2), record(1, 0), record(0, one.own + 3), record(1, 1)}));
    CHECK_EQ(joined(bench.bio.takeOutput()),
             joined({record(0, one.first), record(0, one.first + 1), record(0, one.first + 2),
                     record(1, 0), record(0, one.first + 3), record(1, 1)}));
  }
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
  const Bytes datagram = joined({someRecord("one"), someRecord("three", 1)});
  const DatagramBio::Input input(bench.bio, datagram);
  CHECK_EQ(bench.read(), static_cast<int>(kBeforeText + 3));
  CHECK_EQ(bench.read(), static_cast<int>(kBeforeText + 5));
  CHECK_EQ(bench.read(), -1);
}

// A forged number, far ahead, would make every genuine record an old one.
void numbersUnencryptedRecordsInTheOrderTheyCome() {
  Bench bench;
  std::uint64_t next = 0;
  for (const std::uint64_t sequence :
       {std::uint64_t{7}, std::uint64_t{0xffffffffffff}, std::uint64_t{3}, std::uint64_t{3}}) {
    const Row row("number " + std::to_string(sequence));
    Record record = recordsOf(someRecord("text")).front();
    record.sequence = sequence;
    const Bytes datagram = record.encode();
    const DatagramBio::Input input(bench.bio, datagram);
    REQUIRE(bench.read() == static_cast<int>(datagram.size()));
    bench.buffer.resize(datagram.size());
    record.sequence = next++;
    CHECK_EQ(bench.buffer, record.encode());
  }
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
  CHECK_EQ(bench.read(kBeforeText + 6), static_cast<int>(kBeforeText + 6));
  CHECK_EQ(textOf(bench.buffer).substr(kBeforeText), "longer");
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
      {"packs writes that fit the MTU together", packsWritesIntoTheMtu},
      {"splits a write that does not fit the MTU", splitsAWriteThatDoesNotFitTheMtu},
      {"raises the numbers of unencrypted records, and only those",
       raisesTheNumbersOfUnencryptedRecords},
      {"hands out a whole record, once", readsAWholeRecordOnce},
      {"hands out the records of a datagram one by one", readsTheRecordsOfADatagramOneByOne},
      {"numbers unencrypted records in the order they come",
       numbersUnencryptedRecordsInTheOrderTheyCome},
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
