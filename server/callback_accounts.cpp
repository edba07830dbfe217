#include "server/callback_accounts.h"

#include <stdexcept>

#include "db/documents.h"

namespace carillon::server {

std::shared_ptr<const CallbackAccount> CallbackAccounts::find(const std::string& name) {
    const auto document = db::find_document(*database_.read(), "channel", name);
    if (!document) return nullptr;
    const std::scoped_lock lock{mutex_};
    if (const auto known = known_.find(document->id.value); known != known_.end())
        return known->second;
    std::shared_ptr<const CallbackAccount> account;
    const auto json = base::Json::parse(document->content, name);
    const auto config = json ? channels::parse_channel(*json, folder_)
                             : tl::expected<channels::ChannelConfig, base::Problems>{
                                   tl::unexpect, base::Problems{json.error()}};
    if (!config) throw std::runtime_error{config.error().front().text()};
    auto callbacks = channels::callbacks_of(*config);
    if (!callbacks) throw std::runtime_error{callbacks.error().text()};
    if (*callbacks)
        account = std::make_shared<CallbackAccount>(
            CallbackAccount{config->facts, std::move(**callbacks)});
    return known_.emplace(document->id.value, std::move(account)).first->second;
}

}  // namespace carillon::server
