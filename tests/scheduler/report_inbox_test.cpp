#include "scheduler/report_inbox.h"

#include <catch2/catch.hpp>

#include "base/clock.h"

using namespace carillon;
using namespace std::chrono_literals;

namespace {

base::Steady::duration time_of_wait(scheduler::ReportInbox& inbox,
                                    std::chrono::milliseconds patience) {
    const auto begun = base::steady_now();
    inbox.wait(patience);
    return base::steady_now() - begun;
}

}  // namespace

TEST_CASE("a wake between the last look and the wait is not lost") {
    scheduler::ReportInbox inbox;
    inbox.wake();
    CHECK(time_of_wait(inbox, 1min) < 30s);
    CHECK(time_of_wait(inbox, 30ms) >= 30ms);
}

TEST_CASE("what is left in the inbox ends the wait until it is taken") {
    scheduler::ReportInbox inbox;
    inbox.push(std::vector<channels::Report>{channels::Report{}});
    CHECK(time_of_wait(inbox, 1min) < 30s);
    CHECK(time_of_wait(inbox, 1min) < 30s);
    CHECK(inbox.take_reports().size() == 1);
    CHECK(time_of_wait(inbox, 30ms) >= 30ms);
}
