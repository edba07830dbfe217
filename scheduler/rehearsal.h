// Before launch: messages of real clients, composed as they would be and thrown away, to learn how
// many parts and pages they take and which of them cannot be made. Sends and stores nothing.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "campaigns/campaign_store.h"
#include "scheduler/composer.h"
#include "scheduler/run_contexts.h"

namespace carillon::scheduler {

// Messages that cannot be made, by cause.
struct Unmakeable {
    std::int64_t count{};
    std::string client{};  // external id of the first
};

// One channel of one step.
struct Rehearsed {
    int step{1};
    base::ChannelKind channel{};
    std::string account{};
    std::int64_t tried{};  // messages composed; 0: the channel is nobody's first choice
    std::int64_t made{};
    std::int64_t units{};  // of those made: parts of short messages, pages of faxes
    std::int64_t pages{};  // of those made: of faxes and letters
    int units_max{};
    std::map<std::string, Unmakeable> problems{};  // by what is wrong

    double units_each() const {
        return made == 0 ? 1 : static_cast<double>(units) / static_cast<double>(made);
    }
    double pages_each() const {
        return made == 0 ? 0 : static_cast<double>(pages) / static_cast<double>(made);
    }
    std::int64_t unmakeable() const { return tried - made; }
};

struct RehearsalSettings {
    BankIdentity bank{};
    base::CampaignId campaign{};
    std::vector<base::LocalDate> days{};  // of the schedule, looked at until the sample is full
    base::Instant now{};
    std::int64_t sample{1000};  // clients of each channel and step; the whole audience if larger
};

// Composes content for the settings of an account; errors: those of channels::open_composer.
using ComposerOf =
    std::function<base::Result<channels::ContentComposer>(const db::Document& channel)>;

// Later steps are rehearsed with the campaign's audience, whoever of it may reach them. Event
// campaigns have no audience yet and get no rehearsal. Errors: those of compiling the campaign's
// parts and of ComposerOf.
base::Result<std::vector<Rehearsed>> rehearse(db::Connection& reader,
                                              const campaigns::Bundle& bundle,
                                              const Composer& composer,
                                              const ComposerOf& composer_of,
                                              const RehearsalSettings& settings);

}  // namespace carillon::scheduler
