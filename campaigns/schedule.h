// When a campaign fires, as the campaign file says it. Times are wall-clock times of the client, or
// of the bank when zone is "bank". What the words mean on the calendar is in campaigns/calendar.h.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/json.h"
#include "base/local_date.h"
#include "campaigns/day_rule.h"
#include "campaigns/duration.h"

namespace carillon::campaigns {

struct Once {
    base::LocalDate date{};
    base::TimeOfDay time{};
    bool operator==(const Once&) const = default;
};

struct Recurring {
    std::string rrule{};  // RFC 5545 section 3.3.10 without the leading "RRULE:"; daily or coarser
    base::LocalDate start{};
    base::TimeOfDay time{};
    bool operator==(const Recurring&) const = default;
};

// A date the bank knows of every client or contract.
enum class ClientDate { birth_date, card_expiry, payment_due, contract_opened };
enum class DateMatch { exact, anniversary };  // this very date, or the same day of every year

struct OnDateField {
    ClientDate field{ClientDate::birth_date};
    DateMatch match{DateMatch::anniversary};
    int offset_days{};  // -3: three days before the date; -366 .. 366
    base::TimeOfDay time{};
    bool operator==(const OnDateField&) const = default;
};

struct OccupationDay {
    std::string occupation{};  // as in the client's record
    DayRule day{};
    std::string title{};  // for the message: "Teacher's Day"; may be empty
    bool operator==(const OccupationDay&) const = default;
};

// Professional holidays: given in place, or by the name of a list the loader puts in place before
// approval.
struct OnCalendarDays {
    std::string list{};
    std::vector<OccupationDay> days{};
    base::TimeOfDay time{};
    bool operator==(const OnCalendarDays&) const = default;
};

// Something that happened to one client: "credit_decision".
struct OnEvent {
    std::string name{};
    Minutes delay{};
    bool operator==(const OnEvent&) const = default;
};

enum class ScheduleZone { client, bank };

struct Schedule {
    std::variant<Once, Recurring, OnDateField, OnCalendarDays, OnEvent> when{};
    ScheduleZone zone{ScheduleZone::client};
    bool operator==(const Schedule&) const = default;
};

std::string_view name_of(ClientDate field);

// Reads {"once": {...}} and its sisters; mistakes go to `problems` under `path`.
Schedule read_schedule(const base::Json& json, const std::string& path, base::Problems& problems);
base::Json to_json(const Schedule& schedule);

// A list of professional holidays in a file of its own: [{"occupation", "day", "title"}, ...].
std::vector<OccupationDay> read_occupation_days(const base::Json::Array& items,
                                                const std::string& path, base::Problems& problems);

}  // namespace carillon::campaigns
