#include "audience/contact_plan.h"

#include <algorithm>

namespace carillon::audience {

namespace {

// Wishes of one channel, each address once.
std::vector<ContactWish> wishes_on(base::ChannelKind channel,
                                   const std::vector<ContactWish>& wishes) {
    std::vector<ContactWish> found;
    for (const auto& wish : wishes) {
        if (wish.channel != channel) continue;
        const bool twice =
            !wish.address.empty() &&
            std::ranges::find(found, wish.address, &ContactWish::address) != found.end();
        if (!twice) found.push_back(wish);
    }
    return found;
}

void plan_channel(base::ChannelKind channel, const std::vector<ContactInfo>& existing,
                  const std::vector<ContactWish>& wishes, ContactPlan& plan) {
    const auto is_wished = [&](const ContactInfo& contact) {
        return std::ranges::find(wishes, contact.address, &ContactWish::address) != wishes.end();
    };
    for (const auto& wish : wishes) {
        const ContactInfo* same = nullptr;
        std::vector<const ContactInfo*> displaced;
        for (const auto& contact : existing) {
            if (contact.channel != channel) continue;
            if (contact.address == wish.address)
                same = &contact;
            else if (contact.priority == wish.priority && !is_wished(contact))
                displaced.push_back(&contact);
        }
        if (same != nullptr) {
            if (same->priority != wish.priority)
                plan.moves.push_back({same->number, wish.priority});
            if (wish.verified && *wish.verified != same->verified)
                plan.verdicts.push_back({same->number, *wish.verified});
        } else if (!wish.address.empty()) {
            if (displaced.empty()) {
                plan.inserts.push_back(wish);
            } else {
                plan.replaces.push_back(
                    {displaced.back()->number, wish.address, wish.verified.value_or(false)});
                displaced.pop_back();
            }
        }
        for (const auto* contact : displaced) plan.deletes.push_back(contact->number);
    }
}

}  // namespace

ContactPlan plan_contacts(const std::vector<ContactInfo>& existing,
                          const std::vector<ContactWish>& wishes) {
    ContactPlan plan;
    for (const auto channel : base::channel_kinds) {
        const auto on_channel = wishes_on(channel, wishes);
        if (!on_channel.empty()) plan_channel(channel, existing, on_channel, plan);
    }
    return plan;
}

}  // namespace carillon::audience
