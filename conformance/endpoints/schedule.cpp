#include "conformance/endpoints/schedule.hpp"

#include <algorithm>
#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <map>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <variant>

#include "conformance/harness/plays.hpp"

namespace ws::conformance {
namespace {

constexpr std::uint64_t kLarge = std::uint64_t{2} * 1024 * 1024;  // bytes of a script's payloads

constexpr Time kPlay = std::chrono::milliseconds(10);  // a connection with nothing to wait for
constexpr std::chrono::milliseconds kMostWork(1000);

/// Whether a case goes on when its connection is gone: a client that has nothing else to do would
/// end meanwhile.
bool goes_on_alone(const Case& test) {
  return test.dialogue && std::ranges::any_of(test.dialogue->steps, [](const DialogueStep& step) {
           return std::holds_alternative<Abandon>(step);
         });
}

bool awaits_silence(const Expect& expect) {
  return std::ranges::any_of(expect.any, [](const Reaction& reaction) {
    return reaction.kind == Reaction::Kind::silence && reaction.grade == Grade::pass;
  });
}

Time cost(const Case& test) {
  return (kPlay * (1 + std::ssize(test.earlier)) + resting_time(test)) *
         std::ssize(segmentations_of(test));
}

using Costs = std::unordered_map<const Case*, Time>;

/// Each once: to know it, the steps of long cases are made.
Costs costs_of(const std::vector<const Case*>& cases) {
  Costs costs;
  for (const Case* test : cases) costs.emplace(test, cost(*test));
  return costs;
}

std::vector<const Case*> longest_first(std::vector<const Case*> cases, const Costs& costs) {
  struct Key {
    bool is_loop = false;
    Time cost{};
    int repeats = 0;  // minus the cases before it that have the same messages
    auto operator<=>(const Key&) const = default;
  };
  std::unordered_map<const Case*, Key> keys;
  std::map<std::pair<DataSet, std::size_t>, int> seen;
  for (const Case* test : cases) {
    Key key{.is_loop = test->loop.has_value(), .cost = costs.at(test)};
    if (key.is_loop && test->loop->data)
      key.repeats = -seen[{*test->loop->data, test->loop->units}]++;
    keys.emplace(test, key);
  }
  std::ranges::stable_sort(cases, std::greater<>{},
                           [&](const Case* test) { return keys.at(test); });
  return cases;
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
    if (const auto* standstill = std::get_if<Standstill>(&step)) sum += standstill->still;
    const auto* expect = std::get_if<Expect>(&step);
    if (expect == nullptr) continue;
    // Who is given more time than usual is likely to take some. The half of a minute that work may
    // take on a slow machine is not what it takes on this one.
    sum += awaits_silence(*expect)
               ? expect->within
               : std::clamp(expect->within - Expect{}.within, milliseconds(0), kMostWork);
  }
  return sum;
}

std::vector<const Case*> longest_first(std::vector<const Case*> cases) {
  const Costs costs = costs_of(cases);
  return longest_first(std::move(cases), costs);
}

bool is_large(const Case& test) {
  std::uint64_t sum = 0;
  for (const Step& step : test.script) {
    if (const auto* send = std::get_if<SendMessage>(&step)) sum += send->payload.length;
    if (const auto* send = std::get_if<SendFrame>(&step)) sum += send->frame.payload.length;
  }
  return sum >= kLarge;
}

int max_loops(int jobs) { return jobs / 8 + 2; }

std::vector<std::vector<const Case*>> share_out(const std::vector<const Case*>& cases, int count) {
  const auto loops = std::ranges::count_if(cases, [](const Case* test) { return !!test->loop; });
  const bool is_mixed = loops > 0 && loops < std::ssize(cases) && count > 1;
  const int first_other = is_mixed ? std::min(max_loops(count), count - 1) : 0;
  const int last_loop = is_mixed ? first_other : count;

  std::vector<std::vector<const Case*>> parts(static_cast<std::size_t>(count));
  std::vector<Time> sums(parts.size());
  const Costs costs = costs_of(cases);
  std::unordered_map<const Case*, const Case*> next;  // that has to come behind a case
  std::unordered_set<const Case*> led;
  for (std::size_t i = 0; i + 1 < cases.size(); ++i) {
    if (goes_on_alone(*cases[i]) && led.insert(cases[i + 1]).second) {
      next.emplace(cases[i], cases[i + 1]);
    }
  }
  for (const Case* test : longest_first(cases, costs)) {
    if (led.contains(test)) continue;
    const auto begin = sums.begin() + (test->loop ? 0 : first_other);
    const auto end = test->loop ? sums.begin() + last_loop : sums.end();
    const auto least = std::min_element(begin, end);
    auto& part = parts[static_cast<std::size_t>(least - sums.begin())];
    while (test != nullptr) {
      *least += costs.at(test);
      part.push_back(test);
      const auto behind = next.find(test);
      test = behind == next.end() ? nullptr : behind->second;
    }
  }
  for (auto& part : parts) {
    std::ranges::sort(part, {}, [](const Case* test) { return test->number; });
  }
  std::erase_if(parts, [](const auto& part) { return part.empty(); });
  if (parts.empty()) parts.emplace_back();
  return parts;
}

}  // namespace ws::conformance
