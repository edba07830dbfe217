#include "reports/measured.h"

#include <cstdlib>

namespace carillon::reports {

std::string_view name_of(Lack lack) {
    switch (lack) {
        case Lack::nobody: return "nobody";
        case Lack::no_control: return "no_control";
        case Lack::one_client: return "one_client";
        case Lack::no_spread: return "no_spread";
        case Lack::no_successes: return "no_successes";
        case Lack::broken_control: return "broken_control";
        case Lack::no_cost: return "no_cost";
        case Lack::no_money: return "no_money";
        case Lack::mixed_money: return "mixed_money";
    }
    std::abort();
}

}  // namespace carillon::reports
