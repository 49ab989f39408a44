// What the reader and the writer of case files share: names of values.
#pragma once

#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "conformance/harness/dialogue.hpp"
#include "conformance/oracle/raw_frame.hpp"

namespace ws::conformance::explorer {

template <typename Value, std::size_t Size>
using Names = std::array<std::pair<Value, std::string_view>, Size>;

inline constexpr Names<Grade, 4> kGrades{{{Grade::pass, "pass"},
                                          {Grade::informational, "informational"},
                                          {Grade::non_strict, "non_strict"},
                                          {Grade::fail, "fail"}}};

inline constexpr Names<Reaction::Kind, 9> kReactions{{{Reaction::Kind::upgraded, "upgraded"},
                                                      {Reaction::Kind::refused, "refused"},
                                                      {Reaction::Kind::message, "message"},
                                                      {Reaction::Kind::pong, "pong"},
                                                      {Reaction::Kind::ping, "ping"},
                                                      {Reaction::Kind::close, "close"},
                                                      {Reaction::Kind::end, "end"},
                                                      {Reaction::Kind::reset, "reset"},
                                                      {Reaction::Kind::silence, "silence"}}};

inline constexpr Names<unsigned, 6> kOpcodes{
    {{0, "continuation"}, {1, "text"}, {2, "binary"}, {8, "close"}, {9, "ping"}, {10, "pong"}}};

inline constexpr Names<oracle::LengthForm, 4> kForms{{{oracle::LengthForm::shortest, "shortest"},
                                                      {oracle::LengthForm::bits7, "7 bits"},
                                                      {oracle::LengthForm::bits16, "16 bits"},
                                                      {oracle::LengthForm::bits64, "64 bits"}}};

inline constexpr Names<PutMessage::Coding, 3> kCodings{
    {{PutMessage::Coding::plain, "plain"},
     {PutMessage::Coding::compressed, "compressed"},
     {PutMessage::Coding::given, "given"}}};

template <typename Value, std::size_t Size>
constexpr std::string_view name_in(const Names<Value, Size>& names, Value value) {
  for (const auto& [known, name] : names) {
    if (known == value) return name;
  }
  return {};
}

template <typename Value, std::size_t Size>
constexpr std::optional<Value> value_in(const Names<Value, Size>& names, std::string_view text) {
  for (const auto& [value, name] : names) {
    if (name == text) return value;
  }
  return std::nullopt;
}

}  // namespace ws::conformance::explorer
