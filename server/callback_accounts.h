// The accounts of callbacks: channels by name, with who may report in their name.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "channels/open.h"
#include "db/database.h"

namespace carillon::server {

struct CallbackAccount {
    channels::ChannelFacts facts{};
    channels::CallbackConfig callbacks{};
};

// Safe from several threads. The newest version of a channel's settings counts; its secret is read
// when the version is first asked for.
class CallbackAccounts {
public:
    CallbackAccounts(db::Database& database, std::string folder)
        : database_(database), folder_(std::move(folder)) {}

    // nullptr: there is no such channel, or it hears nobody. Throws std::runtime_error when its
    // secret cannot be read.
    std::shared_ptr<const CallbackAccount> find(const std::string& name);

private:
    db::Database& database_;
    std::string folder_;
    std::mutex mutex_;
    std::map<std::int64_t, std::shared_ptr<const CallbackAccount>> known_;  // by document id
};

}  // namespace carillon::server
