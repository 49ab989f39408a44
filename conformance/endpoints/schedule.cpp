#include "conformance/endpoints/schedule.hpp"

#include <algorithm>
#include <chrono>
#include <compare>
#include <cstddef>
#include <functional>
#include <iterator>
#include <map>
#include <optional>
#include <unordered_map>
#include <utility>
#include <variant>

#include "conformance/harness/plays.hpp"

namespace ws::conformance {
namespace {

constexpr Time kPlay = std::chrono::milliseconds(10);  // a connection with nothing to wait for

bool awaits_silence(const Expect& expect) {
  return std::ranges::any_of(expect.any, [](const Reaction& reaction) {
    return reaction.kind == Reaction::Kind::silence && reaction.grade == Grade::pass;
  });
}

Time cost(const Case& test) {
  return (kPlay * (1 + std::ssize(test.earlier)) + resting_time(test)) *
         std::ssize(segmentations_of(test));
}

}  // namespace

Time resting_time(const Case& test) {
  Time sum{};
  for (const Step& step : test.script) {
    if (const auto* pause = std::get_if<Pause>(&step)) sum += pause->length;
  }
  if (!test.dialogue) return sum;
  const auto whole = complete(test);
  for (const DialogueStep& step : whole->dialogue->steps) {
    if (const auto* rest = std::get_if<Rest>(&step)) sum += rest->length;
    const auto* expect = std::get_if<Expect>(&step);
    if (expect == nullptr) continue;
    // Who is given more time than usual is likely to take it.
    sum +=
        awaits_silence(*expect) ? expect->within : std::max({}, expect->within - Expect{}.within);
  }
  return sum;
}

std::vector<const Case*> longest_first(std::vector<const Case*> cases) {
  struct Key {
    bool is_loop = false;
    Time cost{};
    int repeats = 0;  // minus the cases before it that have the same messages
    auto operator<=>(const Key&) const = default;
  };
  std::unordered_map<const Case*, Key> keys;
  std::map<std::pair<DataSet, std::size_t>, int> seen;
  for (const Case* test : cases) {
    Key key{.is_loop = test->loop.has_value(), .cost = cost(*test)};
    if (key.is_loop && test->loop->data)
      key.repeats = -seen[{*test->loop->data, test->loop->units}]++;
    keys.emplace(test, key);
  }
  std::ranges::stable_sort(cases, std::greater<>{},
                           [&](const Case* test) { return keys.at(test); });
  return cases;
}

int max_loops(int jobs) { return jobs / 8 + 1; }

std::vector<std::vector<const Case*>> share_out(const std::vector<const Case*>& cases, int count) {
  const auto loops = std::ranges::count_if(cases, [](const Case* test) { return !!test->loop; });
  const bool is_mixed = loops > 0 && loops < std::ssize(cases) && count > 1;
  const int first_other = is_mixed ? std::min(max_loops(count), count - 1) : 0;
  const int last_loop = is_mixed ? first_other : count;

  std::vector<std::vector<const Case*>> parts(static_cast<std::size_t>(count));
  std::vector<Time> costs(parts.size());
  for (const Case* test : longest_first(cases)) {
    const auto begin = costs.begin() + (test->loop ? 0 : first_other);
    const auto end = test->loop ? costs.begin() + last_loop : costs.end();
    const auto least = std::min_element(begin, end);
    *least += cost(*test);
    parts[static_cast<std::size_t>(least - costs.begin())].push_back(test);
  }
  for (auto& part : parts) {
    std::ranges::sort(part, {}, [](const Case* test) { return test->number; });
  }
  std::erase_if(parts, [](const auto& part) { return part.empty(); });
  if (parts.empty()) parts.emplace_back();
  return parts;
}

}  // namespace ws::conformance
