#include "impl/deflate/negotiation.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <string>

namespace ws {
namespace {

/// An element as it stands in the field, in the plainest spelling: "name; parameter=value; ..".
Extension element(std::string_view text) {
  std::vector<std::string> parts;
  for (;;) {
    const auto end = text.find("; ");
    parts.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 2);
  }
  Extension extension{.name = parts.front(), .parameters = {}};
  for (auto part = parts.begin() + 1; part != parts.end(); ++part) {
    const auto equals = part->find('=');
    extension.parameters.push_back({.name = part->substr(0, equals), .value = {}});
    if (equals != std::string::npos) extension.parameters.back().value = part->substr(equals + 1);
  }
  return extension;
}

std::string text_of(const Extension& extension) {
  std::string text = extension.name;
  for (const auto& [name, value] : extension.parameters) {
    text += "; " + name;
    if (value) text += "=" + *value;
  }
  return text;
}

DeflateSettings settings(DirectionParameters server, DirectionParameters client) {
  return {.server = server, .client = client};
}

/// The server's response to one offer; "declined" if there is none.
std::string answer(std::string_view offer, const DeflateSettings& server_settings = {}) {
  const Extension offers[] = {element(offer)};
  const auto accepted = accept_offer(offers, server_settings);
  return accepted ? text_of(accepted->response) : "declined";
}

// What sections 7.1.1 and 7.1.2 forbid in offers and responses alike.
constexpr std::string_view kMalformed[] = {
    "permessage-deflate; unknown",
    "permessage-deflate; unknown=1",
    "permessage-deflate; Server_no_context_takeover",
    "permessage-deflate; server_no_context_takeover; unknown",
    "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
    "permessage-deflate; client_no_context_takeover; client_no_context_takeover",
    "permessage-deflate; server_max_window_bits=10; server_max_window_bits=12",
    "permessage-deflate; server_max_window_bits=10; server_max_window_bits=10",
    "permessage-deflate; client_max_window_bits=10; client_max_window_bits=10",
    "permessage-deflate; client_max_window_bits=10; client_max_window_bits",
    "permessage-deflate; client_max_window_bits; client_max_window_bits",
    "permessage-deflate; server_no_context_takeover=1",
    "permessage-deflate; server_no_context_takeover=true",
    "permessage-deflate; server_no_context_takeover=",
    "permessage-deflate; client_no_context_takeover=1",
    "permessage-deflate; client_no_context_takeover=",
    "permessage-deflate; server_max_window_bits",
};

constexpr std::string_view kBadWindowBits[] = {
    "",   "0",   "7",  "16", "1000",        "08",  "015", "0x9", "1e1", "-8", "-12",
    "+9", "9.0", " 9", "9 ", "99999999999", "8\n", "ten", "1",   "150", "８",
};

TEST(MakeOffer, StatesWhatDiffersFromTheDefaults) {
  EXPECT_EQ(text_of(make_offer({})), "permessage-deflate; client_max_window_bits");
  EXPECT_EQ(text_of(make_offer(settings({.no_context_takeover = true, .max_window_bits = 10},
                                        {.no_context_takeover = true, .max_window_bits = 8}))),
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover; "
            "server_max_window_bits=10; client_max_window_bits=8");
}

TEST(AcceptOffer, StatesWhatWasAskedAndWhatTheServerWants) {
  const struct {
    std::string_view offer;
    DeflateSettings settings;
    std::string_view response;
  } kTable[] = {
      {"permessage-deflate", {}, "permessage-deflate"},
      {"permessage-deflate; client_max_window_bits", {}, "permessage-deflate"},
      // Demands of the client have to be answered, also those that change nothing.
      {"permessage-deflate; server_no_context_takeover",
       {},
       "permessage-deflate; server_no_context_takeover"},
      {"permessage-deflate; server_max_window_bits=10",
       {},
       "permessage-deflate; server_max_window_bits=10"},
      {"permessage-deflate; server_max_window_bits=15",
       {},
       "permessage-deflate; server_max_window_bits=15"},
      {"permessage-deflate; server_max_window_bits=8",
       {},
       "permessage-deflate; server_max_window_bits=8"},
      // Hints of the client are made use of.
      {"permessage-deflate; client_no_context_takeover",
       {},
       "permessage-deflate; client_no_context_takeover"},
      {"permessage-deflate; client_max_window_bits=11",
       {},
       "permessage-deflate; client_max_window_bits=11"},
      {"permessage-deflate; client_max_window_bits=15", {}, "permessage-deflate"},
      // What the server wants, unasked.
      {"permessage-deflate",
       settings({.no_context_takeover = true, .max_window_bits = 9}, {.no_context_takeover = true}),
       "permessage-deflate; server_no_context_takeover; client_no_context_takeover; "
       "server_max_window_bits=9"},
      {"permessage-deflate; client_max_window_bits", settings({}, {.max_window_bits = 9}),
       "permessage-deflate; client_max_window_bits=9"},
      // The smaller of two wishes.
      {"permessage-deflate; server_max_window_bits=12; client_max_window_bits=12",
       settings({.max_window_bits = 10}, {.max_window_bits = 10}),
       "permessage-deflate; server_max_window_bits=10; client_max_window_bits=10"},
      {"permessage-deflate; server_max_window_bits=9; client_max_window_bits=9",
       settings({.max_window_bits = 10}, {.max_window_bits = 10}),
       "permessage-deflate; server_max_window_bits=9; client_max_window_bits=9"},
      // client_max_window_bits must not be in the answer unless it is in the offer.
      {"permessage-deflate", settings({}, {.max_window_bits = 14}), "declined"},
      {"permessage-deflate; client_no_context_takeover", settings({}, {.max_window_bits = 8}),
       "declined"},
  };
  for (const auto& row : kTable) {
    EXPECT_EQ(answer(row.offer, row.settings), row.response) << row.offer;
  }
}

TEST(AcceptOffer, DeclinesWhatIsMalformed) {
  for (const auto offer : kMalformed) EXPECT_EQ(answer(offer), "declined") << offer;
  for (const auto value : kBadWindowBits) {
    const std::string bits(value);
    EXPECT_EQ(answer("permessage-deflate; server_max_window_bits=" + bits), "declined") << bits;
    EXPECT_EQ(answer("permessage-deflate; client_max_window_bits=" + bits), "declined") << bits;
  }
}

TEST(AcceptOffer, DeclinesOtherExtensions) {
  for (const auto offer : {"permessage-bzip2", "x-webkit-deflate-frame", "deflate-stream",
                           "permessage-deflat", "permessage-deflate2", "Permessage-Deflate", ""}) {
    EXPECT_EQ(answer(offer), "declined") << offer;
  }
}

TEST(AcceptOffer, TakesTheFirstOfferThatItCan) {
  const auto response_to = [](std::vector<Extension> offers, const DeflateSettings& wanted) {
    const auto accepted = accept_offer(offers, wanted);
    return accepted ? text_of(accepted->response) : "declined";
  };
  EXPECT_EQ(response_to({}, {}), "declined");
  EXPECT_EQ(response_to({element("permessage-deflate; server_max_window_bits=10"),
                         element("permessage-deflate; server_max_window_bits=9")},
                        {}),
            "permessage-deflate; server_max_window_bits=10");
  EXPECT_EQ(response_to({element("other; server_max_window_bits=9"),
                         element("permessage-deflate; server_max_window_bits=08"),
                         element("permessage-deflate; mystery"),
                         element("permessage-deflate; server_max_window_bits=12"),
                         element("permessage-deflate")},
                        {}),
            "permessage-deflate; server_max_window_bits=12");
  // The first is well formed, but does not let the server limit the client's window.
  EXPECT_EQ(response_to({element("permessage-deflate; server_no_context_takeover"),
                         element("permessage-deflate; client_max_window_bits")},
                        settings({}, {.max_window_bits = 10})),
            "permessage-deflate; client_max_window_bits=10");
}

TEST(AcceptOffer, AgreesToWhatItsResponseSays) {
  const Extension offers[] = {
      element("permessage-deflate; server_no_context_takeover; client_max_window_bits=13")};
  const auto accepted = accept_offer(offers, settings({.max_window_bits = 12}, {}));
  ASSERT_TRUE(accepted);
  EXPECT_EQ(accepted->parameters,
            (DeflateParameters{.server = {.no_context_takeover = true, .max_window_bits = 12},
                               .client = {.no_context_takeover = false, .max_window_bits = 13}}));
  EXPECT_EQ(accepted->parameters.of(Role::server).max_window_bits, 12);
  EXPECT_EQ(accepted->parameters.of(Role::client).max_window_bits, 13);
}

TEST(CheckResponse, ReturnsTheAgreedParameters) {
  const struct {
    DeflateSettings settings;
    std::string_view response;
    DeflateParameters agreed;
  } kTable[] = {
      {{}, "permessage-deflate", {}},
      // The server may state all of these unasked.
      {{},
       "permessage-deflate; server_no_context_takeover; server_max_window_bits=8",
       {.server = {.no_context_takeover = true, .max_window_bits = 8}}},
      {{}, "permessage-deflate; client_no_context_takeover", {.client = {true, 15}}},
      {{}, "permessage-deflate; client_max_window_bits=9", {.client = {false, 9}}},
      {{}, "permessage-deflate; client_max_window_bits=15; server_max_window_bits=15", {}},
      // At most what was asked.
      {settings({true, 10}, {}),
       "permessage-deflate; server_max_window_bits=10; server_no_context_takeover",
       {.server = {true, 10}}},
      {settings({false, 10}, {}),
       "permessage-deflate; server_max_window_bits=8",
       {.server = {false, 8}}},
      // What the client said of itself holds without an answer, and whatever the answer.
      {settings({}, {true, 10}), "permessage-deflate", {.client = {true, 10}}},
      {settings({}, {true, 10}),
       "permessage-deflate; client_max_window_bits=12",
       {.client = {true, 10}}},
      {settings({}, {true, 10}),
       "permessage-deflate; client_max_window_bits=9",
       {.client = {true, 9}}},
  };
  for (const auto& row : kTable) {
    EXPECT_EQ(check_response(element(row.response), row.settings), row.agreed) << row.response;
  }
}

TEST(CheckResponse, RefusesWhatIsMalformed) {
  for (const auto response : kMalformed) {
    EXPECT_EQ(check_response(element(response), {}), std::nullopt) << response;
  }
  for (const auto value : kBadWindowBits) {
    const std::string bits(value);
    for (const auto* name : {"server_max_window_bits=", "client_max_window_bits="}) {
      const auto response = element(std::string("permessage-deflate; ") + name + bits);
      EXPECT_EQ(check_response(response, {}), std::nullopt) << text_of(response);
    }
  }
  EXPECT_EQ(check_response(element("permessage-deflate; client_max_window_bits"), {}),
            std::nullopt);
  EXPECT_EQ(check_response(element("permessage-bzip2"), {}), std::nullopt);
}

TEST(CheckResponse, RefusesWhatDoesNotAnswerTheOffer) {
  const auto narrow = settings({.max_window_bits = 10}, {});
  for (const auto response : {"permessage-deflate", "permessage-deflate; server_max_window_bits=11",
                              "permessage-deflate; server_max_window_bits=15"}) {
    EXPECT_EQ(check_response(element(response), narrow), std::nullopt) << response;
  }
  const auto forgetful = settings({.no_context_takeover = true}, {});
  for (const auto response :
       {"permessage-deflate", "permessage-deflate; client_no_context_takeover",
        "permessage-deflate; server_max_window_bits=10"}) {
    EXPECT_EQ(check_response(element(response), forgetful), std::nullopt) << response;
  }
}

std::vector<DirectionParameters> all_directions() {
  std::vector<DirectionParameters> all;
  for (int bits = kMinWindowBits; bits <= kMaxWindowBits; ++bits) {
    all.push_back({.no_context_takeover = false, .max_window_bits = bits});
    all.push_back({.no_context_takeover = true, .max_window_bits = bits});
  }
  return all;
}

TEST(Negotiation, BringsBothSidesToTheStricterOfTheirWishes) {
  const auto stricter = [](DirectionParameters a, DirectionParameters b) {
    return DirectionParameters{
        .no_context_takeover = a.no_context_takeover || b.no_context_takeover,
        .max_window_bits = std::min(a.max_window_bits, b.max_window_bits)};
  };
  const auto all = all_directions();
  for (const auto& client_of_server : all) {
    for (const auto& client_of_client : all) {
      const auto client = settings(client_of_server, client_of_client);
      const Extension offers[] = {make_offer(client)};
      for (const auto& server_of_server : all) {
        for (const auto& server_of_client : all) {
          const auto accepted = accept_offer(offers, settings(server_of_server, server_of_client));
          ASSERT_TRUE(accepted);
          const DeflateParameters agreed{.server = stricter(client_of_server, server_of_server),
                                         .client = stricter(client_of_client, server_of_client)};
          ASSERT_EQ(accepted->parameters, agreed);
          ASSERT_EQ(check_response(accepted->response, client), agreed)
              << text_of(offers[0]) << " -> " << text_of(accepted->response);
        }
      }
    }
  }
}

}  // namespace
}  // namespace ws
