#include "campaigns/contact_caps.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <random>

#include "campaigns/policies.h"

using namespace carillon;
using namespace carillon::campaigns;
using namespace std::chrono_literals;
using base::Instant;
using base::TimeZone;

namespace {

TimeZone moscow() {
    return TimeZone::find("Europe/Moscow").value();
}
Instant at(std::string_view text) {
    return base::parse_instant(std::string{text} + "+03:00").value();
}

LedgerEntry entry(Instant instant) {
    return {instant, contact_keys(instant, moscow())};
}

std::vector<LedgerEntry> ledger_of(const std::vector<std::string>& times) {
    std::vector<LedgerEntry> ledger;
    for (const auto& time : times) ledger.push_back(entry(at(time)));
    return ledger;
}

// The counter of the property test, written without dates, keys or zones: Moscow is UTC+3 all year,
// days are counted from 1970-01-01 (a Thursday), months by walking over their lengths.
struct BruteForce {
    static std::int64_t day_of(Instant instant) {
        return (base::to_millis(instant) + 3 * 3'600'000) / 86'400'000;
    }
    static std::int64_t week_of(Instant instant) { return (day_of(instant) + 3) / 7; }
    static std::int64_t month_of(Instant instant) {
        static constexpr int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
        auto left = day_of(instant) - 19'723;  // 1 January 2024
        for (std::int64_t month = 0;; ++month) {
            const auto year = 2024 + month / 12;
            const int leap = month % 12 == 1 && year % 4 == 0 ? 1 : 0;
            left -= lengths[month % 12] + leap;
            if (left < 0) return month;
        }
    }
    static bool counts(const Cap& cap, Instant entry, Instant now) {
        switch (cap.window) {
            case CapWindow::day: return day_of(entry) == day_of(now);
            case CapWindow::week: return week_of(entry) == week_of(now);
            case CapWindow::month: return month_of(entry) == month_of(now);
            case CapWindow::rolling: return now - entry < cap.length;
        }
        std::abort();
    }
    static bool allows(const std::vector<Cap>& caps, const std::vector<Instant>& entries,
                       Instant now) {
        for (const auto& cap : caps) {
            int n = 0;
            for (const auto entry : entries) n += counts(cap, entry, now) ? 1 : 0;
            if (n >= cap.count) return false;
        }
        return true;
    }
};

// What the law is about, asked of the finished sequence: no window anywhere holds more than its
// count.
bool keeps(const Cap& cap, const std::vector<Instant>& contacts) {
    return std::ranges::all_of(contacts, [&](Instant last) {
        return std::ranges::count_if(contacts, [&](Instant contact) {
                   return contact <= last && BruteForce::counts(cap, contact, last);
               }) <= cap.count;
    });
}

std::vector<Cap> random_caps(std::mt19937_64& random) {
    if (random() % 4 == 0) return debt_law_caps().messages;
    if (random() % 4 == 0) return debt_law_caps().calls;
    std::vector<Cap> caps;
    for (const auto window :
         {CapWindow::day, CapWindow::week, CapWindow::month, CapWindow::rolling})
        if (random() % 2 == 0)
            caps.push_back({static_cast<int>(random() % 4 + 1), window,
                            window == CapWindow::rolling ? Minutes{random() % 5000 + 1} : 0min});
    return caps;
}

int sequences() {
    const char* asked = std::getenv("CARILLON_CAP_SEQUENCES");
    return asked != nullptr ? std::atoi(asked) : 100'000;
}

}  // namespace

TEST_CASE("cap ledgers are keyed by the client's day, ISO week and month", "[campaigns][caps]") {
    const auto [local, day, week, month] =
        GENERATE(table<std::string, std::string, std::string, std::string>(
            {{"2026-11-21T12:00", "2026-11-21", "2026-W47", "2026-11"},
             {"2026-11-22T23:59:59.999", "2026-11-22", "2026-W47", "2026-11"},
             {"2026-11-23T00:00", "2026-11-23", "2026-W48", "2026-11"},
             {"2026-01-31T23:59:59.999", "2026-01-31", "2026-W05", "2026-01"},
             {"2026-02-01T00:00", "2026-02-01", "2026-W05", "2026-02"},
             {"2026-12-31T12:00", "2026-12-31", "2026-W53", "2026-12"},
             {"2027-01-01T00:00", "2027-01-01", "2026-W53", "2027-01"},
             {"2027-01-03T23:59", "2027-01-03", "2026-W53", "2027-01"},
             {"2027-01-04T00:00", "2027-01-04", "2027-W01", "2027-01"},
             {"2024-12-29T12:00", "2024-12-29", "2024-W52", "2024-12"},
             {"2024-12-30T12:00", "2024-12-30", "2025-W01", "2024-12"},
             {"2021-01-01T12:00", "2021-01-01", "2020-W53", "2021-01"},
             {"2024-02-29T12:00", "2024-02-29", "2024-W09", "2024-02"}}));
    CHECK(contact_keys(at(local), moscow()) == ContactKeys{day, week, month});
}

TEST_CASE("the day of a contact is the client's, not Greenwich's", "[campaigns][caps]") {
    const auto instant = base::parse_instant("2026-11-20T13:00:00Z").value();
    CHECK(contact_keys(instant, TimeZone::find("Asia/Kamchatka").value()).day == "2026-11-21");
    CHECK(contact_keys(instant, TimeZone::find("Europe/Kaliningrad").value()).day == "2026-11-20");
}

TEST_CASE("the law allows a debtor 2 messages a day, 4 a week, 16 a month",
          "[campaigns][caps][law]") {
    const auto caps = debt_law_caps().messages;
    const auto [ledger, now, allowed] =
        GENERATE(table<std::vector<std::string>, std::string, bool>({
            {{}, "2026-11-20T10:00", true},
            {{"2026-11-20T09:00"}, "2026-11-20T10:00", true},
            {{"2026-11-20T09:00", "2026-11-20T09:30"}, "2026-11-20T10:00", false},
            // A new calendar day, but less than 24 hours after the first of two.
            {{"2026-11-19T20:00", "2026-11-19T21:00"}, "2026-11-20T19:59:59.999", false},
            {{"2026-11-19T20:00", "2026-11-19T21:00"}, "2026-11-20T20:00", true},
            // Four in a week: a new ISO week, but less than 7 days after the first.
            {{"2026-11-18T10:00", "2026-11-18T11:00", "2026-11-20T10:00", "2026-11-20T11:00"},
             "2026-11-22T12:00",
             false},
            {{"2026-11-18T10:00", "2026-11-18T11:00", "2026-11-20T10:00", "2026-11-20T11:00"},
             "2026-11-25T09:59:59.999",
             false},
            {{"2026-11-18T10:00", "2026-11-18T11:00", "2026-11-20T10:00", "2026-11-20T11:00"},
             "2026-11-25T10:00",
             true},
            // 31 January to 1 February is one day after another, not a fresh month for the day's
            // rolling cap.
            {{"2026-01-31T19:00", "2026-01-31T19:30"}, "2026-02-01T10:00", false},
        }));
    INFO(now);
    CHECK(may_contact(caps, ledger_of(ledger), at(now), moscow()).allowed() == allowed);
}

TEST_CASE("the law allows a debtor 1 call a day, 2 a week, 8 a month", "[campaigns][caps][law]") {
    const auto caps = debt_law_caps().calls;
    const auto [per, count] = GENERATE(table<std::string, int>(
        {{"day", 1}, {"week", 2}, {"month", 8}, {"1d", 1}, {"7d", 2}, {"30d", 8}}));
    const auto found = std::ranges::find(caps, per, window_text);
    REQUIRE(found != caps.end());
    CHECK(found->count == count);
    CHECK(caps.size() == 6);
    const auto messages = debt_law_caps().messages;
    const auto twin = std::ranges::find(messages, per, window_text);
    REQUIRE(twin != messages.end());
    CHECK(twin->count == 2 * count);
    CHECK(debt_law_caps().letters.empty());
}

TEST_CASE("electronic messages share one count, calls and letters have their own",
          "[campaigns][caps][law]") {
    using base::ChannelKind;
    CHECK(contact_class_of(ChannelKind::email) == ContactClass::message);
    CHECK(contact_class_of(ChannelKind::sms) == ContactClass::message);
    CHECK(contact_class_of(ChannelKind::fax) == ContactClass::message);
    CHECK(contact_class_of(ChannelKind::call) == ContactClass::call);
    CHECK(contact_class_of(ChannelKind::letter) == ContactClass::letter);
}

TEST_CASE("the sixteenth message of a month is the last, also in a month of 31 days",
          "[campaigns][caps][law]") {
    std::vector<LedgerEntry> ledger;
    const std::vector<Cap> month{{16, CapWindow::month}};
    for (int day = 1; day <= 16; ++day) {
        const auto now = at("2026-01-01T10:00") + std::chrono::days{day - 1};
        REQUIRE(may_contact(month, ledger, now, moscow()).allowed());
        ledger.push_back(entry(now));
    }
    const auto refused = may_contact(month, ledger, at("2026-01-31T23:59:59.999"), moscow());
    CHECK(refused.refused_by == month[0]);
    CHECK(refused.until == at("2026-02-01T00:00"));
    CHECK(may_contact(month, ledger, at("2026-02-01T00:00"), moscow()).allowed());
}

TEST_CASE("a refusal names the first instant at which every cap allows", "[campaigns][caps]") {
    const auto [window, length, until] = GENERATE(
        table<CapWindow, Minutes, std::string>({{CapWindow::day, 0min, "2026-12-31T00:00"},
                                                {CapWindow::week, 0min, "2027-01-04T00:00"},
                                                {CapWindow::month, 0min, "2027-01-01T00:00"},
                                                {CapWindow::rolling, 36h, "2026-12-31T21:30"}}));
    const std::vector<Cap> caps{{1, window, length}};
    const auto decision =
        may_contact(caps, ledger_of({"2026-12-30T09:30"}), at("2026-12-30T12:00"), moscow());
    CHECK(decision.until == at(until));
}

TEST_CASE("a cap of nothing refuses for ever", "[campaigns][caps]") {
    const std::vector<Cap> caps{{0, CapWindow::day}};
    const auto decision = may_contact(caps, {}, at("2026-11-20T10:00"), moscow());
    CHECK_FALSE(decision.allowed());
    CHECK_FALSE(decision.until);
}

TEST_CASE("contacts reserved ahead count already", "[campaigns][caps]") {
    const std::vector<Cap> caps{{1, CapWindow::rolling, 24h}};
    CHECK_FALSE(may_contact(caps, ledger_of({"2026-11-20T12:00"}), at("2026-11-20T10:00"), moscow())
                    .allowed());
}

TEST_CASE("caps hold in random sequences, and agree with a count by brute force",
          "[campaigns][caps]") {
    std::mt19937_64 random{20261121};
    const auto zone = moscow();
    std::int64_t asked = 0;
    std::int64_t refused = 0;
    for (int sequence = 0; sequence < sequences(); ++sequence) {
        const auto caps = random_caps(random);
        // Around a New Year, a leap day, a 31 January or anywhere.
        static constexpr std::int64_t starts[] = {1767000000000, 1709000000000, 1769700000000,
                                                  1790000000000};
        auto now = base::from_millis(starts[random() % 4] +
                                     static_cast<std::int64_t>(random() % 864'000'000));
        const auto pace = std::int64_t{1}
                          << (18 + random() % 11);  // minutes to days between attempts
        std::vector<Instant> contacts;
        std::vector<LedgerEntry> ledger;
        for (int attempt = 0; attempt < 12; ++attempt) {
            const auto decision = may_contact(caps, ledger, now, zone);
            const bool allowed = BruteForce::allows(caps, contacts, now);
            REQUIRE(decision.allowed() == allowed);
            ++asked;
            if (allowed) {
                contacts.push_back(now);
                ledger.push_back(entry(now));
            } else {
                ++refused;
                REQUIRE(decision.until);
                REQUIRE(*decision.until > now);
                REQUIRE(BruteForce::allows(caps, contacts, *decision.until));
                REQUIRE_FALSE(BruteForce::allows(caps, contacts, *decision.until - 1ms));
                const auto between =
                    now + (*decision.until - now) * static_cast<int>(random() % 100) / 100;
                REQUIRE_FALSE(BruteForce::allows(caps, contacts, between));
            }
            // Half of the time exactly at the border.
            const bool at_border = decision.until && random() % 2 == 0;
            now = at_border ? *decision.until
                            : now + std::chrono::milliseconds{static_cast<std::int64_t>(random()) &
                                                              (pace - 1)};
        }
        for (const auto& cap : caps) REQUIRE(keeps(cap, contacts));
    }
    CHECK(refused > asked / 20);
    WARN(sequences() << " sequences, " << asked << " decisions, " << refused
                     << " refused, 0 over a cap");
}
