// Section 9: big messages, many fragments, many small reads, many messages. The time is reported.
#include "conformance/cases/catalogue.hpp"
#include "conformance/cases/parts.hpp"

namespace ws::conformance {
namespace {

constexpr std::uint64_t kKi = 1024;
constexpr std::uint64_t kMi = 1024 * kKi;
constexpr std::string_view kTextPattern = "BAsd7&jh23";
constexpr std::string_view kBinaryPattern{"\x00\xfe\x23\xfa\xf0", 5};

struct Type {
  Opcode opcode = Opcode::text;
  std::string_view name{};
  std::string_view pattern{};
};

constexpr Type kTypes[] = {{Opcode::text, "text", kTextPattern},
                           {Opcode::binary, "binary", kBinaryPattern}};

std::string in_units(std::uint64_t bytes) {
  if (bytes >= kMi && bytes % kMi == 0) return std::to_string(bytes / kMi) + " MiB";
  if (bytes >= kKi && bytes % kKi == 0) return std::to_string(bytes / kKi) + " KiB";
  return std::to_string(bytes) + " bytes";
}

Case echo_case(std::string id, std::string title, std::string purpose, const Type& type,
               const Payload& payload, Step step, milliseconds limit) {
  return {
      .id = std::move(id),
      .title = std::move(title),
      .purpose = std::move(purpose),
      .checks = {"RFC6455-5.4-9", "RFC6455-5.6-1", "RFC6455-6.2-1"},
      .script = {std::move(step)},
      .timer = close_after(limit),
      .outcomes = {{Grade::pass,
                    {type.opcode == Opcode::text ? text_message(payload)
                                                 : binary_message(payload)}}},
      .reply = ReplyCheck{.type = type.opcode, .length = payload.length},
  };
}

std::string id_of(int group, int index) {
  return "9." + std::to_string(group) + "." + std::to_string(index);
}

void add_big_messages(std::vector<Case>& cases, int group, const Type& type) {
  const bool is_text = type.opcode == Opcode::text;
  int index = 0;
  for (const std::uint64_t size : {64 * kKi, 256 * kKi, kMi, 4 * kMi, 8 * kMi, 16 * kMi}) {
    ++index;
    const milliseconds limit = index <= (is_text ? 2 : 4) ? 10s : 100s;
    const Payload payload = repeat(type.pattern, size);
    cases.push_back(echo_case(id_of(group, index),
                              "A " + std::string(type.name) + " message of " + in_units(size) +
                                  " in one frame comes back",
                              "Big messages are taken and sent.", type, payload,
                              send({.opcode = type.opcode, .payload = payload}), limit));
  }
}

void add_fragmented_messages(std::vector<Case>& cases, int group, const Type& type) {
  int index = 0;
  for (const std::uint64_t size : {std::uint64_t{64}, std::uint64_t{256}, kKi, 4 * kKi, 16 * kKi,
                                   64 * kKi, 256 * kKi, kMi, 4 * kMi}) {
    ++index;
    // The suite's own tables have one binary case with another byte.
    const bool is_fe = type.opcode == Opcode::binary && index == 1;
    const Payload payload = repeat(is_fe ? "\xfe" : "*", 4 * kMi);
    cases.push_back(echo_case(id_of(group, index),
                              "A " + std::string(type.name) + " message of 4 MiB in fragments of " +
                                  in_units(size) + " comes back",
                              "Many fragments are put together.", type, payload,
                              SendMessage{.type = type.opcode,
                                          .payload = payload,
                                          .fragment_size = static_cast<std::size_t>(size)},
                              100s));
  }
}

void add_chopped_messages(std::vector<Case>& cases, int group, const Type& type) {
  int index = 0;
  for (const std::size_t chop : {64U, 128U, 256U, 512U, 1024U, 2048U}) {
    const Payload payload = repeat(type.pattern, kMi);
    cases.push_back(echo_case(
        id_of(group, ++index),
        "A " + std::string(type.name) + " message of 1 MiB comes back, sent in pieces of " +
            std::to_string(chop) + " bytes",
        "One frame arrives in many small reads.", type, payload,
        SendFrame{.frame = {.opcode = type.opcode, .payload = payload}, .chop = chop}, 1000s));
  }
}

void add_loops(std::vector<Case>& cases, int group, const Type& type) {
  const struct {
    std::uint64_t size;
    milliseconds limit;
  } kSizes[] = {{0, 60s}, {16, 60s}, {64, 60s}, {256, 120s}, {1024, 240s}, {4096, 480s}};
  const std::string_view byte = type.opcode == Opcode::text ? "*" : "\xfe";
  int index = 0;
  for (const auto& [size, limit] : kSizes) {
    cases.push_back({
        .id = id_of(group, ++index),
        .title = "A thousand " + std::string(type.name) + " messages of " + in_units(size) +
                 " come back one by one",
        .purpose = "Each message is answered before the next is sent.",
        .checks = {"RFC6455-5.6-1", "RFC6455-6.2-4"},
        .timer = close_after(limit),
        .loop = EchoLoop{.count = 1000, .type = type.opcode, .payload = repeat(byte, size)},
    });
  }
}

}  // namespace

std::vector<Case> limit_cases() {
  std::vector<Case> cases;
  int group = 0;
  for (auto* const add :
       {add_big_messages, add_fragmented_messages, add_chopped_messages, add_loops}) {
    for (const Type& type : kTypes) add(cases, ++group, type);
  }
  return cases;
}

std::vector<Case> auto_fragment_cases() {
  const Payload payload = repeat("*", 65'536);
  return {{
      .id = "10.1.1",
      .title = "A text message of 64 KiB in fragments of 1300 bytes comes back",
      .purpose = "A length that is no multiple of the fragment size.",
      .checks = {"RFC6455-5.4-2", "RFC6455-5.4-9"},
      .script = {SendMessage{.payload = payload, .fragment_size = 1300}},
      .timer = fail_after(10s),
      .outcomes = {{Grade::pass, {text_message(payload)}}},
  }};
}

}  // namespace ws::conformance
