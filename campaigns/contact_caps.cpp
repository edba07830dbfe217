#include "campaigns/contact_caps.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

namespace carillon::campaigns {

namespace {

using base::Instant;
using base::LocalDate;
using base::TimeZone;
using std::chrono::days;
using std::chrono::sys_days;

// A full cap is asked again at most this often: the windows of a client never interlock deeper than
// day, week, month and a few rolling lengths.
constexpr int rounds_max = 1000;

// How many entries count against `cap` at `now`.
std::ptrdiff_t used(const Cap& cap, std::span<const LedgerEntry> ledger, Instant now,
                    const ContactKeys& keys) {
    return std::ranges::count_if(ledger, [&](const LedgerEntry& entry) {
        if (cap.window == CapWindow::rolling) return entry.at > now - cap.length;
        return entry.keys.of(cap.window) == keys.of(cap.window);
    });
}

// The first local day after the calendar window `date` lies in.
LocalDate day_after(CapWindow window, const LocalDate& date) {
    switch (window) {
        case CapWindow::day: return base::add_days(date, 1);
        case CapWindow::week: {
            const std::chrono::weekday weekday{sys_days{date}};
            return base::add_days(date, 8 - static_cast<int>(weekday.iso_encoding()));
        }
        case CapWindow::month: {
            const auto next = date.year() / date.month() + std::chrono::months{1};
            return next / 1;
        }
        case CapWindow::rolling: break;
    }
    std::abort();
}

// A rolling cap is free again when its count-th newest entry has grown as old as the window is
// long.
Instant rolling_free_at(const Cap& cap, std::span<const LedgerEntry> ledger) {
    std::vector<Instant> newest;
    for (const auto& entry : ledger) newest.push_back(entry.at);
    const auto nth = newest.begin() + (cap.count - 1);
    std::ranges::nth_element(newest, nth, std::greater<>{});
    return *nth + cap.length;
}

// `cap` is full at `now`: the first instant at which it may not be.
Instant free_at(const Cap& cap, std::span<const LedgerEntry> ledger, Instant now,
                const TimeZone& zone) {
    if (cap.window == CapWindow::rolling) return rolling_free_at(cap, ledger);
    return zone.instant_of(day_after(cap.window, zone.date_at(now)), base::TimeOfDay{0});
}

const Cap* first_full(std::span<const Cap> caps, std::span<const LedgerEntry> ledger, Instant now,
                      const TimeZone& zone) {
    const auto keys = contact_keys(now, zone);
    const auto full = std::ranges::find_if(
        caps, [&](const Cap& cap) { return used(cap, ledger, now, keys) >= cap.count; });
    return full == caps.end() ? nullptr : &*full;
}

}  // namespace

std::string_view name_of(ContactClass contact_class) {
    switch (contact_class) {
        case ContactClass::message: return "message";
        case ContactClass::call: return "call";
        case ContactClass::letter: return "letter";
    }
    std::abort();
}

ContactClass contact_class_of(base::ChannelKind channel) {
    switch (channel) {
        case base::ChannelKind::email:
        case base::ChannelKind::sms:
        case base::ChannelKind::fax: return ContactClass::message;
        case base::ChannelKind::letter: return ContactClass::letter;
        case base::ChannelKind::call: return ContactClass::call;
    }
    std::abort();
}

std::string window_text(const Cap& cap) {
    switch (cap.window) {
        case CapWindow::day: return "day";
        case CapWindow::week: return "week";
        case CapWindow::month: return "month";
        case CapWindow::rolling: return duration_text(cap.length);
    }
    std::abort();
}

const std::vector<Cap>& CapSet::of(ContactClass contact_class) const {
    switch (contact_class) {
        case ContactClass::message: return messages;
        case ContactClass::call: return calls;
        case ContactClass::letter: return letters;
    }
    std::abort();
}

std::vector<Cap>& CapSet::of(ContactClass contact_class) {
    return const_cast<std::vector<Cap>&>(std::as_const(*this).of(contact_class));
}

const std::string& ContactKeys::of(CapWindow window) const {
    switch (window) {
        case CapWindow::day: return day;
        case CapWindow::week: return week;
        case CapWindow::month: return month;
        case CapWindow::rolling: break;
    }
    std::abort();
}

ContactKeys contact_keys(const LocalDate& date) {
    const sys_days day{date};
    const std::chrono::weekday weekday{day};
    const auto thursday = day + days{4 - static_cast<int>(weekday.iso_encoding())};
    const auto week_year = LocalDate{thursday}.year();
    const auto week = (thursday - sys_days{week_year / 1 / 1}).count() / 7 + 1;
    return {.day = base::to_text(date),
            .week = fmt::format("{:04}-W{:02}", static_cast<int>(week_year), week),
            .month = fmt::format("{:04}-{:02}", static_cast<int>(date.year()),
                                 static_cast<unsigned>(date.month()))};
}

ContactKeys contact_keys(Instant instant, const TimeZone& zone) {
    return contact_keys(zone.date_at(instant));
}

CapDecision may_contact(std::span<const Cap> caps, std::span<const LedgerEntry> ledger, Instant now,
                        const TimeZone& zone) {
    const auto* refused_by = first_full(caps, ledger, now, zone);
    if (refused_by == nullptr) return {};
    CapDecision decision{.refused_by = *refused_by, .until = std::nullopt};
    if (std::ranges::find(caps, 0, &Cap::count) != caps.end()) return decision;
    auto until = now;
    for (int round = 0; round < rounds_max; ++round) {
        const auto* full = first_full(caps, ledger, until, zone);
        if (full == nullptr) {
            decision.until = until;
            break;
        }
        until = free_at(*full, ledger, until, zone);
    }
    return decision;
}

}  // namespace carillon::campaigns
