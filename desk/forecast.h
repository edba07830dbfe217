// A campaign tried out before launch: whom it would reach on which day, at what cost, and whether
// the messages of real clients can be made. Sends and stores nothing.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "campaigns/calendar.h"
#include "desk/channel_facts.h"
#include "desk/office.h"

namespace carillon::desk {

// The slots of a campaign's schedule that begin within `days` days, in the bank's zone.
std::vector<campaigns::Slot> slots_of(const campaigns::Bundle& bundle, const base::LocalDate& from,
                                      int days);
// The day a forecast begins with: that of a one-off campaign, else today.
base::LocalDate first_day_of(const campaigns::Bundle& bundle, base::Instant now);

base::Result<std::vector<scheduler::Rehearsed>> rehearse(const Workshop& workshop,
                                                         db::Connection& connection,
                                                         const campaigns::Bundle& bundle,
                                                         base::CampaignId campaign,
                                                         const std::vector<campaigns::Slot>& slots,
                                                         std::int64_t sample, base::Instant now);

// What keeps a campaign from being launched: more of the messages tried on one channel cannot be
// made than `percent_max` allows.
base::Problems too_many_unmakeable(const std::vector<scheduler::Rehearsed>& rehearsed,
                                   int percent_max);
// What `submit` tries: mistakes that only show when real clients' messages are made. Other mistakes
// are submit's to report, and so is a campaign that is no draft: nothing is tried then.
struct TriedOut {
    std::vector<scheduler::Rehearsed> rehearsed{};
    base::Problems problems{};
};
TriedOut try_out(const Workshop& workshop, db::Connection& connection, std::string_view campaign,
                 const OfficeSettings& settings, base::Instant now);

struct DayForecast {
    campaigns::Slot slot{};
    std::int64_t matched{};
    std::int64_t sent{};
    std::int64_t control{};
    std::map<std::string, std::int64_t> left_out{};
    std::map<std::string, std::int64_t> by_channel{};  // messages
};

// What one channel of the first step will take.
struct ChannelForecast {
    std::string channel{};
    std::int64_t messages{};
    std::int64_t units{};  // parts, pages: by the messages tried
    std::int64_t cost_minor{};
    double seconds{};  // at the channel's own rate
};

struct Forecast {
    std::vector<DayForecast> days{};
    DayForecast total{};
    std::vector<ChannelForecast> channels{};
    std::vector<scheduler::Rehearsed> tried{};
    std::int64_t cost_minor{};
    double seconds{};            // channels work side by side: the slowest decides; 0: no limit
    base::Json::Array checks{};  // of limits, cost and duration, as preflight's lines
};

struct ForecastQuestion {
    std::optional<base::LocalDate> from{};
    int days{30};
    std::int64_t sample{200};
    std::function<void(std::size_t done, std::size_t all)> on_progress{};
};

// Nothing: the campaign answers events, which cannot be foretold. Errors: campaign.unknown, and
// every mistake of the campaign.
tl::expected<std::optional<Forecast>, base::Problems> forecast(const Workshop& workshop,
                                                               db::Connection& connection,
                                                               const std::string& campaign,
                                                               const ForecastQuestion& question,
                                                               base::Instant now);

base::Json to_json(const scheduler::Rehearsed& rehearsed);
base::Json to_json(const Forecast& forecast, const std::string& currency);

Answer simulate(Office& office, const Caller& caller, const std::string& campaign,
                const base::Json& question);

}  // namespace carillon::desk
