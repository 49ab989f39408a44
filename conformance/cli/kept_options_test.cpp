// What a run file keeps of the options, and gives back.
#include "conformance/cli/kept_options.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ws::conformance {
namespace {

using ::testing::IsEmpty;

// Each option that says what is tested or how, set to something else than its default.
const Options kAll{.seed = 7,
                   .case_timeout = 2.5,
                   .ready_timeout = 3,
                   .url = "wss://localhost:{port}/",
                   .listen = "[::1]:0",
                   .spawn = "echo 'hello' {port}",
                   .profile = "socket.io",
                   .tls = true,
                   .ca = "ca.pem",
                   .certificate = "cert.pem",
                   .key = "key.pem",
                   .max_message = 65'536};

TEST(KeepOptions, LeavesOutWhatIsAsByDefault) { EXPECT_THAT(keep_options({}), IsEmpty()); }

TEST(KeepOptions, GivesBackWhatItTook) {
  const auto kept = keep_options(kAll);
  EXPECT_EQ(kept.size(), 12U);
  Options back;
  take_up_options(kept, back);
  EXPECT_EQ(keep_options(back), kept);
  EXPECT_EQ(back.spawn, kAll.spawn);
  EXPECT_EQ(back.max_message, kAll.max_message);
  EXPECT_EQ(back.case_timeout, kAll.case_timeout);
  EXPECT_TRUE(back.tls);
}

TEST(OptionsToReproduce, HasWhatARunFileKeeps) {
  EXPECT_EQ(options_to_reproduce(kAll),
            " 'wss://localhost:{port}/' --spawn 'echo '\\''hello'\\'' {port}' --listen '[::1]:0'"
            " --profile socket.io --tls --ca ca.pem --certificate cert.pem --key key.pem --seed 7"
            " --max-message 65536 --case-timeout 2.5 --ready-timeout 3 --cases {case}");
}

}  // namespace
}  // namespace ws::conformance
