// The sources of the report's page (reports/page), which the build puts into the program.
#pragma once

#include <string_view>

namespace ws::conformance::page {

extern const std::string_view kPage;    ///< HTML with {{policy}}, {{style}}, {{script}}, ..
extern const std::string_view kStyle;   ///< CSS
extern const std::string_view kScript;  ///< all scripts, in order

}  // namespace ws::conformance::page
