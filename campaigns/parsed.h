// What the readers of campaign, policy and calendar files hand back: the value, or every mistake at
// once.
#pragma once

#include <tl/expected.hpp>

#include "base/json.h"

namespace carillon::campaigns {

template <class T>
using Parsed = tl::expected<T, base::Problems>;

}  // namespace carillon::campaigns
