#include "campaigns/message_state.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <random>
#include <set>

using namespace carillon;
using namespace carillon::campaigns;
using enum MessageState;

namespace {

// docs/states.md once more, arrow by arrow, written independently of the switch.
const std::set<std::pair<MessageState, MessageState>> arrows = [] {
    std::set<std::pair<MessageState, MessageState>> all{{planned, held},
                                                        {planned, queued},
                                                        {planned, skipped},
                                                        {planned, control},
                                                        {held, queued},
                                                        {held, closed_unknown},
                                                        {queued, leased},
                                                        {queued, held},
                                                        {queued, closed_unknown},
                                                        {leased, submitting},
                                                        {leased, queued},
                                                        {leased, held},
                                                        {leased, failed},
                                                        {leased, quarantined},
                                                        {leased, closed_unknown},
                                                        {submitting, accepted},
                                                        {submitting, deferred},
                                                        {submitting, failed},
                                                        {submitting, uncertain},
                                                        {deferred, queued},
                                                        {deferred, failed},
                                                        {deferred, closed_unknown},
                                                        {uncertain, accepted},
                                                        {uncertain, delivered},
                                                        {uncertain, bounced},
                                                        {uncertain, failed},
                                                        {uncertain, deferred},
                                                        {uncertain, closed_unknown},
                                                        {accepted, delivered},
                                                        {accepted, bounced},
                                                        {accepted, cancelled},
                                                        {delivered, bounced},
                                                        {closed_unknown, accepted},
                                                        {closed_unknown, delivered},
                                                        {closed_unknown, bounced}};
    for (const auto from : {planned, held, queued, leased, deferred})
        for (const auto to : {suppressed, expired, cancelled}) all.insert({from, to});
    return all;
}();

}  // namespace

TEST_CASE("a message moves only along the drawn arrows", "[campaigns][states]") {
    for (const auto from : message_states)
        for (const auto to : message_states) {
            INFO(name_of(from) << " -> " << name_of(to));
            CHECK(may_become(from, to) == arrows.contains({from, to}));
        }
}

TEST_CASE("final means that no arrow leaves, settled that none leads back to work",
          "[campaigns][states]") {
    for (const auto from : message_states) {
        bool leaves = false;
        for (const auto to : message_states) {
            if (!may_become(from, to)) continue;
            leaves = true;
            INFO(name_of(from) << " -> " << name_of(to));
            if (is_settled(from)) CHECK(is_settled(to));
        }
        INFO(name_of(from));
        CHECK(is_final(from) == !leaves);
        if (is_stoppable(from)) CHECK_FALSE(is_settled(from));
    }
}

TEST_CASE("names of message states are distinct and read back", "[campaigns][states]") {
    std::set<std::string_view> names;
    for (const auto state : message_states) {
        CHECK(message_state_from(name_of(state)) == state);
        names.insert(name_of(state));
    }
    CHECK(names.size() == 18);
    CHECK_FALSE(message_state_from("sent"));
}

TEST_CASE("every message can reach a settled state, and every state is reachable from planned",
          "[campaigns][states]") {
    std::set<MessageState> reached{planned};
    for (std::size_t before = 0; before != reached.size();) {
        before = reached.size();
        for (const auto from : std::set<MessageState>{reached})
            for (const auto to : message_states)
                if (may_become(from, to)) reached.insert(to);
    }
    CHECK(reached.size() == message_states.size());
    for (const auto from : message_states) {
        const bool way_on =
            std::ranges::any_of(message_states, [&](auto to) { return may_become(from, to); });
        CHECK((is_settled(from) || way_on));
    }
}

// Random events against a model that knows only what a client can notice: how often a provider was
// asked, and whether an answer is outstanding.
TEST_CASE(
    "in a random life a provider is asked again only after a definite no or an uncertain answer",
    "[campaigns][states]") {
    std::mt19937 random{42};
    int submissions_seen = 0;
    for (int life = 0; life < 100'000; ++life) {
        auto state = planned;
        bool provider_may_have_it = false;
        bool was_uncertain = false;
        for (int event = 0; event < 300; ++event) {
            const auto next = message_states[random() % message_states.size()];
            if (!may_become(state, next)) continue;
            const bool gives_up = next == closed_unknown && is_stoppable(state);
            if ((is_stopped(next) || gives_up) && random() % 50 != 0)
                continue;  // or few lives would reach a provider
            if (next == submitting) {
                ++submissions_seen;
                REQUIRE(state == leased);
                REQUIRE((!provider_may_have_it || was_uncertain));
                provider_may_have_it = true;
                was_uncertain = false;
            }
            if (next == uncertain) was_uncertain = true;
            if (state == submitting && (next == deferred || next == failed))
                provider_may_have_it = false;
            if (state == accepted && next == cancelled) provider_may_have_it = false;  // back
            if (is_stopped(next)) REQUIRE((!provider_may_have_it || was_uncertain));
            state = next;
        }
    }
    CHECK(submissions_seen > 10'000);  // the walk does get there
}

TEST_CASE("late events lead to the same end in every order", "[campaigns][states]") {
    std::vector<MessageState> events{delivered, bounced, delivered};
    std::ranges::sort(events);
    do {
        auto state = accepted;
        for (const auto event : events)
            if (may_become(state, event)) state = event;
        CHECK(state == bounced);
    } while (std::ranges::next_permutation(events).found);
}

TEST_CASE("an uncertain message is sent once more only where a duplicate is the lesser evil",
          "[campaigns][states]") {
    using base::ChannelKind;
    using base::Purpose;
    for (const auto channel : base::channel_kinds) {
        const bool electronic = channel == ChannelKind::email || channel == ChannelKind::sms;
        CHECK_FALSE(may_resend_uncertain(Purpose::debt, channel));
        CHECK_FALSE(may_resend_uncertain(Purpose::marketing, channel));
        CHECK(may_resend_uncertain(Purpose::service, channel) == electronic);
        CHECK(may_resend_uncertain(Purpose::transactional, channel) == electronic);
    }
}
