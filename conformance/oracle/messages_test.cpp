#include "conformance/oracle/messages.hpp"

#include <gtest/gtest.h>

#include "impl/testing/bytes.hpp"

namespace ws::oracle {
namespace {

using testing::bytes;
using testing::bytes_of;

Reception read(std::string_view hex, ReceiverSettings settings = {}) {
  settings.sender = Role::server;
  return read_messages(bytes(hex), settings);
}

TEST(OracleMessages, JoinsFragmentsAroundControlFrames) {
  const auto result = read("01 03 48 65 6c 89 01 61 80 02 6c 6f 82 00 88 02 03 e8 83");
  EXPECT_EQ(result.broken, std::nullopt);
  EXPECT_EQ(result.received, (std::vector<Received>{{Opcode::ping, bytes_of("a")},
                                                    {Opcode::text, bytes_of("Hello")},
                                                    {Opcode::binary, {}},
                                                    {Opcode::close, bytes("03 e8")}}));
  EXPECT_EQ(result.end, 18U);
}

TEST(OracleMessages, DecompressesWhatRsv1Marks) {
  const auto result = read("41 03 f2 48 cd 80 04 c9 c9 07 00 81 01 61 c1 05 f2 00 11 00 00",
                           {.deflation = Deflation{}});
  EXPECT_EQ(result.broken, std::nullopt);
  EXPECT_EQ(result.received, (std::vector<Received>{{Opcode::text, bytes_of("Hello")},
                                                    {Opcode::text, bytes_of("a")},
                                                    {Opcode::text, bytes_of("Hello")}}));
}

TEST(OracleMessages, NamesTheFirstBrokenRule) {
  const struct {
    std::string_view hex;
    std::string_view rule;
    ReceiverSettings settings{};
  } kBroken[] = {
      {"80 00", "continuation_without_message"},
      {"01 00 81 00", "data_frame_inside_message"},
      {"81 02 ce", {}},
      {"81 01 ce", "text_not_utf8"},
      {"01 01 ce 80 01 41", "text_not_utf8"},
      {"81 09 ff", "text_not_utf8"},
      {"88 01 03", "close_payload_of_one_byte"},
      {"88 02 03 ec", "illegal_close_code"},
      {"88 03 03 e8 ff", "close_reason_not_utf8"},
      {"c2 01 06", "bad_deflate_data", {.deflation = Deflation{}}},
      {"82 05", "message_too_big", {.max_message_size = 4}},
      {"02 03 00 00 00 80 02", "message_too_big", {.max_message_size = 4}},
      {"c2 07 f2 48 cd c9 c9 07 00",
       "message_too_big",
       {.deflation = Deflation{}, .max_message_size = 4}},
      {"02 00 00 00 00 00", "too_many_fragments", {.max_fragments = 2}},
      {"81 01 61 83 00", "reserved_opcode"},
  };
  for (const auto& [hex, rule, settings] : kBroken) {
    const auto result = read(hex, settings);
    EXPECT_EQ(result.broken ? result.broken->rule : std::string_view(), rule) << hex;
  }
}

TEST(OracleMessages, SaysWhetherTheStreamEndsInsideAFrame) {
  EXPECT_FALSE(read("81 01 61").ends_inside_frame);
  EXPECT_TRUE(read("81 02 61").ends_inside_frame);
  EXPECT_TRUE(read("81 01 61 81").ends_inside_frame);
  EXPECT_FALSE(read("01 01 61").ends_inside_frame);
}

}  // namespace
}  // namespace ws::oracle
