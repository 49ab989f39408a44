#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "conformance/explorer/case_file.hpp"
#include "conformance/explorer/case_json.hpp"
#include "conformance/harness/bytes.hpp"

namespace ws::conformance::explorer {
namespace {

using nlohmann::json;

/// One object of the file, with its place for complaints. Members that nobody asked for are
/// refused when it is done with.
class Object {
 public:
  Object(const json& value, std::string place) : value_(value), place_(std::move(place)) {
    if (!value_.is_object()) complain("is no object");
  }

  [[noreturn]] void complain(const std::string& what) const {
    throw CaseFileError((place_.empty() ? "the file" : place_) + " " + what);
  }
  [[noreturn]] void complain(const char* name, const std::string& what) const {
    throw CaseFileError(place_of(name) + " " + what);
  }

  std::string place_of(const std::string& name) const {
    return place_.empty() ? name : place_ + "." + name;
  }

  bool has(const char* name) const { return value_.contains(name); }

  /// Null if the member is not there.
  const json* find(const char* name) {
    known_.insert(name);
    const auto found = value_.find(name);
    return found == value_.end() ? nullptr : &*found;
  }

  const json& need(const char* name) {
    const json* found = find(name);
    if (found == nullptr) complain("lacks \"" + std::string(name) + "\"");
    return *found;
  }

  std::string text(const char* name, bool is_needed = false) {
    const json* found = is_needed ? &need(name) : find(name);
    if (found == nullptr) return {};
    if (!found->is_string()) complain(name, "is no text");
    return *found;
  }

  bool flag(const char* name, bool otherwise = false) {
    const json* found = find(name);
    if (found == nullptr) return otherwise;
    if (!found->is_boolean()) complain(name, "is neither true nor false");
    return *found;
  }

  std::uint64_t number(const char* name, std::uint64_t most, std::uint64_t otherwise = 0) {
    const json* found = find(name);
    return found == nullptr ? otherwise : number_of(*found, place_of(name), most);
  }

  static std::uint64_t number_of(const json& value, const std::string& place, std::uint64_t most) {
    if (!value.is_number_unsigned() || value.get<std::uint64_t>() > most) {
      throw CaseFileError(place + " is no whole number from 0 to " + std::to_string(most));
    }
    return value;
  }

  const json& list(const char* name) {
    static const json kNone = json::array();
    const json* found = find(name);
    if (found == nullptr) return kNone;
    if (!found->is_array()) complain(name, "is no list");
    return *found;
  }

  std::vector<std::string> texts(const char* name) {
    std::vector<std::string> all;
    for (const json& each : list(name)) {
      if (!each.is_string()) complain(name, "is no list of texts");
      all.push_back(each);
    }
    return all;
  }

  template <typename Number>
  std::vector<Number> numbers(const char* name) {
    std::vector<Number> all;
    for (const json& each : list(name)) {
      all.push_back(
          static_cast<Number>(number_of(each, place_of(name), std::numeric_limits<Number>::max())));
    }
    return all;
  }

  template <typename Value, std::size_t Size>
  Value named(const char* name, const Names<Value, Size>& names, std::optional<Value> otherwise) {
    if (otherwise && !has(name)) return *otherwise;
    const std::string word = text(name, true);
    if (const auto value = value_in(names, word)) return *value;
    std::string known;
    for (const auto& each : names) known += (known.empty() ? "" : ", ") + std::string(each.second);
    complain(name, "is \"" + word + "\", which is none of " + known);
  }

  void finish() const {
    for (const auto& member : value_.items()) {
      if (!known_.contains(member.key()))
        complain("has \"" + member.key() + "\", which is unknown");
    }
  }

 private:
  const json& value_;
  std::string place_;
  std::set<std::string> known_;
};

constexpr std::uint64_t kMostBytes = std::uint64_t{64} * 1024 * 1024;
constexpr std::uint64_t kMostMilliseconds = 600'000;
constexpr std::uint64_t kMostNumber = 1'000'000'000;

Payload read_hex(const std::string& digits, const std::string& place) {
  const bool fits = std::ranges::all_of(digits, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == ' ';
  });
  if (!fits || std::ranges::count_if(digits, [](char c) { return c != ' '; }) % 2 != 0) {
    throw CaseFileError(place + " is no bytes in hex");
  }
  return hex(digits);
}

Payload read_payload(const json& value, const std::string& place) {
  if (value.is_string()) return text(value.get<std::string>());
  Object object(value, place);
  if (object.has("text") == object.has("hex")) {
    object.complain(R"(is neither a text nor an object with either "text" or "hex")");
  }
  Payload payload = object.has("hex") ? read_hex(object.text("hex"), object.place_of("hex"))
                                      : text(object.text("text"));
  if (object.has("length")) {
    const std::uint64_t length = object.number("length", kMostBytes);
    if (payload.length == 0 && length != 0) object.complain("repeats nothing");
    payload = repeat(payload.pattern, length);
  }
  object.finish();
  return payload;
}

Payload read_payload(Object& object, const char* name) {
  const json* value = object.find(name);
  return value == nullptr ? Payload{} : read_payload(*value, object.place_of(name));
}

milliseconds read_time(Object& object, const char* name, std::uint64_t otherwise = 0) {
  return milliseconds(
      static_cast<milliseconds::rep>(object.number(name, kMostMilliseconds, otherwise)));
}

unsigned read_opcode(Object& object) {
  const json& value = object.need("opcode");
  if (value.is_number()) {
    return static_cast<unsigned>(Object::number_of(value, object.place_of("opcode"), 15));
  }
  return object.named<unsigned>("opcode", kOpcodes, std::nullopt);
}

Opcode read_type(Object& object) {
  const auto type = object.named<unsigned>("type", kOpcodes, 1U);
  if (type != 1 && type != 2) object.complain("type", R"(is neither "text" nor "binary")");
  return static_cast<Opcode>(type);
}

Reaction read_reaction(const json& value, const std::string& place) {
  Object object(value, place);
  Reaction reaction{.grade = object.named<Grade>("grade", kGrades, std::nullopt),
                    .kind = object.named<Reaction::Kind>("reaction", kReactions, std::nullopt)};
  reaction.type = read_type(object);
  if (object.has("payload")) reaction.payload = read_payload(object, "payload");
  reaction.codes = object.numbers<std::uint16_t>("codes");
  reaction.field = object.text("field");
  reaction.why = object.text("why");
  reaction.source = object.text("source");
  reaction.goes_on = object.flag("goes_on");
  if (reaction.goes_on && reaction.kind != Reaction::Kind::pong) {
    object.complain("goes_on", "is for a Pong alone");
  }
  object.finish();
  return reaction;
}

Expect read_expect(Object& object) {
  Expect expect{.within = read_time(object, "within_ms", 5000),
                .source = object.text("source"),
                .prompt = object.flag("prompt")};
  const json& all = object.list("expect");
  if (all.empty()) object.complain("expect", "is empty: nothing could come that fits");
  for (std::size_t i = 0; i < all.size(); ++i) {
    expect.any.push_back(
        read_reaction(all[i], object.place_of("expect[" + std::to_string(i) + "]")));
  }
  return expect;
}

PutFrame read_frame(Object& object) {
  PutFrame frame{
      .fin = object.flag("fin", true),
      .rsv = static_cast<unsigned>(object.number("rsv", 7)),
      .opcode = read_opcode(object),
      .payload = read_payload(object, "payload"),
      .form = object.named<oracle::LengthForm>("length_form", kForms, oracle::LengthForm::shortest),
      .cut = static_cast<std::size_t>(object.number("cut", kMostBytes)),
      .piece = static_cast<std::size_t>(object.number("piece", kMostBytes)),
      .piece_pause = read_time(object, "piece_pause_ms")};
  if (object.has("announced")) {
    frame.announced = object.number("announced", std::numeric_limits<std::uint64_t>::max());
  }
  if (const std::string masking = object.text("masking"); masking == "reversed") {
    frame.masking = PutFrame::Masking::reversed;
  } else if (object.has("masking")) {
    const std::string key = text_of(expand(read_hex(masking, object.place_of("masking"))));
    if (key.size() != frame.key.size()) {
      object.complain("masking", "is neither \"reversed\" nor four bytes in hex");
    }
    frame.masking = PutFrame::Masking::key;
    std::ranges::transform(key, frame.key.begin(),
                           [](char byte) { return static_cast<std::uint8_t>(byte); });
  }
  if (frame.piece != 0 && frame.cut == 0) object.complain("piece", "needs \"cut\"");
  return frame;
}

PutMessage read_message(Object& object) {
  PutMessage message{
      .type = read_type(object),
      .payload = read_payload(object, "payload"),
      .fragments = object.numbers<std::uint64_t>("fragments"),
      .coding = object.named<PutMessage::Coding>("coding", kCodings, PutMessage::Coding::plain)};
  const bool is_given = message.coding == PutMessage::Coding::given;
  if (is_given != object.has("deflated")) {
    object.complain(R"("deflated" goes together with the coding "given")");
  }
  message.deflated = read_payload(object, "deflated");
  return message;
}

PutClose read_close(Object& object) {
  const json& code = object.need("code");
  PutClose close{.code = std::nullopt, .reason = read_payload(object, "reason")};
  if (!code.is_null()) {
    close.code =
        static_cast<std::uint16_t>(Object::number_of(code, object.place_of("code"), 0xffff));
  }
  return close;
}

DialogueStep read_step(const json& value, const std::string& place) {
  Object object(value, place);
  const int kinds = (object.has("send") ? 1 : 0) + (object.has("expect") ? 1 : 0) +
                    (object.has("rest_ms") ? 1 : 0) + (object.has("tcp") ? 1 : 0);
  if (kinds != 1) object.complain(R"(has not one of "send", "expect", "rest_ms" and "tcp")");
  DialogueStep step;
  if (object.has("expect")) {
    step = read_expect(object);
  } else if (object.has("rest_ms")) {
    step = Rest{read_time(object, "rest_ms")};
  } else if (object.has("tcp")) {
    const std::string what = object.text("tcp");
    if (what != "end" && what != "reset") object.complain("tcp", R"(is neither "end" nor "reset")");
    if (what == "end") {
      step = HalfClose{};
    } else {
      step = Reset{};
    }
  } else {
    const std::string what = object.text("send");
    if (what == "frame") {
      step = read_frame(object);
    } else if (what == "message") {
      step = read_message(object);
    } else if (what == "close") {
      step = read_close(object);
    } else if (what == "bytes") {
      step = PutBytes{read_payload(object, "payload")};
    } else {
      object.complain("send", "is \"" + what + "\", none of frame, message, close and bytes");
    }
  }
  object.finish();
  return step;
}

Head read_head(const json& value, const std::string& place) {
  Object object(value, place);
  Head head{.start = object.text("start", true), .lines = object.texts("lines")};
  head.behind = text_of(expand(read_payload(object, "behind")));
  object.finish();
  return head;
}

Negotiation read_negotiation(const json& value, const std::string& place) {
  Object object(value, place);
  Negotiation negotiation{.offers = object.texts("offers")};
  if (negotiation.offers.empty()) object.complain("has no \"offers\"");
  const json& wishes = object.list("wishes");
  for (std::size_t i = 0; i < wishes.size(); ++i) {
    Object one(wishes[i], object.place_of("wishes[" + std::to_string(i) + "]"));
    ServerWish wish{.needs_client_max_window_bits = one.flag("needs_client_max_window_bits"),
                    .needs_full_server_window = one.flag("needs_full_server_window"),
                    .client_no_context_takeover = one.flag("client_no_context_takeover")};
    wish.client_max_window_bits = static_cast<int>(one.number("client_max_window_bits", 15));
    wish.takes_hint = one.flag("takes_hint");
    one.finish();
    negotiation.wishes.push_back(wish);
  }
  if (negotiation.wishes.empty()) negotiation.wishes.emplace_back();
  object.finish();
  return negotiation;
}

Case read_case(const json& value, const std::string& place) {
  Object object(value, place);
  Case test{.id = object.text("id", true),
            .number = static_cast<int>(object.number("number", kMostNumber)),
            .title = object.text("title", true),
            .purpose = object.text("purpose"),
            .checks = object.texts("checks")};
  if (test.id.empty() || test.id.find_first_of(" ,*?&=#%") != std::string::npos) {
    object.complain("id", "is no id: it has neither white space nor any of ,*?&=#%");
  }
  if (const std::string role = object.text("only_for"); role == "server") {
    test.only_for = Role::server;
  } else if (role == "client") {
    test.only_for = Role::client;
  } else if (object.has("only_for")) {
    object.complain("only_for", R"(is neither "server" nor "client")");
  }
  test.alone = object.flag("alone");
  test.tags = {"explored"};
  Dialogue dialogue{.needs_context_takeover = object.flag("needs_context_takeover"),
                    .own_cuts = object.flag("own_cuts")};
  if (const json* deflate = object.find("deflate")) {
    dialogue.deflate = read_negotiation(*deflate, object.place_of("deflate"));
    test.needs = {Need::deflate};
  }
  if (const json* request = object.find("request")) {
    dialogue.request = read_head(*request, object.place_of("request"));
  }
  if (const json* response = object.find("response")) {
    dialogue.response = read_head(*response, object.place_of("response"));
  }
  if (const json* answer = object.find("answer")) {
    Object expect(*answer, object.place_of("answer"));
    dialogue.answer = read_expect(expect);
    expect.finish();
  }
  object.need("steps");
  const json& steps = object.list("steps");
  for (std::size_t i = 0; i < steps.size(); ++i) {
    dialogue.steps.push_back(
        read_step(steps[i], object.place_of("steps[" + std::to_string(i) + "]")));
  }
  object.finish();
  test.dialogue = std::move(dialogue);
  return test;
}

}  // namespace

CaseFile parse_case_file(std::string_view text) {
  const json value = json::parse(text, nullptr, false);
  if (value.is_discarded()) throw CaseFileError("the file is no JSON");
  Object object(value, "");
  if (object.number("wsproof_case_file", 1) != 1) {
    object.complain("is no case file: it lacks \"wsproof_case_file\": 1");
  }
  CaseFile file;
  if (const json* found = object.find("found")) {
    Object origin(*found, "found");
    file.found = {.endpoint = origin.text("endpoint"),
                  .verdict = origin.text("verdict"),
                  .reason = origin.text("reason"),
                  .source = origin.text("source"),
                  .seed = origin.text("seed"),
                  .replays = origin.text("replays")};
    origin.finish();
  }
  const json& cases = object.list("cases");
  if (cases.empty()) object.complain("has no \"cases\"");
  std::set<std::string> ids;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    file.cases.push_back(read_case(cases[i], "cases[" + std::to_string(i) + "]"));
    if (!ids.insert(file.cases.back().id).second) {
      object.complain("has two cases \"" + file.cases.back().id + "\"");
    }
  }
  object.finish();
  return file;
}

}  // namespace ws::conformance::explorer
