// Recurrence rules of RFC 5545 section 3.3.10, as far as campaigns need them: FREQ of DAILY,
// WEEKLY, MONTHLY or YEARLY with INTERVAL, COUNT, UNTIL (a day), WKST, BYMONTH,
// BYYEARDAY, BYMONTHDAY, BYDAY and BYSETPOS. Rules finer than a day are refused: a campaign fires
// at most once a day, and the time of day is a member of its own.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/local_date.h"
#include "base/result.h"

namespace carillon::campaigns {

class Recurrence {
public:
    // A rule and the first day it may fall on; `start` itself counts only if the rule matches it.
    // Errors: rrule.invalid (not a rule), rrule.unsupported (finer than a day, an unknown part,
    // parts that RFC 5545 does not combine, such as BYYEARDAY without YEARLY, or that
    // libical 3.0.16 gets wrong: BYWEEKNO, and BYMONTHDAY of YEARLY without BYMONTH), rrule.never
    // (no day up to the year 2500 matches). Bounded: a hostile rule takes at most about two seconds
    // (measured), an honest one microseconds.
    static base::Result<Recurrence> parse(std::string_view rule, const base::LocalDate& start);

    // The days in [from, to], in order. The walk visits at most occurrences_max days from the start
    // on; what lies beyond is not found.
    std::vector<base::LocalDate> between(const base::LocalDate& from,
                                         const base::LocalDate& to) const;

    static constexpr int occurrences_max = 40'000;  // a daily rule for more than a century

private:
    Recurrence(std::string rule, const base::LocalDate& start)
        : rule_(std::move(rule)), start_(start) {}
    std::string rule_;
    base::LocalDate start_;
};

}  // namespace carillon::campaigns
