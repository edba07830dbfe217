// Who a sending process is for the others: a row with a heartbeat. Claims carry its number, so that
// the rows of a process that died can be told from those of one that works.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/clock.h"
#include "db/database.h"

namespace carillon::scheduler {

using DispatcherId = base::Id<struct DispatcherTag>;

// Fences of one dispatcher: [first, last). Each claim takes the next.
inline constexpr std::int64_t fences_per_dispatcher = std::int64_t{1} << 24;

struct FenceRange {
    std::int64_t first{};
    std::int64_t last{};
};
constexpr FenceRange fences_of(DispatcherId id) {
    return {id.value * fences_per_dispatcher, (id.value + 1) * fences_per_dispatcher};
}

// How long the others wait before they take a silent process for dead. Wall clock of the database's
// users; a process on the same host is told dead at once by its pid and start time.
inline constexpr std::chrono::seconds heartbeat_lease{60};

// `now` of heartbeats is real time even when a campaign year is simulated.
DispatcherId register_dispatcher(db::Connection& connection, base::Instant now,
                                 std::chrono::seconds lease = heartbeat_lease);
// False when the row is ended: others took us for dead; claims made so far are lost.
bool renew_dispatcher(db::Connection& connection, DispatcherId id, base::Instant now,
                      std::chrono::seconds lease = heartbeat_lease);
// False when others took us for dead. Asked in the transaction that claims: under the number of a
// dispatcher that has ended nobody would look for the rows again.
bool is_registered(db::Connection& connection, DispatcherId id);
void end_dispatcher(db::Connection& connection, DispatcherId id, base::Instant now);
struct DeadDispatcher {
    DispatcherId id{};
    std::string process{};  // as own_process() told it
    bool gone{};            // a process of this host and boot that exists no more; else only silent
};
// Not ended, and either silent too long or gone.
std::vector<DeadDispatcher> dead_dispatchers(db::Connection& connection, base::Instant now);

// Name and boot of this machine.
std::string own_host();
// "pid:start time" of this process; start time in clock ticks since boot (proc(5), field 22).
std::string own_process();
bool is_running(const std::string& process);

}  // namespace carillon::scheduler
