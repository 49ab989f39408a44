#include "conformance/explorer/shrinker.hpp"

#include <algorithm>
#include <utility>

#include "conformance/explorer/contents.hpp"
#include "conformance/harness/bytes.hpp"
#include "conformance/harness/overloaded.hpp"

namespace ws::conformance::explorer {
namespace {

using Difference = std::vector<Act>::difference_type;

void add_deletions(const Script& script, std::vector<MakeScript>& found) {
  const std::size_t count = script.acts.size();
  for (std::size_t size = count; size > 0; size /= 2) {
    for (std::size_t begin = 0; begin < count; begin += size) {
      const std::size_t end = std::min(begin + size, count);
      found.emplace_back([&script, begin, end] {
        Script script_without = script;
        script_without.acts.erase(script_without.acts.begin() + static_cast<Difference>(begin),
                                  script_without.acts.begin() + static_cast<Difference>(end));
        // What stood with the head still does.
        const std::size_t early = std::min(end, script.early) - std::min(begin, script.early);
        script_without.early -= early;
        return script_without;
      });
    }
  }
}

/// A fragment and the next one as one.
void add_joins(const Script& script, std::vector<MakeScript>& found) {
  for (std::size_t i = 0; i + 1 < script.acts.size(); ++i) {
    const auto* frame = std::get_if<PutFrame>(&script.acts[i]);
    const auto* next = std::get_if<PutFrame>(&script.acts[i + 1]);
    if (frame == nullptr || next == nullptr || frame->fin || frame->opcode > 2 ||
        next->opcode != 0 || next->rsv != 0 || next->announced) {
      continue;
    }
    found.emplace_back([&script, i, frame, next] {
      Script joined = script;
      auto& whole = std::get<PutFrame>(joined.acts[i]);
      whole.fin = next->fin;
      whole.payload = join({frame->payload, next->payload});
      joined.acts.erase(joined.acts.begin() + static_cast<Difference>(i) + 1);
      if (joined.early > i + 1) --joined.early;
      return joined;
    });
  }
}

/// Shorter payloads, which may well be no sense any more.
std::vector<Payload> shorter(const PutFrame& frame) {
  const Payload& payload = frame.payload;
  std::vector<Payload> all;
  if (payload.length == 0) return all;
  all.emplace_back();
  const auto add = [&](std::uint64_t from, std::uint64_t length) {
    if (length < payload.length) all.push_back(slice(payload, from, length));
  };
  add(0, 1);
  add(0, payload.length / 2);
  add(payload.length - payload.length / 2, payload.length / 2);
  // The lengths at which the header changes, and the neighbours of a power of two.
  for (const std::uint64_t length : {125U, 126U, 127U, 128U, 256U, 65'535U, 65'536U}) {
    add(0, length);
  }
  if (payload.length < 200) {
    add(0, payload.length - 1);
    add(1, payload.length - 1);
  }
  return all;
}

void add_plainer(const Script& script, std::vector<MakeScript>& found) {
  for (std::size_t i = 0; i < script.acts.size(); ++i) {
    const auto* frame = std::get_if<PutFrame>(&script.acts[i]);
    if (frame == nullptr) continue;
    const auto add = [&](std::function<void(PutFrame&)> change) {
      found.emplace_back([&script, i, change = std::move(change)] {
        Script changed = script;
        change(std::get<PutFrame>(changed.acts[i]));
        return changed;
      });
    };
    if (frame->cut != 0) {
      add([](PutFrame& it) { it.cut = it.piece = 0; });
      if (frame->piece != 0) add([](PutFrame& it) { it.piece = 0; });
    }
    if (frame->masking == PutFrame::Masking::key) {
      add([](PutFrame& it) {
        it.masking = PutFrame::Masking::by_role;
        it.key = {};
      });
    }
    if (!frame->fin && frame->opcode != 0) add([](PutFrame& it) { it.fin = true; });
    for (const Payload& payload : shorter(*frame)) {
      add([payload](PutFrame& it) {
        // An announced length stays as much longer as it was.
        if (it.announced && *it.announced < (std::uint64_t{1} << 62U)) {
          *it.announced -= it.payload.length - payload.length;
        }
        it.payload = payload;
      });
    }
    const Payload plain = repeat("a", frame->payload.length);
    if (frame->opcode != 8 && frame->payload.length > 0 && frame->payload != plain) {
      add([plain](PutFrame& it) { it.payload = plain; });
    }
  }
}

}  // namespace

std::vector<MakeScript> simpler_scripts(const Script& script) {
  std::vector<MakeScript> found;
  add_deletions(script, found);
  if (script.early != 0) {
    found.emplace_back([&script] {
      Script apart = script;
      apart.early = 0;
      return apart;
    });
  }
  if (script.deflate) {
    found.emplace_back([&script] {
      Script uncompressed = script;
      uncompressed.deflate.reset();
      return uncompressed;
    });
  }
  add_joins(script, found);
  add_plainer(script, found);
  return found;
}

std::string shape_of(const Act& act) {
  return std::visit(Overloaded{
                        [](const PutFrame& frame) {
                          std::string shape = std::to_string(frame.opcode) + (frame.fin ? "" : "-");
                          if (frame.rsv != 0) shape += " rsv" + std::to_string(frame.rsv);
                          if (frame.announced) shape += " announced";
                          if (frame.form != oracle::LengthForm::shortest) shape += " long";
                          if (frame.masking == PutFrame::Masking::reversed) shape += " reversed";
                          if (frame.masking == PutFrame::Masking::key) shape += " key";
                          if (frame.cut != 0) shape += " cut";
                          if (frame.opcode == 8 && frame.payload.length >= 2) {
                            return shape + " " +
                                   to_hex(text_of(expand(slice(frame.payload, 0, 2))));
                          }
                          return shape + " " + size_class(frame.payload.length);
                        },
                        [](const Await&) { return std::string("wait"); },
                        [](const Rest&) { return std::string("rest"); },
                        [](const HalfClose&) { return std::string("end"); },
                        [](const Reset&) { return std::string("reset"); },
                    },
                    act);
}

std::vector<std::string> shapes_of(const Script& script) {
  std::vector<std::string> shapes;
  if (script.deflate) shapes.emplace_back("deflate");
  if (script.deflate && script.deflate->has_final_blocks) shapes.emplace_back("final blocks");
  if (script.early != 0) shapes.emplace_back("early");
  for (const Act& act : script.acts) shapes.push_back(shape_of(act));
  return shapes;
}

bool is_part(const std::vector<std::string>& part, const std::vector<std::string>& whole) {
  std::size_t next = 0;
  for (const std::string& shape : whole) {
    if (next < part.size() && part[next] == shape) ++next;
  }
  return next == part.size();
}

}  // namespace ws::conformance::explorer
