// The life of one message: one client, one channel, one step of one run. Drawn in docs/states.md;
// the picture, this file and the CHECK constraint of the table change together. Every UPDATE of a
// state names the state it expects.
#pragma once

#include <array>
#include <cstdlib>
#include <optional>
#include <string_view>

#include "base/channel_kind.h"

namespace carillon::campaigns {

enum class MessageState {
    planned,      // frozen into the audience
    held,         // may not go yet: quiet hours, cap, missing approval; has a reason and an instant
    queued,       // due, waits to be claimed
    leased,       // claimed by one worker; nothing has left the house
    submitting,   // committed before the provider is called
    accepted,     // the provider has it
    delivered,    // the provider says it arrived
    bounced,      // it came back
    deferred,     // definitely not taken this time; has an instant for the next attempt
    failed,       // definitely not taken, and never will be
    uncertain,    // the decisive bytes went out, no answer came
    suppressed,   // the client or the address asked for no more
    expired,      // too late to be of use
    cancelled,    // the campaign was cancelled, or the reason went away (paid, left the segment)
    quarantined,  // composing it crashed repeatedly
    skipped,      // left out when the audience was frozen; has a reason
    control,      // in the control group: receives nothing, is measured
    closed_unknown,  // uncertain for good: never resent, shown in the report
};

inline constexpr std::array message_states{
    MessageState::planned,   MessageState::held,       MessageState::queued,
    MessageState::leased,    MessageState::submitting, MessageState::accepted,
    MessageState::delivered, MessageState::bounced,    MessageState::deferred,
    MessageState::failed,    MessageState::uncertain,  MessageState::suppressed,
    MessageState::expired,   MessageState::cancelled,  MessageState::quarantined,
    MessageState::skipped,   MessageState::control,    MessageState::closed_unknown};

constexpr std::string_view name_of(MessageState state) {
    switch (state) {  // no default: a new state must be decided here
        case MessageState::planned: return "planned";
        case MessageState::held: return "held";
        case MessageState::queued: return "queued";
        case MessageState::leased: return "leased";
        case MessageState::submitting: return "submitting";
        case MessageState::accepted: return "accepted";
        case MessageState::delivered: return "delivered";
        case MessageState::bounced: return "bounced";
        case MessageState::deferred: return "deferred";
        case MessageState::failed: return "failed";
        case MessageState::uncertain: return "uncertain";
        case MessageState::suppressed: return "suppressed";
        case MessageState::expired: return "expired";
        case MessageState::cancelled: return "cancelled";
        case MessageState::quarantined: return "quarantined";
        case MessageState::skipped: return "skipped";
        case MessageState::control: return "control";
        case MessageState::closed_unknown: return "closed_unknown";
    }
    std::abort();
}

std::optional<MessageState> message_state_from(std::string_view name);

// Nothing is left for us to do: a campaign is finished when its audience is frozen and every
// message is settled. A receipt that comes later may still refine a settled message (accepted ->
// delivered), never unsettle it.
constexpr bool is_settled(MessageState state) {
    using enum MessageState;
    switch (state) {
        case planned:
        case held:
        case queued:
        case leased:
        case submitting:
        case deferred:
        case uncertain: return false;
        case accepted:
        case delivered:
        case bounced:
        case failed:
        case suppressed:
        case expired:
        case cancelled:
        case quarantined:
        case skipped:
        case control:
        case closed_unknown: return true;
    }
    std::abort();
}

// Never changes again, whatever arrives.
constexpr bool is_final(MessageState state) {
    using enum MessageState;
    return is_settled(state) && state != accepted && state != delivered && state != closed_unknown;
}

// Nothing has been handed to a provider in this attempt: STOP, payment, cancellation and expiry
// still help.
constexpr bool is_stoppable(MessageState state) {
    using enum MessageState;
    switch (state) {
        case planned:
        case held:
        case queued:
        case leased:
        case deferred: return true;
        case submitting:
        case accepted:
        case delivered:
        case bounced:
        case failed:
        case uncertain:
        case suppressed:
        case expired:
        case cancelled:
        case quarantined:
        case skipped:
        case control:
        case closed_unknown: return false;
    }
    std::abort();
}

// Why a message that never left ends: decided by a person, a rule or the calendar, not by a
// provider.
constexpr bool is_stopped(MessageState state) {
    using enum MessageState;
    return state == suppressed || state == expired || state == cancelled;
}

constexpr bool may_become(MessageState from, MessageState to) {
    using enum MessageState;
    if (is_stoppable(from) && is_stopped(to)) return true;
    switch (from) {
        case planned: return to == held || to == queued || to == skipped || to == control;
        // Unknown: it was in doubt before, and its campaign was cancelled.
        case held: return to == queued || to == closed_unknown;
        case queued: return to == leased || to == held || to == closed_unknown;
        // Back to queued: the lease ran out or was given back. Held: the check before submission
        // said "not now". Failed: composing is impossible (no address, no data). Unknown: it was in
        // doubt before and may not be asked for any more.
        case leased:
            return to == submitting || to == queued || to == held || to == failed ||
                   to == quarantined || to == closed_unknown;
        case submitting: return to == accepted || to == deferred || to == failed || to == uncertain;
        case deferred: return to == queued || to == failed || to == closed_unknown;
        // Settled by a late answer, a receipt or a look-up at the provider. Deferred: the provider
        // denies having it, or the class of the message allows one more attempt under the same key.
        case uncertain:
            return to == accepted || to == delivered || to == bounced || to == failed ||
                   to == deferred || to == closed_unknown;
        // Cancelled: a letter or fax that its channel still held was called back.
        case accepted: return to == delivered || to == bounced || to == cancelled;
        // Mail systems do report "relayed" and bounce later; the bounce wins in every order of
        // arrival.
        case delivered: return to == bounced;
        // A receipt after we stopped waiting is still the truth.
        case closed_unknown: return to == accepted || to == delivered || to == bounced;
        case bounced:
        case failed:
        case suppressed:
        case expired:
        case cancelled:
        case quarantined:
        case skipped:
        case control: return false;
    }
    std::abort();
}

// Whether an uncertain message of this purpose on this channel may be sent once more under the same
// key. Marketing, debt, paper and fax never: a duplicate is worse than a gap. Calls never: a person
// was disturbed.
constexpr bool may_resend_uncertain(base::Purpose purpose, base::ChannelKind channel) {
    const bool electronic =
        channel == base::ChannelKind::email || channel == base::ChannelKind::sms;
    switch (purpose) {
        case base::Purpose::transactional:
        case base::Purpose::service: return electronic;
        case base::Purpose::debt:
        case base::Purpose::marketing: return false;
    }
    std::abort();
}

static_assert(!may_become(MessageState::leased,
                          MessageState::accepted));  // never without `submitting`
static_assert(!may_become(MessageState::submitting, MessageState::queued));
static_assert(!may_become(MessageState::submitting, MessageState::cancelled));
static_assert(!may_become(MessageState::control, MessageState::queued));
static_assert(!may_become(MessageState::accepted, MessageState::queued));
static_assert(!may_become(MessageState::closed_unknown, MessageState::queued));
static_assert(!may_become(MessageState::bounced, MessageState::delivered));

}  // namespace carillon::campaigns
