// The one list of what every adapter must do, whatever stands behind it.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace carillon::testing {

struct Case {
    std::string name{};
    std::function<void()> run{};  // throws std::runtime_error: what is wrong
};

const std::vector<Case>& conformance_cases();

}  // namespace carillon::testing
