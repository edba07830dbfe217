// Whole mails in, kinds out: our own small ones, and those of CARILLON_DATA that nobody here wrote.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

#include "base/text.h"
#include "responses/mail_classify.h"
#include "responses/mail_fields.h"
#include "responses/reply_text.h"
#include "responses/stop_words.h"

using namespace carillon;
using namespace carillon::responses;

namespace {

namespace fs = std::filesystem;

std::string content_of(const fs::path& path) {
    std::ifstream in{path, std::ios::binary};
    REQUIRE(in);
    return {std::istreambuf_iterator<char>{in}, {}};
}

struct Expected {
    std::string_view file{};
    std::string_view kind{};
    std::string_view recipient{};
    std::string_view status{};
};

// What a careful person says of each, from reading it.
constexpr std::array expectations{
    Expected{"flanker/bounce/broken-mime.eml", "soft", "info@example.net", ""},
    Expected{"flanker/bounce/delayed-broken.eml", "full", "demo@example.com", "4.2.2"},
    Expected{"flanker/bounce/delayed.eml", "soft", "foo@example.com", "4.0.0"},
    Expected{"flanker/bounce/gmail-invalid-address.eml", "hard",
             "awfawfawfawfawfaw@someserverhere.com", "5.1.0"},
    Expected{"flanker/bounce/gmail-no-dns.eml", "hard", "user@example.comm", ""},
    Expected{"flanker/bounce/mailbox-full.eml", "full", "user@aol.com", "5.2.2"},
    Expected{"flanker/bounce/no-mx.eml", "delayed", "user@example.com", "4.4.4"},
    Expected{"flanker/bounce/office365.eml", "hard", "noname@example.com", "5.1.10"},
    Expected{"flanker/bounce/zed.eml", "hard",
             "asdfasdfasdfasdfasdfasdfewrqertrtyrthsfgdfgadfqeadvxzvz@gmail.com", "5.1.1"},
    Expected{"flanker/complaints/aol.eml", "feedback", "redacted@aol.com", ""},
    Expected{"flanker/complaints/yahoo.eml", "feedback", "user@yahoo.com", ""},
    Expected{"kumomta/rfc3464/1.eml", "soft", "louisl@larry.slip.umd.edu", "4.0.0"},
    Expected{"kumomta/rfc3464/2.eml", "hard", "arathib@vnet.ibm.com", "5.0.0"},
    Expected{"kumomta/rfc3464/3.eml", "hard", "nair_s", "5.0.0"},
    Expected{"kumomta/rfc3464/4.eml", "delayed", "thomas@de-montfort.ac.uk", "4.0.0"},
    Expected{"kumomta/rfc3464/5.eml", "full", "recipient@domain.com", "5.0.0"},
    Expected{"kumomta/rfc3464/6.eml", "hard", "redacted@example.com", "5.4.1"},
    Expected{"kumomta/rfc3464/obsolete_arrival_date.eml", "hard", "user@example.com", "5.1.1"},
    Expected{"kumomta/rfc5965/1.eml", "feedback", "", ""},
    Expected{"kumomta/rfc5965/2.eml", "feedback", "user@example.com", ""},
    Expected{"kumomta/rfc5965/3.eml", "feedback", "user@example.com", ""},
    Expected{"kumomta/rfc5965/4.eml", "feedback", "cb4a01a48251d4765f489076aa81e2a4@comcast.net",
             ""}};

const RecipientReport* telling(const MailVerdict& verdict) {
    for (const auto& one : verdict.recipients)
        if (one.kind == verdict.kind) return &one;
    return nullptr;
}

std::string row_of(const Expected& expected, const MailVerdict& verdict) {
    const auto* report = telling(verdict);
    const auto address = report == nullptr          ? std::string{}
                         : report->original.empty() ? report->final
                                                    : report->original;
    const auto status = report == nullptr ? std::string{} : report->status;
    return "| " + std::string{expected.file} + " | " + std::string{expected.kind} + " | " +
           std::string{name_of(verdict.kind)} + " | " + std::string{expected.recipient} + " | " +
           address + " | " + std::string{expected.status} + " | " + status + " | " +
           verdict.reason + " |\n";
}

bool got_it(const Expected& expected, const MailVerdict& verdict) {
    const auto* report = telling(verdict);
    if (name_of(verdict.kind) != expected.kind || report == nullptr) return false;
    const auto& address = report->original.empty() ? report->final : report->original;
    return address == expected.recipient && report->status == expected.status;
}

// The whole text, or how a long one begins and ends.
struct Answer {
    std::string_view file{};
    std::string_view text{};
};
constexpr std::array answers{
    Answer{"correct_sig.txt", "this is an email with a correct -- signature."},
    Answer{"email_1_1.txt",
           "Hi folks\n\nWhat is the best way to clear a Riak bucket of all key, values "
           "after\nrunning a test?\nI am currently using the Java HTTP API."},
    Answer{"email_1_2.txt", "Hi,\n\nYou can list the keys*delete them all individually.\""},
    Answer{"email_1_3.txt", "Oh thanks.\n\nHaving the function would be great."},
    Answer{"email_1_4.txt", "Awesome! I haven't had another problem with it."},
    Answer{"email_1_5.txt", "One: Here's what I've got.\n\n- This would be*on\nfor a while."},
    Answer{"email_1_6.txt",
           "I get proper rendering as well.\n\nSent from a magnificent torch of pixels"},
    Answer{"email_1_7.txt", ":+1:"},
    Answer{"email_1_8.txt", "I will reply under this one\n\nand under this."},
    Answer{"email_2_1.txt", "Outlook with a reply"},
    Answer{"email_2_2.txt", "Outlook with a reply directly above line"},
    Answer{"email_2_3.txt", "Outlook with a reply directly above line"},
    Answer{"email_BlackBerry.txt", "Here is another email"},
    Answer{"email_bullets.txt",
           "test 2 this should list second\n\nand have spaces\n\nand retain this formatting\n\n\n"
           "   - how about bullets\n   - and another"},
    Answer{"email_iPhone.txt", "Here is another email"},
    Answer{"email_long_quote.txt",
           "Hi folks\n\nWhat is the best way*I am currently using the Java HTTP API."},
    Answer{"email_multi_word_sent_from_my_mobile_device.txt", "Here is another email"},
    Answer{"email_one_is_not_on.txt",
           "Thank, this is really helpful.\n\nOne outstanding question I had:\n\nLocally (on "
           "development), when I run..."},
    Answer{"email_sent_from_my_not_signature.txt",
           "Here is another email\n\nSent from my desk, is much easier then my mobile phone."},
    Answer{"email_sig_delimiter_in_middle_of_line.txt",
           "Hi there!\n\nStuff happened.\n\nAnd here is a fix -- this is not a "
           "signature.\n\nkthxbai"},
    Answer{"greedy_on.txt", "On your remote host you can run:*the tunnel is not working."},
    Answer{"pathological.txt",
           "I think you're onto something. I will try to fix the problem as soon as I\nget back "
           "to a computer."}};

bool is_answer(std::string_view expected, std::string_view got) {
    const auto star = expected.find('*');
    if (star == std::string_view::npos) return expected == got;
    return got.starts_with(expected.substr(0, star)) && got.ends_with(expected.substr(star + 1));
}

std::string in_cell(std::string_view text) {
    std::string cell;
    for (const char c : base::cut_utf8(text, 60)) cell += c == '\n' ? ' ' : (c == '|' ? '/' : c);
    return text.size() > 60 ? cell + " ..." : cell;
}

constexpr std::string_view head =
    "# Bounces, complaints and replies that nobody here wrote\n\n"
    "Written by `test_responses` from the public mails of `CARILLON_DATA/bounces` (flanker, "
    "KumoMTA, "
    "email_reply_parser); a test\nfails when the program says something else. What each kind does "
    "stands in [responses.md](responses.md).\n\n";

// "reply--stop-german.eml" must be taken for an order to stop; other answers are neither.
std::string_view answer_in(std::string_view file) {
    for (const std::string_view order : {"stop", "start"})
        if (file.starts_with("reply--" + std::string{order})) return order;
    return "reply";
}

AnswerKind answer_of(const ParsedMail& mail) {
    const auto text = reply_text(mail.text);
    return kind_of_answer(text.empty() ? field(mail.headers, "subject") : std::string_view{text});
}

}  // namespace

TEST_CASE("our own small mails are what their names say", "[responses][mail]") {
    int seen = 0;
    for (const auto& entry :
         fs::directory_iterator{fs::path{CARILLON_SOURCE_DIR} / "tests/responses/mails"}) {
        const auto name = entry.path().filename().string();
        INFO(name);
        const auto parsed = parse_mail(content_of(entry.path()));
        const auto verdict = classify(parsed, builtin_mail_rules());
        INFO(verdict.reason << " | " << parsed.text.substr(0, 300));
        CHECK(std::string{name_of(verdict.kind)} == name.substr(0, name.find("--")));
        ++seen;
        if (verdict.kind == MailKind::reply) {
            CHECK(name_of(answer_of(parsed)) == answer_in(name));
            continue;
        }
        if (verdict.kind == MailKind::auto_reply || verdict.kind == MailKind::unknown) continue;
        const std::size_t recipients = name.find("two-recipients") == std::string::npos ? 1 : 2;
        CHECK(verdict.recipients.size() == recipients);
        const auto* report = telling(verdict);
        CHECK(report != nullptr);
        if (report == nullptr) continue;
        CHECK((report->original.empty() ? report->final : report->original) ==
              "client@example.net");
        CHECK_FALSE(verdict.reason.empty());
    }
    CHECK(seen >= 240);
}

TEST_CASE("real bounces, complaints and replies: expected against got", "[responses][mail]") {
    const char* data = std::getenv("CARILLON_DATA");
    if (data == nullptr) {
        std::cout << "skipped: no CARILLON_DATA\n";
        return;
    }
    const auto folder = fs::path{data} / "bounces";
    std::string table{head};
    table +=
        "| mail | kind expected | got | recipient expected | got | status expected | got | reason "
        "|\n"
        "|---|---|---|---|---|---|---|---|\n";
    for (const auto& expected : expectations) {
        const auto verdict =
            classify(parse_mail(content_of(folder / expected.file)), builtin_mail_rules());
        const auto row = row_of(expected, verdict);
        INFO(row);
        CHECK(got_it(expected, verdict));
        table += row;
    }
    table += "\n| reply | text expected | got | same |\n|---|---|---|---|\n";
    for (const auto& expected : answers) {
        const auto got = reply_text(content_of(folder / "email_reply_parser" / expected.file));
        INFO(expected.file << ": [" << got.substr(0, 2000) << "]");
        CHECK(is_answer(expected.text, got));
        table += "| " + std::string{expected.file} + " | " + in_cell(expected.text) + " | " +
                 in_cell(got) + " | " + (is_answer(expected.text, got) ? "yes" : "no") + " |\n";
    }
    const auto page = fs::path{CARILLON_SOURCE_DIR} / "docs/bounces.md";
    if (std::getenv("CARILLON_WRITE_DOCS") != nullptr) std::ofstream{page} << table;
    CHECK(content_of(page) == table);
}
