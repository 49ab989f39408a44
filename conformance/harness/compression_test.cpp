#include "conformance/harness/compression.hpp"

#include <gtest/gtest.h>

#include "conformance/harness/data_set.hpp"

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
        const std::string compressed = compressor.compress(message);
        std::string output;
        EXPECT_TRUE(decompressor.decompress(compressed.substr(0, 100), false, 10'000, output));
        EXPECT_TRUE(decompressor.decompress(compressed.substr(100), true, 10'000, output));
        EXPECT_EQ(output, message);
      }
    }
  }
}

TEST(Compression, RefusesBadDataAndMessagesOverTheLimit) {
  std::string output;
  EXPECT_FALSE(Decompressor({}).decompress("\xff\xff\xff", true, 100, output));
  const std::string compressed = Compressor({}).compress(std::string(101, 'x'));
  output.clear();
  EXPECT_FALSE(Decompressor({}).decompress(compressed, true, 100, output));
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
