#include "conformance/explorer/script.hpp"

#include <string>

#include "conformance/harness/digest.hpp"
#include "conformance/harness/overloaded.hpp"

namespace ws::conformance::explorer {

std::uint64_t digest_of(const Script& script) {
  std::string all = std::to_string(script.early);
  const auto add = [&](auto value) { all += ' ' + std::to_string(value); };
  if (script.deflate) {
    for (const std::string& offer : script.deflate->negotiation.offers) all += offer;
  }
  for (const Act& act : script.acts) {
    add(act.index());
    std::visit(Overloaded{
                   [&](const PutFrame& frame) {
                     add(frame.fin ? 1 : 0);
                     add(frame.rsv);
                     add(frame.opcode);
                     add(static_cast<int>(frame.form));
                     add(frame.announced.value_or(0));
                     add(static_cast<int>(frame.masking));
                     for (const std::uint8_t byte : frame.key) add(byte);
                     add(frame.cut);
                     add(frame.piece);
                     add(frame.payload.length);
                     all += frame.payload.pattern.str();
                   },
                   [&](const Rest& rest) { add(rest.length.count()); },
                   [](const auto&) {},
               },
               act);
  }
  return conformance::digest_of(all);
}

}  // namespace ws::conformance::explorer
