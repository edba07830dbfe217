#include "scheduler/dispatcher_identity.h"

#include <unistd.h>

#include <fstream>
#include <sstream>

#include "db/queries.h"

namespace carillon::scheduler {

namespace {

std::string start_time(const std::string& pid) {
    std::ifstream file{"/proc/" + pid + "/stat"};
    std::stringstream text;
    text << file.rdbuf();
    const auto stat = text.str();
    const auto name_end = stat.rfind(')');  // the command name may hold spaces
    if (name_end == std::string::npos) return {};
    std::istringstream fields{stat.substr(name_end + 1)};
    std::string field;
    fields >> field;
    if (field == "Z" || field == "X") return {};  // dead, only not yet reaped
    for (int i = 4; i <= 22; ++i) fields >> field;
    return field;
}

}  // namespace

// After a restart of the machine all its processes are gone, whatever their pids.
std::string own_host() {
    char name[256] = {};
    gethostname(name, sizeof name - 1);
    std::ifstream file{"/proc/sys/kernel/random/boot_id"};
    std::string boot;
    std::getline(file, boot);
    return std::string{name}.substr(0, 60) + " " + boot;
}

std::string own_process() {
    const auto pid = std::to_string(getpid());
    return pid + ":" + start_time(pid);
}

bool is_running(const std::string& process) {
    const auto colon = process.find(':');
    const auto started = start_time(process.substr(0, colon));
    return !started.empty() && colon != std::string::npos && process.substr(colon + 1) == started;
}

DispatcherId register_dispatcher(db::Connection& connection, base::Instant now,
                                 std::chrono::seconds lease) {
    return {connection.insert(db::queries::register_dispatcher,
                              {own_host(), own_process(), now, now + lease})};
}

bool renew_dispatcher(db::Connection& connection, DispatcherId id, base::Instant now,
                      std::chrono::seconds lease) {
    return connection.execute(db::queries::renew_dispatcher, {now + lease, id}) == 1;
}

bool is_registered(db::Connection& connection, DispatcherId id) {
    return connection.value<std::int64_t>(db::queries::dispatcher_not_ended, {id}).has_value();
}

void end_dispatcher(db::Connection& connection, DispatcherId id, base::Instant now) {
    connection.execute(db::queries::end_dispatcher, {now, id});
}

std::vector<DeadDispatcher> dead_dispatchers(db::Connection& connection, base::Instant now) {
    std::vector<DeadDispatcher> dead;
    connection.select(db::queries::dispatchers_not_ended, {}, [&](const db::Row& row) {
        const bool silent = row.get<base::Instant>(3) < now;
        const auto host = row.get<std::string>(1);
        auto process = row.get<std::string>(2);
        const bool gone = host == own_host() && !is_running(process);
        if (silent || gone) dead.push_back({row.get<DispatcherId>(0), std::move(process), gone});
    });
    return dead;
}

}  // namespace carillon::scheduler
