#include "channels/smtp_reply.h"

#include <catch2/catch.hpp>

#include "channels/smtp_commands.h"
#include "channels/smtp_outcome.h"

using namespace carillon;
using namespace carillon::channels;

namespace {

SmtpReply reply_of(const std::string& text) {
    SmtpReplyParser parser;
    parser.feed(text + "\r\n");
    SmtpReply reply;
    REQUIRE(parser.next(reply) == SmtpReplyParser::Found::reply);
    return reply;
}

}  // namespace

TEST_CASE("a reply is found wherever its bytes are cut", "[channels][smtp]") {
    const std::string bytes = "250-first\r\n250-second\r\n250 2.1.5 third\r\n354 go\r\n";
    for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
        SmtpReplyParser parser;
        SmtpReply reply;
        std::vector<std::string> found;
        for (const auto& part : {bytes.substr(0, cut), bytes.substr(cut)}) {
            parser.feed(part);
            while (parser.next(reply) == SmtpReplyParser::Found::reply)
                found.push_back(std::to_string(reply.code) + " " + reply.text);
        }
        CHECK(found == std::vector<std::string>{"250 first\nsecond\n2.1.5 third", "354 go"});
        CHECK(parser.empty());
    }
}

TEST_CASE("what is no SMTP is noticed", "[channels][smtp]") {
    const auto bytes =
        GENERATE(as<std::string>{}, "HTTP/1.1 400\r\n", "\r\n", "25\r\n", "2500 x\r\n", "250x\r\n",
                 "150 x\r\n", "650 x\r\n", "250-a\r\n251 b\r\n", "250-a\r\nfoo\r\n");
    SmtpReplyParser parser;
    SmtpReply reply;
    parser.feed(bytes);
    CHECK(parser.next(reply) == SmtpReplyParser::Found::garbage);
}

TEST_CASE("no server can fill the memory", "[channels][smtp]") {
    SmtpReply reply;
    SmtpReplyParser one_line;
    one_line.feed("250 " + std::string(10'000'000, 'x'));
    CHECK(one_line.next(reply) == SmtpReplyParser::Found::garbage);
    SmtpReplyParser many_lines;
    auto found = SmtpReplyParser::Found::nothing;
    int lines = 0;
    for (; found == SmtpReplyParser::Found::nothing && lines < 1'000'000; ++lines) {
        many_lines.feed("250-line\r\n");
        found = many_lines.next(reply);
    }
    CHECK(found == SmtpReplyParser::Found::garbage);
    CHECK(lines < 10'000);
}

TEST_CASE("enhanced codes are read only where they stand", "[channels][smtp]") {
    const auto [text, expected] =
        GENERATE(table<std::string, std::string>({{"550 5.1.1 no", "5.1.1"},
                                                  {"550 5.1.10 null MX", "5.1.10"},
                                                  {"550 no 5.1.1", ""},
                                                  {"550 5.1", ""},
                                                  {"550 5.1.1", "5.1.1"},
                                                  {"550 5.1.1x", ""},
                                                  {"550 5.1111.1 x", ""},
                                                  {"550 3.1.1 x", ""},
                                                  {"550", ""},
                                                  {"550 5..1 x", ""},
                                                  {"250-2.0.0 a\r\n250 2.0.0 b", "2.0.0"}}));
    INFO(text);
    CHECK(reply_of(text).enhanced() == expected);
}

TEST_CASE("replies are described in one printable line", "[channels][smtp]") {
    CHECK(describe(reply_of("250-a\r\n250 b")) == "250 a b");
    CHECK(describe(reply_of("250 caf\xC3\xA9\x1b[31m")) == "250 caf???[31m");
    CHECK(describe(reply_of("250 " + std::string(1000, 'x'))).size() <= 300);
}

TEST_CASE("refusals mean what the standards say", "[channels][smtp]") {
    enum Kind { deferred, deferred_free, rejected, bad_address };
    using Row = std::tuple<SmtpStage, std::string, Kind>;
    const auto [stage, text, expected] = GENERATE(table<SmtpStage, std::string, Kind>({
        Row{SmtpStage::rcpt, "450 4.2.0 greylisted", deferred},
        Row{SmtpStage::rcpt, "451 4.7.1 try later", deferred},
        Row{SmtpStage::rcpt, "452 4.2.2 mailbox full", deferred},
        Row{SmtpStage::rcpt, "550 5.1.1 no such user", bad_address},
        Row{SmtpStage::rcpt, "550 5.1.2 no such host", bad_address},
        Row{SmtpStage::rcpt, "553 5.1.3 bad syntax", bad_address},
        Row{SmtpStage::rcpt, "551 5.1.6 moved", bad_address},
        Row{SmtpStage::rcpt, "556 5.1.10 null MX", bad_address},
        Row{SmtpStage::rcpt, "550 no such user", bad_address},
        Row{SmtpStage::rcpt, "550 5.7.1 blocked", rejected},
        Row{SmtpStage::rcpt, "554 5.7.1 relay denied", rejected},
        Row{SmtpStage::rcpt, "550 5.2.1 disabled", rejected},
        Row{SmtpStage::rcpt, "554 no", rejected},
        Row{SmtpStage::rcpt, "530 5.7.0 authenticate", deferred_free},
        Row{SmtpStage::rcpt, "503 5.5.1 MAIL first", deferred_free},
        Row{SmtpStage::mail, "550 5.1.8 bad sender", deferred_free},
        Row{SmtpStage::mail, "535 5.7.8 credentials", deferred_free},
        Row{SmtpStage::mail, "552 5.3.4 too big", rejected},
        Row{SmtpStage::mail, "450 4.7.1 slow down", deferred_free},
        Row{SmtpStage::mail, "421 4.3.2 going down", deferred_free},
        Row{SmtpStage::data, "554 5.5.1 no valid recipients", rejected},
        Row{SmtpStage::data, "451 4.3.0 disk", deferred},
        Row{SmtpStage::dot, "552 5.2.3 too big", rejected},
        Row{SmtpStage::dot, "554 5.7.1 spam", rejected},
        Row{SmtpStage::dot, "550 spam", rejected},
        Row{SmtpStage::dot, "550 5.1.1 unknown after all", bad_address},
        Row{SmtpStage::dot, "421 4.4.2 timeout", deferred},
    }));
    INFO(text);
    const auto outcome = refusal_of(stage, reply_of(text));
    if (const auto* it = std::get_if<Deferred>(&outcome))
        CHECK((it->consumed_attempt ? deferred : deferred_free) == expected);
    else
        CHECK((std::get<Rejected>(outcome).address_is_bad ? bad_address : rejected) == expected);
}

TEST_CASE("a body that could end early is refused before it is sent", "[channels][smtp]") {
    using Row = std::tuple<std::string, bool>;
    const auto [bytes, fine] = GENERATE(table<std::string, bool>(
        {Row{"a\r\nb\r\n", true}, Row{"", true}, Row{"no end", true}, Row{"a\nb\r\n", false},
         Row{"\n.\r\n", false}, Row{"\r.\r\n", false}, Row{"a\r", false}, Row{"\n", false},
         Row{"a\r\r\nb", false}, Row{std::string(998, 'x') + "\r\n", true},
         Row{std::string(999, 'x') + "\r\n", false}, Row{std::string(999, 'x'), false},
         Row{std::string("a\0b\r\n", 5), false}}));
    INFO(bytes);
    CHECK(inspect_body(bytes).has_value() == fine);
}

TEST_CASE("dots at line starts are doubled and nothing else", "[channels][smtp]") {
    const std::string bytes = ".a\r\n..\r\nb.\r\n.\r\n";
    std::string out;
    append_data(out, bytes, *inspect_body(bytes));
    CHECK(out == "..a\r\n...\r\nb.\r\n..\r\n");
    out.clear();
    append_data(out, "no end", *inspect_body("no end"));
    CHECK(out == "no end\r\n");
}

TEST_CASE("paths that could leave their brackets are refused", "[channels][smtp]") {
    for (const std::string path :
         {"a@b.c> SIZE=1", "a@b.c>\r\nDATA", "<a@b.c", "a b@c.d", "", "@", "a@b@c"})
        CHECK_FALSE(check_path(path));
    CHECK(check_path("a+b=c@d.e"));
}
