// The life of a campaign: checks, four eyes, what an approval binds.
#include <catch2/catch.hpp>

#include "tests/support/small_campaign.h"

using namespace carillon;
using tests::SmallCampaign;

namespace {

const char* const definition =
    R"({"name":"news","title":"News","objective":"service","segment":"everyone",
    "steps":[{"channel":"email","template":"note"}],"schedule":{"once":{"date":"2026-11-23","time":"10:00"}}})";

template <class Result>
std::string problem_of(const Result& result) {
    return result ? std::string{} : result.error().code;
}

}  // namespace

TEST_CASE("nobody approves his own work, and an approval is of exactly what was seen",
          "[campaign]") {
    SmallCampaign small{GENERATE(from_range(tests::engines_under_test()))};
    small.apply("campaign", "news", definition);
    CHECK(small.act(
        [](const campaigns::Desk& desk) { return campaigns::submit(desk, "news").has_value(); }));
    CHECK(small.act([](const campaigns::Desk& desk) {
        return problem_of(campaigns::approve(desk, "news", ""));
    }) == "approval.own_work");
    small.actor = "boris";
    CHECK(small.act([](const campaigns::Desk& desk) {
        return problem_of(campaigns::approve(desk, "news", "0123"));
    }) == "approval.changed");
    CHECK(small.act([](const campaigns::Desk& desk) {
        return campaigns::approve(desk, "news", "").has_value();
    }));
}

TEST_CASE("an edit voids the approval", "[campaign]") {
    SmallCampaign small{GENERATE(from_range(tests::engines_under_test()))};
    small.apply("campaign", "news", definition);
    small.act(
        [](const campaigns::Desk& desk) { return campaigns::submit(desk, "news").has_value(); });
    small.actor = "boris";
    small.act([](const campaigns::Desk& desk) {
        return campaigns::approve(desk, "news", "").has_value();
    });
    std::string changed{definition};
    changed.replace(changed.find("10:00"), 5, "11:00");
    small.apply("campaign", "news", changed.c_str());
    CHECK(small.act([](const campaigns::Desk& desk) {
        return problem_of(campaigns::start(desk, "news"));
    }) == "campaign.wrong_state");
}

TEST_CASE("a running campaign keeps the template that was approved", "[campaign]") {
    SmallCampaign small{GENERATE(from_range(tests::engines_under_test())), "2026-11-23T08:00:00Z"};
    small.add_client("anna");
    small.launch(tests::once_at_ten);
    small.apply("template", "note",
                R"({"name":"note","channel":"email","default_locale":"en","locales":{"en":{
        "subject":"Something else","text":"Something else"}}})");
    small.plan();
    SmallCampaign::Sender sender{small};
    sender.drain();
    REQUIRE(sender.recording->sent.size() == 1);
    CHECK(std::get<channels::EmailPayload>(sender.recording->sent[0].payload)
              .bytes.find("Subject: Hello Nameanna") != std::string::npos);
}

TEST_CASE("a running campaign is not edited", "[campaign]") {
    SmallCampaign small{GENERATE(from_range(tests::engines_under_test()))};
    small.launch(tests::once_at_ten);
    std::string changed{definition};
    changed.replace(changed.find("10:00"), 5, "11:00");
    CHECK(small.act([&](const campaigns::Desk& desk) {
        return problem_of(
            campaigns::apply(desk, "campaign", "news", base::Json::parse(changed).value()));
    }) == "campaign.not_editable");
}

TEST_CASE("missing parts and values that clients lack refuse a campaign before it starts",
          "[campaign]") {
    SmallCampaign small{GENERATE(from_range(tests::engines_under_test()))};
    const auto company = small.add_client("company");
    small.sql(
        "UPDATE clients SET first_name = NULL, company_name = 'Ltd', kind = 'company' WHERE id = ?",
        {company});
    small.apply("campaign", "news", definition);
    const auto problems = small.act([](const campaigns::Desk& desk) {
        const auto submitted = campaigns::submit(desk, "news");
        return submitted ? base::Problems{} : submitted.error();
    });
    REQUIRE(problems.size() == 1);
    CHECK(problems[0].code == "template.field_missing");
    CHECK(problems[0].detail.find("1 clients") == 0);

    std::string unknown{definition};
    unknown.replace(unknown.find("everyone"), 8, "nobody-x");
    small.apply("campaign", "other", unknown.c_str());
    CHECK(small.act([](const campaigns::Desk& desk) {
        const auto submitted = campaigns::submit(desk, "other");
        return submitted ? std::string{} : submitted.error().front().code;
    }) == "campaign.unknown_segment");
}

TEST_CASE("every action of people is in the audit log", "[campaign]") {
    SmallCampaign small{GENERATE(from_range(tests::engines_under_test()))};
    small.launch(tests::once_at_ten);
    small.act([](const campaigns::Desk& desk) {
        return campaigns::pause(desk, "news", "check").has_value();
    });
    auto lease = small.database->read();
    std::vector<std::string> actions;
    for (const auto& row : db::read_audit(*lease, "campaign news", 10))
        actions.push_back(row.entry.action);
    CHECK(actions == std::vector<std::string>{"campaign.pause", "campaign.start",
                                              "campaign.approve", "campaign.submit",
                                              "campaign.apply"});
    CHECK(db::verify_audit(*lease, "key", std::nullopt).problems.empty());
}
