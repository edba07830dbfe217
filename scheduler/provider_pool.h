// The providers behind one account of a campaign: who takes the next message, how much each has in
// hand, how well it answers. An account without a group is a pool of one, which is watched but
// never shut.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "channels/provider_choice.h"
#include "channels/provider_group.h"
#include "scheduler/outlet.h"

namespace carillon::scheduler {

// What one provider may hold, so that a slow one fills its own part only.
struct Windows {
    int in_hand{};     // claimed, composed or with the provider
    int submitting{};  // of those, with the provider
};

// What is asked of a choice. Names of accounts; empty: nothing.
struct ProviderWish {
    std::string_view only{};   // it may have the message already: nobody else may send it
    std::string_view avoid{};  // it did not take the message just now: another one, if there is one
};

// Not thread-safe: belongs to the dispatcher's thread. Composers look at nothing in it.
class ProviderPool {
public:
    struct Provider {
        Outlet* outlet{};  // borrowed from app
        int weight{1};
        channels::ProviderHealth health{};
        int in_hand{0};
        int submitting{0};
        bool recalled{false};  // since it was left
    };
    struct Choice {
        std::size_t provider{};
        bool probe{};  // its answer decides whether the provider is used again
        bool operator==(const Choice&) const = default;
        bool operator<(const Choice& other) const {
            return std::tie(provider, probe) < std::tie(other.provider, other.probe);
        }
    };

    ProviderPool(std::string name, Outlet* account);
    // `outlets`: in the order of the group's providers.
    ProviderPool(const channels::ProviderGroup& group, const std::vector<Outlet*>& outlets);

    const std::string& name() const { return name_; }  // of the channel settings a campaign names
    base::ChannelKind kind() const { return providers_.front().outlet->facts.kind; }
    const std::vector<Provider>& providers() const { return providers_; }
    Outlet* outlet(std::size_t provider) const { return providers_[provider].outlet; }
    // The one of these settings; the first when none is.
    Outlet* outlet_of(base::DocumentId settings) const;
    bool is_group() const { return grouped_; }

    // How many messages could be given out now.
    int room(const Windows& windows, base::Steady now) const;
    // Takes a place for one message. Nothing when nobody who may have it has room.
    std::optional<Choice> choose(const ProviderWish& wish, const Windows& windows,
                                 base::Steady now);
    // The message was not handed over after all.
    void give_back(const Choice& choice);
    void submitted(const Choice& choice) { ++providers_[choice.provider].submitting; }
    void answered(const Choice& choice, const channels::Outcome& outcome,
                  std::chrono::milliseconds latency, base::Steady now);

    // What waits too long for the provider speaks against it as answers do. Absent: any time is
    // fine.
    std::optional<std::chrono::milliseconds> patience(std::size_t provider) const;
    void overdue(std::size_t provider, std::int64_t messages, base::Steady now);
    // Providers that have been left just now: what they have not begun is for others. Each is named
    // once, and only when there are others.
    std::vector<std::size_t> to_recall(base::Steady now);

    // With `more` messages that are about to be handed over.
    bool is_full(std::size_t provider, const Windows& windows, std::size_t more) const;
    // Has failed since the choice was made: what was not handed over is for others.
    bool is_left(const Choice& choice, base::Steady now) const;
    // Is there another one that takes messages?
    bool has_other(std::size_t provider, base::Steady now) const;
    // Who is passed over and why: "sms-a (open: 12 of 20 answers in 60 s were errors)".
    std::string left_out(base::Steady now) const;

private:
    bool is_shut(const Provider& provider, base::Steady now) const;
    int room_of(const Provider& provider, const Windows& windows, base::Steady now) const;
    Windows windows_of(const Provider& provider, const Windows& windows) const;

    std::string name_;
    bool grouped_{false};
    std::vector<Provider> providers_;
    channels::ProviderChoice choice_;
};

// Who carries a batch of messages.
struct Carrier {
    ProviderPool* pool{};
    ProviderPool::Choice choice{};
    Outlet* outlet{};           // what composers need of it: pool->outlet(choice.provider)
    std::string passed_over{};  // see ProviderPool::left_out
};

}  // namespace carillon::scheduler
