// Builds and keeps what the messages of a run share. One per dispatcher; not thread-safe.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <unordered_map>

#include "campaigns/campaign_store.h"
#include "scheduler/run_context.h"

namespace carillon::scheduler {

// The outlet of channel settings; nullptr when it cannot be opened (the reason is the factory's to
// report).
using OutletOf = std::function<Outlet*(const db::Document& channel)>;

struct BankIdentity {
    std::string name{};
    std::string phone{};
    std::string url{};
    std::string currency{"RUB"};
    std::string public_url{};  // where tracked links lead; empty: nothing is tracked
};

// The group behind channel settings; nothing when they are of one account. What is wrong with a
// group is added.
std::optional<channels::ProviderGroup> group_in(const db::Document& channel,
                                                base::Problems& problems);

// What all runs of a campaign share, without its contents.
RunContext share_of(const campaigns::Bundle& bundle, const BankIdentity& bank,
                    const base::LocalDate& as_of);
// The compiled template and the providers of every step, channel and variant.
void add_contents(RunContext& context, const campaigns::Bundle& bundle,
                  const std::map<std::string, templates::CompiledTemplate>& compiled,
                  const std::function<ProviderPool*(const std::string& account)>& pool_of);

class RunContexts {
public:
    RunContexts(OutletOf outlet_of, BankIdentity bank)
        : outlet_of_(std::move(outlet_of)), bank_(std::move(bank)) {}

    // nullptr: the run, one of its parts or its channel is not to be had; problem() says why.
    std::shared_ptr<const RunContext> find(db::Connection& connection, base::RunId run);
    const std::string& problem() const { return problem_; }

private:
    // Shared by all runs of one approved campaign: compiled once.
    struct Parts {
        campaigns::Bundle bundle;
        std::map<std::string, templates::CompiledTemplate> compiled;
        std::map<std::string, ProviderPool*> pools;  // of accounts and groups, by name
    };

    std::shared_ptr<const Parts> parts_of(db::Connection& connection,
                                          const campaigns::StoredCampaign& campaign);
    ProviderPool* pool_of(const campaigns::Bundle& bundle, const db::Document& channel,
                          base::Problems& problems);
    std::shared_ptr<const RunContext> build(db::Connection& connection, base::RunId run);

    OutletOf outlet_of_;
    BankIdentity bank_;
    std::unordered_map<std::int64_t, std::shared_ptr<const RunContext>> runs_;
    std::unordered_map<std::string, std::shared_ptr<const Parts>> parts_;  // by approved hash
    // By the documents they stand on: campaigns that bind the same ones share what is known of the
    // providers. Never dropped: messages in flight point to them.
    std::map<std::string, std::unique_ptr<ProviderPool>> pools_;
    std::string problem_;
};

}  // namespace carillon::scheduler
