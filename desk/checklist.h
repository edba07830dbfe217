// Checks before a launch, a line each, as GET /campaigns/{name}/preflight and the forecast answer.
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"
#include "base/result.h"

namespace carillon::desk {

class Checklist {
public:
    // `result`: "ok", "warning" (it works, but is it meant?) or "mistake" (it will not work).
    void add(std::string_view check, std::string_view result, std::string detail,
             std::string place = {});
    // Each problem is a mistake; `good` is said when there is none.
    void add(std::string_view check, const base::Problems& problems, const char* good);

    base::Json::Array items() && { return std::move(items_); }
    base::Json json() && {
        return base::Json::Object{{"ready", ready_}, {"items", std::move(items_)}};
    }

private:
    bool ready_{true};
    base::Json::Array items_;
};

}  // namespace carillon::desk
