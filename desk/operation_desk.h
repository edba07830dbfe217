// What operators and managers look after: what runs, channels, calls, tasks, imports.
#pragma once

#include "desk/office.h"

namespace carillon::desk {

// What runs, what waits for the caller, what is in trouble.
Answer dashboard(Office& office, const Caller& caller);

// Channels with the providers behind them and how these answer. Settings are not shown: they name
// files and secrets of the server.
Answer list_channels(Office& office, const Caller& caller);

struct CallFilter {
    std::string state{};
    std::string manager{};
    int limit{50};
};
Answer list_calls(Office& office, const Caller& caller, const CallFilter& filter);
// The next task that may be called now, locked for the caller: {"task": null} when there is none.
// Managers get tasks of their own clients.
Answer claim_call(Office& office, const Caller& caller, const base::Json& wish);
// Errors: those of scheduler::CallDesk::finish.
Answer close_call(Office& office, const Caller& caller, std::int64_t id, const base::Json& result);

struct TaskFilter {
    bool done{};
    std::string manager{};
};
Answer list_tasks(Office& office, const Caller& caller, const PageQuery& query,
                  const TaskFilter& filter);
Answer finish_task(Office& office, const Caller& caller, std::int64_t id);

}  // namespace carillon::desk
