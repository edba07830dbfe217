#include "app/rehearsal.h"

#include <fmt/format.h>

namespace carillon::app {

namespace {

std::string per_message(const scheduler::Rehearsed& one) {
    using base::ChannelKind;
    if (one.channel == ChannelKind::sms)
        return fmt::format("{:.2f} parts each, at most {}", one.units_each(), one.units_max);
    if (one.channel == ChannelKind::fax || one.channel == ChannelKind::letter)
        return fmt::format("{:.2f} pages each", one.pages_each());
    return "all can be made";
}

std::string place_of(const scheduler::Rehearsed& one) {
    return fmt::format("{} (step {})", name_of(one.channel), one.step);
}

}  // namespace

void print_rehearsal(const Output& output, const std::vector<scheduler::Rehearsed>& rehearsed) {
    for (const auto& one : rehearsed) {
        if (one.tried == 0) continue;
        output.line(fmt::format("tried {}: {} messages, {}", place_of(one), grouped(one.tried),
                                one.made == 0 ? "none can be made" : per_message(one)));
        for (const auto& [what, found] : one.problems)
            output.line(fmt::format("  {} cannot be made, for example that to {}: {}",
                                    grouped(found.count), found.client, what));
    }
}

}  // namespace carillon::app
