#include "conformance/harness/compression.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <span>
#include <utility>

#include "conformance/harness/data_set.hpp"
#include "conformance/oracle/inflater.hpp"

namespace ws::conformance {
namespace {

TEST(Data, HasTheSizesOfAutobahnsSets) {
  EXPECT_EQ(Data::of(DataSet::json).bytes().size(), 194'056U);
  EXPECT_EQ(Data::of(DataSet::image).bytes().size(), 263'222U);
  EXPECT_EQ(Data::of(DataSet::prose).bytes().size(), 222'218U);
  EXPECT_EQ(Data::of(DataSet::html).bytes().size(), 263'647U);
  EXPECT_EQ(Data::of(DataSet::html).units(), 263'620U);
  EXPECT_EQ(Data::of(DataSet::document).bytes().size(), 1'042'328U);
}

TEST(Data, StartsOverAtItsEnd) {
  const Data& json = Data::of(DataSet::json);
  const std::string slice = json.slice(json.units() - 2, 5);
  EXPECT_EQ(slice, std::string(json.bytes().substr(json.units() - 2)) +
                       std::string(json.bytes().substr(0, 3)));
  EXPECT_EQ(json.slice(json.units() + 1, 3), json.slice(1, 3));
}

TEST(Compression, ComesBackForEachParameter) {
  for (const int window_bits : {8, 9, 15}) {
    for (const bool no_context_takeover : {false, true}) {
      const Direction direction{.no_context_takeover = no_context_takeover,
                                .window_bits = window_bits};
      Compressor compressor(direction);
      Decompressor decompressor(direction);
      for (int i = 0; i < 3; ++i) {
        const std::string message = Data::of(DataSet::prose).slice(0, 5000);
        const std::string compressed(compressor.compress(message));
        std::string output;
        const auto keep = [&](std::string_view piece) { output += piece; };
        EXPECT_TRUE(decompressor.decompress(compressed.substr(0, 30), false, 10'000, keep));
        EXPECT_TRUE(decompressor.decompress(compressed.substr(30), true, 10'000, keep));
        EXPECT_EQ(output, message);
      }
    }
  }
}

/// What comes out of one message; nothing if it is refused.
std::optional<std::string> inflate(Decompressor& decompressor, std::string_view payload,
                                   std::size_t limit = 1'000'000) {
  std::string output;
  const auto keep = [&](std::string_view piece) { output += piece; };
  if (!decompressor.decompress(payload, true, limit, keep)) return std::nullopt;
  return output;
}

std::string sample(DataSet set, std::size_t offset, std::size_t units) {
  return Data::of(set).slice(offset, units);
}

TEST(Compression, KeepsToItsWindowAndIsTakenByTheOracle) {
  for (int window_bits = 8; window_bits <= 15; ++window_bits) {
    for (const bool no_context_takeover : {false, true}) {
      for (const DataSet set : {DataSet::json, DataSet::image, DataSet::html, DataSet::document}) {
        Compressor compressor(
            {.no_context_takeover = no_context_takeover, .window_bits = window_bits});
        oracle::Inflater inflater(
            {.window_bits = window_bits, .no_context_takeover = no_context_takeover});
        std::size_t offset = 0;
        for (const std::size_t size : {0U, 1U, 20'000U, 0U, 300U, 20'000U}) {
          const std::string message = sample(set, std::exchange(offset, offset + size), size);
          const std::string payload(compressor.compress(message));
          const oracle::Inflated inflated =
              inflater.inflate(std::as_bytes(std::span(payload)), 100'000);
          ASSERT_EQ(inflated.end, oracle::InflateEnd::complete) << window_bits;
          ASSERT_TRUE(std::ranges::equal(inflated.output, std::as_bytes(std::span(message))));
        }
      }
    }
  }
}

TEST(Compression, MakesMessagesOfMoreThanItsBuffersComeBack) {
  Compressor compressor({});
  Decompressor decompressor({});
  for (const std::size_t size : {10U, 1'000'000U, 300'000U, 1'000'000U}) {
    const std::string message = sample(DataSet::document, size, size);
    EXPECT_EQ(inflate(decompressor, compressor.compress(message)), message);
  }
}

TEST(Compression, StoresWhatDoesNotGetShorter) {
  const std::string message = sample(DataSet::image, 0, 3000).substr(2000, 16);
  Compressor compressor({});
  Decompressor decompressor({});
  const std::string payload(compressor.compress(message));
  EXPECT_EQ(payload, std::string("\0\x10\0\xef\xff", 5) + message + '\0');
  EXPECT_EQ(inflate(decompressor, payload), message);
  // What was stored is remembered all the same.
  const std::string twice = message + message;
  EXPECT_EQ(inflate(decompressor, compressor.compress(twice)), twice);
}

TEST(Decompressor, RefusesBadDataAndMessagesOverTheLimit) {
  Decompressor first({});
  EXPECT_FALSE(inflate(first, "\xff\xff\xff"));
  Compressor compressor({});
  Decompressor second({});
  EXPECT_FALSE(inflate(second, compressor.compress(std::string(101, 'x')), 100));
}

TEST(Decompressor, SeesMatchesBeyondTheAgreedWindow) {
  for (int window_bits = 8; window_bits < 14; ++window_bits) {
    Decompressor decompressor({.window_bits = window_bits});
    Compressor keeps({.window_bits = window_bits});
    Compressor breaks({.window_bits = 15});
    // What repeats lies exactly as far back as is allowed, and then a byte further.
    const std::size_t window = std::size_t{1} << static_cast<unsigned>(window_bits);
    const std::string unique = sample(DataSet::document, 49, window);
    EXPECT_EQ(inflate(decompressor, keeps.compress(unique + unique)), unique + unique);
    EXPECT_FALSE(decompressor.reached_beyond_window());
    const std::string message = unique + 'x' + unique;
    // zlib takes it as long as what is meant lies in its buffer.
    EXPECT_EQ(inflate(decompressor, breaks.compress(message)), message);
    EXPECT_TRUE(decompressor.reached_beyond_window()) << window_bits;
  }
}

TEST(Decompressor, TakesAFinalBlockAndRemembersWhatCameBefore) {
  using namespace std::string_view_literals;
  Decompressor decompressor({});
  // The examples of RFC 7692 sections 7.2.3.4 and 7.2.3.2.
  EXPECT_EQ(inflate(decompressor, "\xf3\x48\xcd\xc9\xc9\x07\x00\x00"sv), "Hello");
  EXPECT_EQ(inflate(decompressor, "\xf2\x00\x11\x00\x00"sv), "Hello");
  EXPECT_EQ(inflate(decompressor, "\xf2\x00\x11\x00\x00"sv), "Hello");
  EXPECT_FALSE(decompressor.reached_beyond_window());
}

TEST(Decompressor, LooksAtTheBitsBehindAFinalBlock) {
  using namespace std::string_view_literals;
  for (const int window_bits : {9, 15}) {
    Decompressor decompressor({.window_bits = window_bits});
    EXPECT_EQ(inflate(decompressor, "\xf3\x48\xcd\xc9\xc9\x07\x00\x00"sv), "Hello");
    EXPECT_FALSE(decompressor.padded_with_ones());
    // The block has six bits of its last byte.
    EXPECT_EQ(inflate(decompressor, "\xf3\x48\xcd\xc9\xc9\x07\x80\x00"sv), "Hello");
    EXPECT_TRUE(decompressor.padded_with_ones());
  }
}

TEST(Decompressor, TellsWhetherAMessageEndsBetweenBlocks) {
  for (const int window_bits : {9, 15}) {
    Decompressor decompressor({.no_context_takeover = true, .window_bits = window_bits});
    for (const auto& [payload, is_inside] : {
             std::pair<std::string_view, bool>{{"\xf2\x48\xcd\xc9\xc9\x07\x00", 7}, false},
             {{"\xf2\x48\xcd\xc9\xc9\x07", 6}, true},
             {{"\x00", 1}, false},
             {{"", 0}, true},
             {{"\xf3\x48\xcd\xc9\xc9\x07\x00\x00", 8}, false},
         }) {
      inflate(decompressor, payload);
      EXPECT_EQ(decompressor.ended_inside_block(), is_inside) << payload.size();
    }
  }
}

TEST(Decompressor, ForgetsWithoutContextTakeover) {
  using namespace std::string_view_literals;
  Decompressor decompressor({.no_context_takeover = true});
  EXPECT_EQ(inflate(decompressor, "\xf2\x48\xcd\xc9\xc9\x07\x00"sv), "Hello");
  EXPECT_FALSE(inflate(decompressor, "\xf2\x00\x11\x00\x00"sv));
}

TEST(AnswerOffers, TakesTheFirstWishThatAnOfferAllows) {
  const Negotiation negotiation{.wishes = {{.needs_client_max_window_bits = true,
                                            .client_no_context_takeover = true,
                                            .client_max_window_bits = 9},
                                           {}}};
  EXPECT_EQ(answer_offers("permessage-deflate; client_max_window_bits", negotiation).extension,
            "permessage-deflate; client_no_context_takeover; client_max_window_bits=9");
  EXPECT_EQ(
      answer_offers("x, permessage-deflate; server_max_window_bits=10", negotiation).extension,
      "permessage-deflate; server_max_window_bits=10");
  EXPECT_FALSE(answer_offers("x", negotiation).agreement);
  EXPECT_TRUE(answer_offers("permessage-deflate; unknown", negotiation).malformed);
  EXPECT_TRUE(
      answer_offers("permessage-deflate; server_max_window_bits=16", negotiation).malformed);
}

TEST(ForbiddenAnswers, AreWhatNoOfferAllows) {
  EXPECT_EQ(forbidden_answers("").extension, "permessage-deflate");
  EXPECT_EQ(forbidden_answers("x").extension, "permessage-deflate");
  EXPECT_EQ(forbidden_answers("x").client_window, "");
  const ForbiddenAnswers usual = forbidden_answers("permessage-deflate; client_max_window_bits");
  EXPECT_EQ(usual.extension + usual.client_window + usual.server_window, "");
  const ForbiddenAnswers narrow = forbidden_answers(
      "permessage-deflate; server_max_window_bits=10, "
      "permessage-deflate; server_max_window_bits=12");
  EXPECT_EQ(narrow.extension, "");
  EXPECT_EQ(narrow.client_window, "permessage-deflate; client_max_window_bits");
  EXPECT_EQ(narrow.server_window, "permessage-deflate; server_max_window_bits=13");
  EXPECT_EQ(forbidden_answers("permessage-deflate; x").client_window, "");
}

TEST(ReadResponse, TakesOnePermessageDeflate) {
  const Response response =
      read_response("permessage-deflate; server_no_context_takeover; client_max_window_bits=10");
  ASSERT_TRUE(response.agreement);
  EXPECT_TRUE(response.agreement->server.no_context_takeover);
  EXPECT_EQ(response.agreement->client.window_bits, 10);
  EXPECT_TRUE(read_response("x").malformed);
  EXPECT_TRUE(read_response("permessage-deflate, permessage-deflate").malformed);
  EXPECT_TRUE(read_response("permessage-deflate; client_max_window_bits").malformed);
}

}  // namespace
}  // namespace ws::conformance
