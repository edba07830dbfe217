// Keeps the channels open on which something may happen although nothing is sent: a client answers
// STOP, a fax comes in, letters of an earlier process wait for their cut-off.
#pragma once

#include <optional>
#include <set>
#include <string>

#include "app/program.h"

namespace carillon::app {

// For one thread, the one that dispatches.
class Listeners {
public:
    explicit Listeners(Program& program) : program_(program) {}
    // Opens those that are not open yet, at most every few seconds; a folder that another process
    // has open is tried again, for that process may end. The first problem, if any.
    std::optional<std::string> turn();
    // For a run that ends by itself and hears nothing: opens the folders in which a process that
    // was killed left letters, which hands over what is due. The first problem, if any.
    std::optional<std::string> finish_left_work();

private:
    std::optional<std::string> open_those(bool (*wanted)(const channels::ChannelConfig&));

    Program& program_;
    base::Steady next_{};
};

}  // namespace carillon::app
