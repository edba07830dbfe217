#include <catch2/catch.hpp>
#include <thread>

#include "conformance.h"

using namespace carillon;
using namespace carillon::channels;
using namespace carillon::testing;
using namespace std::chrono_literals;

namespace {

using State = Receipt::State;

constexpr auto soon = 5s;
constexpr auto in_a_while = 15s;

const Peer& peer() {
    return Peer::instance();
}

std::string unique(const std::string& text) {
    static int count = 0;
    return text + " #" + std::to_string(++count);
}

template <class T>
T expect(Subject& subject, base::MessageId id, std::chrono::milliseconds patience = soon) {
    const auto outcome = subject.outcome(id, patience);
    INFO("outcome " << outcome.index());
    if (const auto* deferred = std::get_if<Deferred>(&outcome)) INFO(deferred->reason);
    REQUIRE(std::holds_alternative<T>(outcome));
    CHECK(subject.reports_of(id) == 1);
    return std::get<T>(outcome);
}

// What the centre has, once a whole message is there: a gateway that splits a text may give the
// receipt of its first part before it has handed over the last one.
std::vector<Peer::Seen> arrived(const std::string& to) {
    const auto deadline = base::steady_now() + soon;
    auto seen = peer().seen(to);
    for (; seen.empty() && base::steady_now() < deadline; seen = peer().seen(to))
        std::this_thread::sleep_for(50ms);
    return seen;
}

// A refusal that this adapter tells at once, or that its provider tells later.
bool is_told_later(const std::string& refusal) {
    return peer().form_of(refusal) == "receipt";
}

}  // namespace

TEST_CASE("a message is accepted, arrives as it was written, and its receipt names it") {
    Subject subject;
    const auto to = subject.number("99");
    const auto text = unique("Your payment of 5 was received");
    const auto id = subject.send(to, text);
    const auto accepted = expect<Accepted>(subject, id);
    CHECK(accepted.units == 1);
    const auto receipt = subject.receipt(id, State::delivered, soon);
    REQUIRE(receipt);
    CHECK_FALSE(receipt->raw.empty());
    const auto seen = arrived(to);
    REQUIRE(seen.size() == 1);
    CHECK(seen[0].text == text);
    CHECK(seen[0].from == "BANK");
}

TEST_CASE("a full queue defers the message") {
    Subject subject;
    const auto id = subject.send(subject.number("20"), unique("x"));
    if (is_told_later("queue full")) {
        expect<Accepted>(subject, id);
        CHECK(subject.receipt(id, State::failed, in_a_while));
        return;
    }
    const auto deferred = expect<Deferred>(subject, id);
    CHECK(deferred.consumed_attempt);
}

TEST_CASE("a number that does not exist is refused for good") {
    Subject subject;
    const auto id = subject.send(subject.number("11"), unique("x"));
    if (is_told_later("no such number")) {
        expect<Accepted>(subject, id);
        const auto failed = subject.receipt(id, State::failed, in_a_while);
        CHECK((failed || subject.receipt(id, State::bad_address, 100ms)));
        return;
    }
    CHECK(expect<Rejected>(subject, id).address_is_bad);
}

TEST_CASE("a refusal that is not about the number does not condemn it") {
    if (peer().skips("bad sender")) return;
    Subject subject;
    const auto id = subject.send(subject.number("10"), unique("x"));
    if (is_told_later("no such number")) {
        expect<Accepted>(subject, id);
        CHECK(subject.receipt(id, State::failed, in_a_while));
        return;
    }
    CHECK_FALSE(expect<Rejected>(subject, id).address_is_bad);
}

TEST_CASE("whoever is throttled comes later and has lost no attempt") {
    if (is_told_later("throttled")) return;
    Subject subject;
    const auto deferred =
        expect<Deferred>(subject, subject.send(subject.number("88"), unique("x")));
    CHECK_FALSE(deferred.consumed_attempt);
    REQUIRE(deferred.retry_after);
    CHECK(*deferred.retry_after >= 500ms);
}

TEST_CASE("an answer that never comes leaves the message uncertain") {
    if (peer().skips("silence")) return;
    Subject subject;
    const auto to = subject.number("00");
    const auto id = subject.send(to, unique("x"));
    expect<Uncertain>(subject, id, in_a_while);
    CHECK(peer().seen(to).size() == 1);
}

TEST_CASE("a line cut instead of an answer leaves the message uncertain") {
    if (peer().skips("lost answer")) return;
    Subject subject;
    // First on a line that has carried something: whoever keeps lines alive must not send again.
    expect<Accepted>(subject, subject.send(subject.number("99"), unique("before the cut")));
    const auto to = subject.number("01");
    const auto id = subject.send(to, unique("x"));
    expect<Uncertain>(subject, id);
    std::this_thread::sleep_for(500ms);
    CHECK(peer().seen(to).size() == 1);
    CHECK(subject.reports_of(id) == 1);
    // And the channel lives on.
    expect<Accepted>(subject, subject.send(subject.number("99"), unique("after the cut")),
                     in_a_while);
}

TEST_CASE("an acceptance that comes too late is told as a receipt") {
    if (peer().skips("late answer")) return;
    Subject subject;
    const auto id = subject.send(subject.number("06"), unique("x"));
    expect<Uncertain>(subject, id, in_a_while);
    CHECK(subject.receipt(id, State::in_progress, in_a_while));
    CHECK(subject.receipt(id, State::delivered, soon));
    CHECK(subject.reports_of(id) == 1);
}

TEST_CASE("a receipt may come late, twice, or before the answer") {
    Subject subject;
    const auto late = subject.send(subject.number("03"), unique("late"));
    const auto twice = subject.send(subject.number("04"), unique("twice"));
    // Kannel forgets a receipt that overtakes the answer.
    const auto early =
        subject.send(subject.number(peer().skips("early receipt") ? "99" : "05"), unique("early"));
    for (const auto id : {late, twice, early}) {
        expect<Accepted>(subject, id);
        CHECK(subject.receipt(id, State::delivered, in_a_while));
    }
    std::this_thread::sleep_for(300ms);
    const auto receipts = subject.receipts_of(twice);
    for (const auto& receipt : receipts)
        if (receipt.state == State::delivered)
            CHECK(receipt.external_id == receipts.back().external_id);
}

TEST_CASE("a receipt that could not be stored is given again") {
    if (peer().callbacks_port() != 0) return;  // answered by the HTTP endpoint, not by the channel
    Subject subject;
    subject.refuse_to_store(3);
    const auto id = subject.send(subject.number("99"), unique("again"));
    expect<Accepted>(subject, id);
    CHECK(subject.receipt(id, State::delivered, in_a_while));
    CHECK(subject.refused() == 3);
}

TEST_CASE("receipts of failure say how it ended") {
    Subject subject;
    const auto failed = subject.send(subject.number("55"), unique("x"));
    const auto expired = subject.send(subject.number("33"), unique("x"));
    expect<Accepted>(subject, failed);
    expect<Accepted>(subject, expired);
    CHECK(subject.receipt(failed, State::failed, in_a_while));
    const bool is_told_apart = peer().form_of("expired") == "outcome";
    CHECK(subject.receipt(expired, is_told_apart ? State::expired : State::failed, in_a_while));
}

TEST_CASE("a certificate that is not ours to trust gets no message") {
    if (!peer().has("bad_tls")) return;
    Subject subject{"bad_tls"};
    const auto to = subject.number("99");
    const auto deferred = expect<Deferred>(subject, subject.send(to, unique("secret")), in_a_while);
    CHECK_FALSE(deferred.consumed_attempt);
    CHECK(deferred.reason.find("certificate") != std::string::npos);
    CHECK(peer().seen(to).empty());
}

TEST_CASE("good TLS carries messages") {
    if (!peer().has("good_tls")) return;
    Subject subject{"good_tls"};
    const auto id = subject.send(subject.number("99"), unique("secret"));
    expect<Accepted>(subject, id);
    CHECK(subject.receipt(id, State::delivered, soon));
}

TEST_CASE("long texts arrive whole, and what they cost is known") {
    Subject subject;
    const auto [text, parts] = GENERATE(table<std::string, int>({
        {std::string(160, 'a'), 1},
        {std::string(300, 'b') + "€", 2},
        {std::string(155, 'c') + "€€ end", 2},
        {std::string(1000, 'd'), 7},
    }));
    const auto to = subject.number("99");
    const auto id = subject.send(to, text);
    CHECK(expect<Accepted>(subject, id).units == parts);
    REQUIRE(subject.receipt(id, State::delivered, soon));
    const auto seen = arrived(to);
    REQUIRE(seen.size() == 1);
    CHECK(seen[0].text == text);
    CHECK(seen[0].parts == (peer().skips("parts") ? 1 : parts));
}

TEST_CASE("Cyrillic and emoji arrive as they were written") {
    Subject subject;
    const auto text = GENERATE(
        as<std::string>{}, "Платёж 5 000 ₽ принят. Спасибо, Ёлкин!",
        "Готово 😀👨‍👩‍👧🇮🇹",
        "Очень длинное сообщение, которое не помещается в одну часть, потому что в нём больше "
        "семидесяти знаков, и заканчивается оно улыбкой 😀😀😀");
    const auto to = subject.number("99");
    const auto id = subject.send(to, text);
    expect<Accepted>(subject, id);
    REQUIRE(subject.receipt(id, State::delivered, soon));
    const auto seen = arrived(to);
    REQUIRE(seen.size() == 1);
    CHECK(seen[0].text == text);
}

TEST_CASE("no text breaks out of its field") {
    Subject subject;
    const auto text =
        GENERATE(as<std::string>{}, "a&to=%2B79990000000&text=b", "\"},{\"to\":\"x\"}",
                 "x\r\nContent-Length: 0\r\n\r\nGET / HTTP/1.1", "{{to}} {{key}} %s %00",
                 "'; DROP TABLE messages; --", "</message><to>1</to>", "+ %2B %25 @£$");
    const auto to = subject.number("99");
    const auto id = subject.send(to, text);
    expect<Accepted>(subject, id);
    REQUIRE(subject.receipt(id, State::delivered, soon));
    const auto seen = arrived(to);
    REQUIRE(seen.size() == 1);
    CHECK(seen[0].text == text);
}

TEST_CASE("a part that is throttled is repeated alone") {
    if (peer().skips("throttled part")) return;
    Subject subject;
    const auto to = subject.number("89");
    const auto id = subject.send(to, std::string(400, 'p'));
    CHECK(expect<Accepted>(subject, id, in_a_while).units == 3);
    const auto seen = arrived(to);
    REQUIRE(seen.size() == 1);
    CHECK(seen[0].text == std::string(400, 'p'));
}

TEST_CASE("stopping waits for answers that are under way") {
    Subject subject;
    std::vector<base::MessageId> ids;
    for (int i = 0; i < 20; ++i)
        ids.push_back(subject.send(subject.number("02"), unique("stopping")));
    std::this_thread::sleep_for(300ms);
    subject.channel().stop(5s);
    std::size_t accepted = 0;
    for (const auto id : ids) {
        REQUIRE(subject.reports_of(id) == 1);
        const auto outcome = subject.outcome(id, 0ms);
        CHECK_FALSE(std::holds_alternative<Uncertain>(outcome));
        accepted += std::holds_alternative<Accepted>(outcome) ? 1 : 0;
    }
    CHECK(accepted >= 1);
    const auto late = subject.send(subject.number("99"), "too late");
    CHECK_FALSE(std::get<Deferred>(subject.outcome(late, 0ms)).consumed_attempt);
}

TEST_CASE("stopping without patience leaves nobody without a report") {
    if (peer().skips("silence")) return;
    Subject subject;
    const auto id = subject.send(subject.number("00"), unique("x"));
    std::this_thread::sleep_for(500ms);
    subject.channel().stop(100ms);
    REQUIRE(subject.reports_of(id) == 1);
    CHECK(std::holds_alternative<Uncertain>(subject.outcome(id, 0ms)));
}

TEST_CASE("a provider that goes down defers, and is used again when it is back") {
    if (peer().skips("down")) return;
    Subject subject;
    expect<Accepted>(subject, subject.send(subject.number("99"), unique("before")));
    peer().control("/down");
    std::this_thread::sleep_for(200ms);
    const auto to = subject.number("99");
    const auto deferred = expect<Deferred>(subject, subject.send(to, unique("x")), in_a_while);
    CHECK_FALSE(deferred.consumed_attempt);
    CHECK(deferred.retry_after);
    peer().control("/up");
    CHECK(peer().seen(to).empty());
    Outcome outcome;
    for (int i = 0; i < 60; ++i) {
        outcome = subject.outcome(subject.send(to, "after"), in_a_while);
        if (std::holds_alternative<Accepted>(outcome)) break;
        std::this_thread::sleep_for(250ms);
    }
    CHECK(std::holds_alternative<Accepted>(outcome));
    CHECK(peer().seen(to).size() == 1);
}

TEST_CASE("a message submitted again is recognisable as the same") {
    if (peer().skips("reference")) return;
    Subject subject;
    const auto to = subject.number("99");
    const auto text = unique(std::string(200, 'r'));
    expect<Accepted>(subject, subject.send(to, text, "the-same-key"));
    expect<Accepted>(subject, subject.send(to, text, "the-same-key"));
    expect<Accepted>(subject, subject.send(to, text, "another-key"));
    const auto seen = arrived(to);
    REQUIRE(seen.size() == 3);
    CHECK_FALSE(seen[0].reference.empty());
    CHECK(seen[0].reference == seen[1].reference);
    CHECK(seen[0].reference != seen[2].reference);
}

TEST_CASE("what people answer comes in, also when it could not be stored at first") {
    if (peer().skips("inbound")) return;
    Subject subject;
    expect<Accepted>(subject, subject.send(subject.number("99"), unique("hello")));
    const auto text = GENERATE(as<std::string>{}, "STOP", "Больше не пишите мне 😀");
    if (peer().callbacks_port() == 0) subject.refuse_to_store(1);
    const auto reply = unique(text);
    peer().control("/mo?from=79160000001&to=900&text=" + url_escaped(reply));
    const auto inbound = subject.inbound(reply, in_a_while);
    REQUIRE(inbound);
    CHECK(inbound->from == "+79160000001");
    CHECK(inbound->to == "900");
    CHECK_FALSE(inbound->external_id.empty());
}

TEST_CASE("an answer in several parts is put together") {
    if (peer().skips("inbound parts")) return;
    Subject subject;
    expect<Accepted>(subject, subject.send(subject.number("99"), unique("hello")));
    const auto reply = unique("This is a long answer that came in three parts, last one first");
    peer().control("/mo?from=79160000001&to=900&parts=3&text=" + url_escaped(reply));
    CHECK(subject.inbound(reply, in_a_while));
}

TEST_CASE("five hundred messages are sent once each and all reported") {
    Subject subject;
    std::vector<std::pair<base::MessageId, std::string>> sent;
    for (int i = 0; i < 500; ++i) {
        const auto to = subject.number("99");
        sent.emplace_back(subject.send(to, unique("many")), to);
    }
    for (const auto& [id, to] : sent) {
        REQUIRE(std::holds_alternative<Accepted>(subject.outcome(id, 60s)));
        CHECK(subject.reports_of(id) == 1);
    }
    CHECK(subject.receipt(sent.back().first, State::delivered, in_a_while));
    CHECK(peer().seen(sent.front().second).size() == 1);
    CHECK(peer().seen(sent.back().second).size() == 1);
}

TEST_CASE("a probe says whether the provider would take us") {
    if (peer().skips("probe")) return;
    Subject subject;
    const auto good = subject.channel().probe();
    REQUIRE(good);
    CHECK_FALSE(good->empty());
}
