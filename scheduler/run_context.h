// Everything that is the same for all messages of a run: the approved definition with the exact
// versions of its segment, templates, channels and policies. Immutable; shared between the
// dispatcher and its composing threads.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "campaigns/definition.h"
#include "campaigns/merge_fields.h"
#include "campaigns/policies.h"
#include "db/compose.h"
#include "scheduler/provider_pool.h"
#include "templates/compiled_template.h"

namespace carillon::scheduler {

struct StepContent {
    templates::CompiledTemplate compiled;
    base::DocumentId document{};
    ProviderPool* providers{};  // borrowed from RunContexts; for the dispatcher's thread only
};

struct RunContext {
    base::RunId id{};
    base::CampaignId campaign{};
    base::LocalDate as_of{};
    campaigns::Definition definition{};
    campaigns::Policies policies{};
    campaigns::WorkCalendar calendar{};
    campaigns::SendWindows windows{};
    campaigns::MergeCommon common{};
    // "Still true?": the segment as compiled for the run's date, on alias c. Absent when the
    // campaign does not ask.
    std::optional<db::Fragment> still_matches{};
    // By step (from 1), channel and variant.
    std::map<std::tuple<int, base::ChannelKind, int>, StepContent> contents{};
    std::vector<ProviderPool*> pools{};  // of all contents, each once

    base::Purpose purpose() const { return definition.purpose; }
    const StepContent& content(int step, base::ChannelKind channel, int variant) const {
        return contents.at({step, channel, variant});
    }
    // Whether the account with these settings answers a repeated key with what it has.
    bool remembers_keys(base::DocumentId settings) const {
        for (const auto* pool : pools)
            for (const auto& provider : pool->providers())
                if (provider.outlet->document == settings)
                    return provider.outlet->channel->remembers_keys();
        return false;
    }
    const campaigns::Step& step(int number) const {
        return definition.steps.at(static_cast<std::size_t>(number) - 1);
    }
};

}  // namespace carillon::scheduler
