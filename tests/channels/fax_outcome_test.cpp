#include "channels/fax_outcome.h"

#include <catch2/catch.hpp>

using namespace carillon::channels;

namespace {

FaxJob job(FaxJob::State state, std::string status, int dials = 1, int pages = 0) {
    return {.id = "42",
            .state = state,
            .pages = pages,
            .pages_total = 2,
            .dials = dials,
            .owner = "carillon",
            .tag = "carillon-D26-0042",
            .status = std::move(status)};
}

}  // namespace

TEST_CASE("the longest dial rule wins", "[fax]") {
    const std::vector<DialRule> rules{{"+7", "8"}, {"+7495", ""}, {"+", "810"}};
    CHECK(*dial_string(rules, "+74952000200") == "2000200");
    CHECK(*dial_string(rules, "+78125550199") == "88125550199");
    CHECK(*dial_string(rules, "+4930901820") == "8104930901820");
    CHECK(*dial_string({}, "+4930901820") == "+4930901820");
    CHECK(dial_string({{"+7", "8"}}, "+4930901820").error().code == "fax.no_dial_rule");
}

TEST_CASE("what is no E.164 number is never dialled", "[fax]") {
    for (const auto* number :
         {"", "+", "74952000200", "+0495200020", "+749520", "+7495200020012345", "+7495200020O",
          "+7495\n2000200", "+7495;2000200", "+7 4952000200"})
        CHECK(dial_string({}, number).error().code == "fax.number_invalid");
}

TEST_CASE("a key comes back from its tag, whatever it holds", "[fax]") {
    for (const std::string key : {"D26-0042-000017", "a b|c\"d\\e", "100%", "@", "x:y_z.1"}) {
        const auto tag = fax_tag("carillon-", key);
        CHECK(tag.find_first_of(" |\"\\\n") == std::string::npos);
        CHECK(key_of_tag("carillon-", tag) == key);
    }
    CHECK(fax_tag("carillon-", "a b") == "carillon-a%20b");
    const std::string one(300, 'k');
    const auto tag = fax_tag("carillon-", one);
    CHECK(tag.size() == 74);
    CHECK(tag != fax_tag("carillon-", one + "k"));
    CHECK_FALSE(key_of_tag("carillon-", tag));
    CHECK_FALSE(key_of_tag("carillon-", "other-1"));
    CHECK_FALSE(key_of_tag("carillon-", "carillon-%2"));
    CHECK_FALSE(key_of_tag("carillon-", "carillon-%zz"));
}

TEST_CASE("HylaFAX's words are told apart", "[fax]") {
    const auto [words, cause] = GENERATE(table<std::string, FaxCause>({
        {"Busy signal detected; too many attempts to dial", FaxCause::busy},
        {"No answer from remote", FaxCause::no_answer},
        {"Ringback detected, no answer without CED", FaxCause::no_answer},
        {"No carrier detected", FaxCause::no_carrier},
        {"No receiver protocol (T.30 T1 timeout)", FaxCause::no_carrier},
        {"Data connection established (wanted fax)", FaxCause::no_carrier},
        {"No response to PPS repeated 3 times.; too many attempts to send", FaxCause::line_cut},
        {"Remote fax disconnected prematurely", FaxCause::line_cut},
        {"No local dialtone; too many attempts to dial", FaxCause::no_line},
        {"Invalid dialing command", FaxCause::number_invalid},
        {"REJECT: Unable to convert dial string to canonical format", FaxCause::number_invalid},
        {"REJECT: Too many pages in submission: 99, max 20", FaxCause::refused},
        {"Kill time expired", FaxCause::expired},
        {"Job aborted by request", FaxCause::stopped},
        {"Something nobody has seen", FaxCause::other},
        {"", FaxCause::other},
    }));
    CHECK(fax_cause(words) == cause);
}

TEST_CASE("a job in the queue is a fax that was accepted", "[fax]") {
    using State = FaxJob::State;
    for (const auto state : {State::pending, State::sleeping, State::blocked, State::ready,
                             State::active, State::done, State::failed}) {
        const auto outcome = outcome_of(job(state, "Busy signal detected"), 2, "carillon-x");
        REQUIRE(outcome);
        const auto* accepted = std::get_if<Accepted>(&*outcome);
        REQUIRE(accepted != nullptr);
        CHECK(accepted->provider_ref == "job 42");
        CHECK(accepted->units == 2);
        CHECK(accepted->receipt_refs == std::vector<std::string>{"carillon-x"});
    }
    CHECK_FALSE(outcome_of(job(State::suspended, ""), 2, "x"));
}

TEST_CASE("a job turned away before any call is refused", "[fax]") {
    const auto refused = outcome_of(
        job(FaxJob::State::failed, "REJECT: Too many pages in submission: 9, max 2", 0), 9, "x");
    REQUIRE(std::get_if<Rejected>(&*refused) != nullptr);
    CHECK_FALSE(std::get<Rejected>(*refused).address_is_bad);
    const auto bad = outcome_of(
        job(FaxJob::State::failed, "REJECT: Unable to convert dial string to canonical format", 0),
        9, "x");
    CHECK(std::get<Rejected>(*bad).address_is_bad);
    // It was called: whatever the words, it had been accepted.
    CHECK(std::holds_alternative<Accepted>(
        *outcome_of(job(FaxJob::State::failed, "Invalid dialing command", 1), 9, "x")));
}

TEST_CASE("receipts tell the end, the pages and the cause", "[fax]") {
    const auto done = receipt_of(job(FaxJob::State::done, "", 1, 2), "carillon-");
    REQUIRE(done);
    CHECK(done->state == Receipt::State::delivered);
    CHECK(done->key == "D26-0042");
    CHECK(done->receipt_ref.empty());
    CHECK(done->units == 2);
    CHECK(done->external_id == "carillon-D26-0042 done");

    const auto cut = receipt_of(
        job(FaxJob::State::failed, "No response to PPS repeated 3 times.", 3, 1), "carillon-");
    CHECK(cut->state == Receipt::State::failed);
    CHECK(cut->units == 1);
    CHECK(cut->reason == "the line was cut: No response to PPS repeated 3 times.");

    CHECK(receipt_of(job(FaxJob::State::failed, "Kill time expired"), "carillon-")->state ==
          Receipt::State::expired);
    CHECK(receipt_of(job(FaxJob::State::failed, "Invalid dialing command"), "carillon-")->state ==
          Receipt::State::bad_address);
}

TEST_CASE("every fruitless call is told once, and waiting is not told", "[fax]") {
    const auto first =
        receipt_of(job(FaxJob::State::sleeping, "Busy signal detected", 1), "carillon-");
    REQUIRE(first);
    CHECK(first->state == Receipt::State::in_progress);
    CHECK(first->reason == "busy: Busy signal detected");
    const auto again =
        receipt_of(job(FaxJob::State::ready, "Busy signal detected", 1), "carillon-");
    CHECK(again->external_id == first->external_id);
    CHECK(receipt_of(job(FaxJob::State::sleeping, "Busy signal detected", 2), "carillon-")
              ->external_id != first->external_id);
    CHECK_FALSE(receipt_of(job(FaxJob::State::ready, "", 0), "carillon-"));
    CHECK_FALSE(receipt_of(job(FaxJob::State::active, "Busy signal detected", 1), "carillon-"));
    CHECK_FALSE(receipt_of(job(FaxJob::State::suspended, "", 0), "carillon-"));
}

TEST_CASE("a tag that hides its key is told by the tag itself", "[fax]") {
    auto long_one = job(FaxJob::State::done, "", 1, 2);
    long_one.tag = fax_tag("carillon-", std::string(300, 'k'));
    const auto receipt = receipt_of(long_one, "carillon-");
    CHECK(receipt->key.empty());
    CHECK(receipt->receipt_ref == long_one.tag);
}
