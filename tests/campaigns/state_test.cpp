#include "campaigns/state.h"

#include <catch2/catch.hpp>
#include <random>
#include <set>

using namespace carillon::campaigns;

TEST_CASE("a campaign moves only along the drawn arrows", "[campaigns][states]") {
    const std::set<std::pair<std::string, std::string>> arrows{
        {"draft", "submitted"},   {"draft", "cancelled"},     {"submitted", "approved"},
        {"submitted", "draft"},   {"submitted", "cancelled"}, {"approved", "running"},
        {"approved", "draft"},    {"approved", "cancelled"},  {"running", "paused"},
        {"running", "cancelled"}, {"paused", "running"},      {"paused", "cancelled"},
        {"draft", "past"}};
    for (const auto from : campaign_states)
        for (const auto to : campaign_states) {
            const std::pair arrow{std::string{name_of(from)}, std::string{name_of(to)}};
            INFO(arrow.first << " -> " << arrow.second);
            CHECK(may_become(from, to) == arrows.contains(arrow));
        }
}

TEST_CASE("no walk from draft reaches running without an approval after the last edit",
          "[campaigns][states]") {
    std::mt19937 random{20261121};
    for (int walk = 0; walk < 10'000; ++walk) {
        auto state = CampaignState::draft;
        bool approved = false;
        for (int step = 0; step < 30; ++step) {
            const auto next = campaign_states[random() % campaign_states.size()];
            if (!may_become(state, next)) continue;
            if (next == CampaignState::approved) approved = true;
            if (next == CampaignState::draft) approved = false;
            state = next;
            if (may_send(state)) REQUIRE(approved);
        }
    }
}

TEST_CASE("names of campaign states are read back", "[campaigns][states]") {
    for (const auto state : campaign_states) CHECK(campaign_state_from(name_of(state)) == state);
    CHECK_FALSE(campaign_state_from("finished"));
    CHECK_FALSE(campaign_state_from(""));
}

TEST_CASE("what is final cannot move, and what can be edited has not been sent",
          "[campaigns][states]") {
    for (const auto from : campaign_states) {
        bool moves = false;
        for (const auto to : campaign_states) moves = moves || may_become(from, to);
        CHECK(is_final(from) == !moves);
        CHECK_FALSE((may_edit(from) && may_send(from)));
        if (may_edit(from) && from != CampaignState::draft)
            CHECK(may_become(from, CampaignState::draft));
    }
}

TEST_CASE("an approval needs a second person and the very content that was shown",
          "[campaigns][states]") {
    const auto [editor, approver, approved, current, code] =
        GENERATE(table<std::string, std::string, std::string, std::string, std::string>(
            {{"orlova", "petrov", "h1", "h1", ""},
             {"orlova", "orlova", "h1", "h1", "approval.own_work"},
             {"orlova", "petrov", "h1", "h2", "approval.changed"},
             {"orlova", "petrov", "", "h1", "approval.changed"},
             {"", "petrov", "h1", "h1", "approval.nobody"},
             {"orlova", "", "h1", "h1", "approval.nobody"},
             {"orlova", "petrov", "", "", "approval.nobody"}}));
    const auto result = may_approve(editor, approver, approved, current);
    CHECK((result ? std::string{} : result.error().code) == code);
}

TEST_CASE("a campaign starts only while its approval covers its content", "[campaigns][states]") {
    CHECK(may_start("h1", "h1"));
    CHECK(may_start("h1", "h2").error().code == "approval.changed");
    CHECK(may_start("", "h1").error().code == "approval.missing");
    CHECK(may_start("", "").error().code == "approval.missing");
}
