#include "desk/checklist.h"

namespace carillon::desk {

void Checklist::add(std::string_view check, std::string_view result, std::string detail,
                    std::string place) {
    base::Json item{
        base::Json::Object{{"check", check}, {"result", result}, {"detail", std::move(detail)}}};
    if (!place.empty()) item.set("place", std::move(place));
    ready_ = ready_ && result != "mistake";
    items_.push_back(std::move(item));
}

void Checklist::add(std::string_view check, const base::Problems& problems, const char* good) {
    for (const auto& one : problems) add(check, "mistake", one.detail, one.place);
    if (problems.empty()) add(check, "ok", good);
}

}  // namespace carillon::desk
