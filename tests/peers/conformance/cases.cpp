#include "cases.h"

#include <algorithm>
#include <stdexcept>
#include <thread>

#include "subject.h"

namespace carillon::testing {

namespace {

using namespace std::chrono_literals;
using channels::Accepted;
using channels::Deferred;
using channels::Outcome;
using channels::Rejected;
using channels::Uncertain;
using State = channels::Receipt::State;

// Patience for a machine that does other things; nothing is judged by its speed.
constexpr Millis patience = 40s;

const Peer& peer() {
    return Peer::instance();
}

void require(bool holds, const std::string& what) {
    if (!holds) throw std::runtime_error(what);
}

std::string words_of(const Outcome& outcome) {
    if (const auto* accepted = std::get_if<Accepted>(&outcome))
        return "accepted " + accepted->provider_ref;
    if (const auto* deferred = std::get_if<Deferred>(&outcome))
        return (deferred->consumed_attempt ? "deferred: " : "deferred uncounted: ") +
               deferred->reason;
    if (const auto* rejected = std::get_if<Rejected>(&outcome))
        return "rejected: " + rejected->reason;
    return "uncertain: " + std::get<Uncertain>(outcome).reason;
}

template <class T>
T expect(Subject& subject, base::MessageId id, const std::string& wanted) {
    const auto outcome = subject.outcome(id, patience);
    require(std::holds_alternative<T>(outcome), wanted + " expected, but " + words_of(outcome));
    require(subject.reports_of(id) == 1, "reported more than once");
    return std::get<T>(outcome);
}

// A word that no other message has and that every medium carries: letters only.
std::string new_mark() {
    static std::int64_t count = base::to_millis(base::SystemClock{}.now()) % 100'000'000 * 1000;
    std::string mark = "Z";
    for (auto rest = ++count; rest > 0; rest /= 20) mark += "BCDFGHJKLMNPQRSTVWXY"[rest % 20];
    return mark;
}

std::string marked(const std::string& mark, const std::string& text) {
    return mark + " " + text;
}

// Paper breaks lines and words where it likes; mail ends with a line end.
std::string bare(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text.substr(i, 2) == "\xC2\xAD") {
            ++i;
            continue;
        }
        if (static_cast<unsigned char>(text[i]) > ' ' && text[i] != '-') out += text[i];
    }
    return out;
}

std::vector<Peer::Seen> seen_soon(const std::string& mark, std::size_t wanted) {
    std::vector<Peer::Seen> seen;
    const auto until = base::steady_now() + patience;
    while ((seen = peer().seen(mark)).size() < wanted && base::steady_now() < until)
        std::this_thread::sleep_for(100ms);
    return seen;
}

void require_seen(const std::string& mark, std::size_t times) {
    if (peer().form("text", "exact") == "row") return;  // nothing leaves our database
    const auto seen = seen_soon(mark, times);
    require(seen.size() == times, "the peer has it " + std::to_string(seen.size()) + " times, " +
                                      std::to_string(times) + " expected");
}

// Paper has headers and footers between its pages: there one piece of the text may be torn.
bool is_printed(const std::string& text, const std::string& paper) {
    constexpr std::size_t piece = 40;
    const auto wanted = bare(text);
    const auto found = bare(paper);
    std::int64_t torn = 0;
    for (std::size_t at = 0; at < wanted.size(); at += piece)
        if (found.find(wanted.substr(at, piece)) == std::string::npos) ++torn;
    return torn < std::max<std::int64_t>(1, std::ranges::count(paper, '\f'));
}

void require_carried(const std::string& mark, const std::string& text) {
    const auto form = peer().form("text", "exact");
    if (form == "row") return;
    const auto seen = seen_soon(mark, 1);
    require(seen.size() == 1, "the peer has it " + std::to_string(seen.size()) + " times");
    const bool same = form == "exact"   ? seen[0].text == text
                      : form == "pages" ? !seen[0].text.empty()
                                        : is_printed(text, seen[0].text);
    require(same,
            "arrived as \"" + seen[0].text.substr(0, 400) + "\", written as \"" + text + "\"");
}

void prepare(const std::string& behaviour) {
    peer().control("/prepare?behaviour=" + escaped(behaviour));
}

// Its key carries the mark too: some peers keep nothing else that can be read.
base::MessageId send_marked(Subject& subject, const std::string& to, const std::string& mark,
                            Words words) {
    words.key = "conform-" + mark;
    return subject.send(to, words);
}

base::Result<base::MessageId> try_marked(Subject& subject, const std::string& mark, Words words) {
    words.key = "conform-" + mark;
    return subject.try_send(peer().address("good"), words);
}

// One message that asks for `behaviour`, its mark and its number.
struct Sent {
    std::string mark{};
    base::MessageId id{};
};
Sent send_for(Subject& subject, const std::string& behaviour) {
    Sent sent{.mark = new_mark()};
    prepare(behaviour);
    sent.id = send_marked(subject, peer().address(behaviour), sent.mark,
                          {.text = marked(sent.mark, behaviour)});
    return sent;
}

void accepted() {
    Subject subject;
    const auto mark = new_mark();
    const auto text = marked(mark, "Your payment of 5 000 was received.");
    const auto id = send_marked(subject, peer().address("good"), mark, {.text = text});
    require(expect<Accepted>(subject, id, "accepted").units >= 1, "nothing to pay for");
    require_carried(mark, text);
}

void deferred() {
    Subject subject{peer().has_settings("deferred") ? "deferred" : "main"};
    const auto sent = send_for(subject, "deferred");
    if (peer().form("deferred", "outcome") == "receipt") {
        expect<Accepted>(subject, sent.id, "accepted at first");
        require(subject.receipt(sent.id, State::in_progress, patience).has_value() ||
                    subject.receipt(sent.id, State::failed, patience).has_value(),
                "no word that it waits");
        return;
    }
    expect<Deferred>(subject, sent.id, "deferred");
    require_seen(sent.mark, 0);
}

void rejected() {
    Subject subject;
    const auto sent = send_for(subject, "rejected");
    if (peer().form("rejected", "outcome") == "receipt") {
        expect<Accepted>(subject, sent.id, "accepted at first");
        prepare("refusal due");
        require(subject.receipt(sent.id, State::failed, patience).has_value() ||
                    subject.receipt(sent.id, State::bad_address, 100ms).has_value(),
                "no word that it failed");
        return;
    }
    expect<Rejected>(subject, sent.id, "rejected");
    require_seen(sent.mark, 0);
}

void throttled() {
    const bool by_rate = peer().has_settings("throttling");
    Subject subject{by_rate ? "throttling" : "main"};
    if (by_rate) expect<Accepted>(subject, send_for(subject, "good").id, "accepted");
    const auto sent = send_for(subject, "throttled");
    const auto answer = expect<Deferred>(subject, sent.id, "deferred");
    require(!answer.consumed_attempt, "being throttled must not cost an attempt");
    require(answer.retry_after.has_value(), "when to come back is not told");
}

// Nobody knows: the adapter says so, or knows how to find out.
bool never_taken(Subject& subject, const Sent& sent) {
    return std::holds_alternative<Deferred>(subject.outcome(sent.id, patience)) &&
           peer().seen(sent.mark).empty();
}

void doubt(const std::string& behaviour) {
    Subject subject{peer().has_settings("faulty") ? "faulty" : "main"};
    const auto before = send_for(subject, "good");  // on a line that has carried something
    expect<Accepted>(subject, before.id, "accepted");
    auto sent = send_for(subject, behaviour);
    if (peer().form(behaviour, "uncertain") == "settled") {
        // A peer so busy that it had not taken the message before we gave up never has it: that is
        // the truth as well, but another case.
        for (int again = 0; again < 5 && never_taken(subject, sent); ++again)
            sent = send_for(subject, behaviour);
        expect<Accepted>(subject, sent.id, "accepted after a look");
    } else {
        expect<Uncertain>(subject, sent.id, "uncertain");
    }
    prepare("good");
    const auto after = send_for(subject, "good");
    Outcome outcome = subject.outcome(after.id, patience);
    for (int i = 0; i < 60 && !std::holds_alternative<Accepted>(outcome); ++i) {
        std::this_thread::sleep_for(250ms);
        const auto again = send_for(subject, "good");
        outcome = subject.outcome(again.id, patience);
    }
    require(std::holds_alternative<Accepted>(outcome),
            "the channel does not go on: " + words_of(outcome));
    require(subject.reports_of(sent.id) == 1, "reported more than once");
    const auto times = peer().seen(sent.mark).size();
    require(times <= 1, "the peer has it " + std::to_string(times) + " times");
}

void late_receipt() {
    Subject subject;
    const auto sent = send_for(subject, "late receipt");
    expect<Accepted>(subject, sent.id, "accepted");
    require(!subject.receipt(sent.id, State::delivered, 200ms), "the receipt was not late");
    prepare("receipt due");
    require(subject.receipt(sent.id, State::delivered, patience).has_value(), "no receipt");
}

void duplicate_receipt() {
    Subject subject;
    const auto sent = send_for(subject, "duplicate receipt");
    expect<Accepted>(subject, sent.id, "accepted");
    prepare("receipt due");
    require(subject.receipt(sent.id, State::delivered, patience).has_value(), "no receipt");
    prepare("receipt again");
    std::this_thread::sleep_for(1500ms);
    std::string first;
    for (const auto& receipt : subject.receipts_of(sent.id)) {
        if (receipt.state != State::delivered) continue;
        require(first.empty() || first == receipt.external_id,
                "the repeated receipt has another id: " + first + " and " + receipt.external_id);
        first = receipt.external_id;
    }
    require(!first.empty(), "a receipt without an id");
}

void bad_tls() {
    Subject subject{"bad_tls"};
    const auto sent = send_for(subject, "good");
    const auto answer = expect<Deferred>(subject, sent.id, "deferred");
    require(!answer.consumed_attempt, "a bad certificate must not cost an attempt");
    require(answer.reason.find("certificate") != std::string::npos,
            "no word of the certificate: " + answer.reason);
    require_seen(sent.mark, 0);
    if (!peer().has_settings("good_tls")) return;
    Subject trusting{"good_tls"};
    const auto good = send_for(trusting, "good");
    expect<Accepted>(trusting, good.id, "accepted with the right authority");
}

void long_text() {
    Subject subject;
    const auto mark = new_mark();
    auto text = mark;
    const auto size = std::stoul(peer().form("long text", "900"));
    for (int i = 1; text.size() < size; ++i)
        text += " Line " + std::to_string(i) + " of a long text that needs more than one part.";
    const auto id = send_marked(subject, peer().address("good"), mark, {.text = text});
    const auto answer = expect<Accepted>(subject, id, "accepted");
    require(answer.units >= std::stoi(peer().form("long units", "1")),
            "only " + std::to_string(answer.units) + " units");
    require_carried(mark, text);
}

void cyrillic_and_emoji() {
    Subject subject;
    const auto mark = new_mark();
    const auto plain = marked(
        mark,
        "Платёж 5 000 ₽ принят. Спасибо, Ёлкин! Щука, съёмка, "
        "объём.");
    const auto id = send_marked(subject, peer().address("good"), mark,
                                {.text = plain, .subject = "Платёж принят", .name = "Анна Ёлкина"});
    expect<Accepted>(subject, id, "accepted");
    require_carried(mark, plain);
    const auto other = new_mark();
    const auto smile = marked(other, "Готово 😀👨‍👩‍👧🇮🇹");
    const auto sent = try_marked(subject, other, {.text = smile});
    if (peer().form("emoji", "carried") == "refused") {
        require(!sent, "no font has this character, and nobody said so");
        return;
    }
    require(sent.has_value(), "an emoji is refused");
    expect<Accepted>(subject, *sent, "accepted");
    require_carried(other, smile);
}

// Whatever a client is called or writes stays in its field. A text that the adapter refuses to
// compose did not break out either.
void hostile_fields() {
    Subject subject;
    const std::vector<std::string> texts{
        "a&to=%2B79990000000&text=b",         R"("},{"to":"x"})",
        "{{to}} {{key}} %s %00 ${HOME} `id`", "'; DROP TABLE messages; --",
        "<b>&amp;</b><script>x</script>",     "x\n.\nQUIT\nJKILL 1\nMAIL FROM:<a@b.test>"};
    for (const auto& text : texts) {
        const auto mark = new_mark();
        const auto whole = marked(mark, text);
        const auto sent = try_marked(subject, mark, {.text = whole});
        if (!sent) continue;
        expect<Accepted>(subject, *sent, "accepted");
        require_carried(mark, whole);
    }
    for (const std::string name : {"Anna\r\nBcc: all@client.test", "\"x\" <b@client.test>, Y",
                                   "../../etc/passwd", "=CMD|' /C calc'!A0", "Jan \\ \x01 %s"}) {
        const auto mark = new_mark();
        const auto sent = try_marked(
            subject, mark, {.text = marked(mark, "hello"), .subject = name, .name = name});
        if (!sent) continue;
        expect<Accepted>(subject, *sent, "accepted");
        require_seen(mark, 1);
    }
    require(peer().control("/harmed").array()->empty(),
            "something reached whom it was not meant for");
}

void shutdown_in_flight() {
    Subject subject;
    std::vector<Sent> sent;
    prepare("slow");
    for (int i = 0; i < 12; ++i) {
        Sent one{.mark = new_mark()};
        one.id = send_marked(subject, peer().address("slow"), one.mark,
                             {.text = marked(one.mark, "stopping")});
        sent.push_back(one);
    }
    std::this_thread::sleep_for(300ms);
    subject.channel().stop(patience);
    std::vector<std::string> given;
    for (const auto& one : sent) {
        require(subject.reports_of(one.id) == 1, "a message without exactly one report");
        const auto outcome = subject.outcome(one.id, 0ms);
        require(!std::holds_alternative<Uncertain>(outcome),
                "in doubt although there was patience");
        if (std::holds_alternative<Accepted>(outcome))
            given.push_back(one.mark);
        else
            require(peer().seen(one.mark).empty(), "given back, but the peer has it");
    }
    prepare("good");
    for (const auto& mark : given) require_seen(mark, 1);
    const auto last = new_mark();
    const auto late =
        send_marked(subject, peer().address("good"), last, {.text = marked(last, "too late")});
    const auto outcome = subject.outcome(late, patience);
    const auto* answer = std::get_if<Deferred>(&outcome);
    require(answer != nullptr && !answer->consumed_attempt,
            "taken after stop: " + words_of(outcome));
}

void down_and_back() {
    Subject subject{peer().has_settings("faulty") ? "faulty" : "main"};
    expect<Accepted>(subject, send_for(subject, "good").id, "accepted");
    prepare("down");
    std::this_thread::sleep_for(20ms);  // what is kept open is found broken by the next message
    const auto sent = send_for(subject, "unreachable");
    const auto answer = expect<Deferred>(subject, sent.id, "deferred");
    require(!answer.consumed_attempt, "a provider that is away must not cost an attempt");
    prepare("up");
    Outcome outcome;
    for (int i = 0; i < 160; ++i) {
        const auto again = send_for(subject, "good");
        outcome = subject.outcome(again.id, patience);
        if (std::holds_alternative<Accepted>(outcome)) break;
        std::this_thread::sleep_for(250ms);
    }
    require(std::holds_alternative<Accepted>(outcome), "not used again: " + words_of(outcome));
    require_seen(sent.mark, 0);
}

void resubmission() {
    const auto mark = new_mark();
    const auto to = peer().address("good");
    Words words{.text = mark, .key = "once-" + mark};
    for (int i = 0; i < 30; ++i) words.text += " only once";  // parts must be recognised too
    std::size_t given = 0;
    for (int process = 0; process < 2; ++process) {  // the second one has only the peer to ask
        Subject subject;
        for (int i = 0; i < 2; ++i) {
            expect<Accepted>(subject, subject.send(to, words), "accepted");
            ++given;
        }
    }
    if (peer().form("idempotent resubmission", "once") == "once") return require_seen(mark, 1);
    const auto seen = seen_soon(mark, given);
    require(seen.size() == given, "the peer has it " + std::to_string(seen.size()) + " times");
    require(!seen[0].key.empty() &&
                std::ranges::all_of(seen,
                                    [&](const Peer::Seen& one) { return one.key == seen[0].key; }),
            "the peer cannot tell that they are the same");
}

}  // namespace

const std::vector<Case>& conformance_cases() {
    static const std::vector<Case> cases{
        {"accepted", accepted},
        {"deferred", deferred},
        {"rejected", rejected},
        {"throttled", throttled},
        {"timeout", [] { doubt("timeout"); }},
        {"lost answer", [] { doubt("lost answer"); }},
        {"late receipt", late_receipt},
        {"duplicate receipt", duplicate_receipt},
        {"bad TLS", bad_tls},
        {"long text", long_text},
        {"Cyrillic and emoji", cyrillic_and_emoji},
        {"hostile fields", hostile_fields},
        {"shutdown in flight", shutdown_in_flight},
        {"provider down and back", down_and_back},
        {"idempotent resubmission", resubmission},
    };
    return cases;
}

}  // namespace carillon::testing
