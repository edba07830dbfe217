#include "responses/mail_rules.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "responses/mail_fields.h"
#include "responses/mail_status.h"
#include "responses/mail_text.h"
#include "responses/reply_text.h"

using namespace carillon;
using namespace carillon::responses;

TEST_CASE("a mistake in the rules file names the rule", "[responses][mail]") {
    const auto [text, place] = GENERATE(table<std::string, std::string>(
        {{R"({"meanings": [{"name": "a", "kind": "gone", "reason": "x", "text": ["y"]}]})",
          "rules.json: $.meanings[0] (rule 'a').kind"},
         {R"({"meanings": [{"name": "a", "kind": "hard", "reason": "x", "text": []}]})",
          "rules.json: $.meanings[0] (rule 'a').text"},
         {R"({"meanings": [{"name": "a", "kind": "hard", "reason": "x", "text": ["*"]}]})",
          "rules.json: $.meanings[0] (rule 'a').text"},
         {R"({"notices": [{"name": "b", "kind": "failed", "body": ["y"]}]})",
          "rules.json: $.notices[0] (rule 'b').text"},
         {R"({"notice": []})", "rules.json: $.notice"}}));
    const auto rules = parse_mail_rules(text, "rules.json");
    REQUIRE_FALSE(rules);
    INFO(rules.error().front().text());
    CHECK(rules.error().front().place == place);
}

TEST_CASE("phrases do not mind case, white space and gaps", "[responses][mail]") {
    const auto fits = [](std::string_view phrase, std::string_view text) {
        return Phrase::parse(phrase)->is_in(comparable(text));
    };
    CHECK(fits("mailbox * full", "The MAILBOX of\n  Anna is full"));
    CHECK(fits("Ящик переполнен", "ящик\tПЕРЕПОЛНЕН"));
    CHECK_FALSE(fits("mailbox * full", "mailbox " + std::string(120, 'x') + " full"));
    CHECK(fits("^out of office", "Out of Office: Anna"));
    CHECK_FALSE(fits("^out of office", "Re: out of office"));
}

TEST_CASE("own rules come before the program's, or instead of them", "[responses][mail]") {
    const auto file = std::filesystem::temp_directory_path() / "carillon-own-mail-rules.json";
    const auto write = [&](const std::string& instead) {
        std::ofstream{file} << R"({"instead": )" << instead
                            << R"(, "meanings": [{"name": "ours", "kind": "soft", "reason": "ours",
                                "text": ["user unknown"]}]})";
    };
    write("false");
    auto rules = load_mail_rules(file);
    REQUIRE(rules);
    CHECK(rules->meaning_of("550 user unknown", false)->name == "ours");
    CHECK(rules->meaning_of("mailbox is full", false)->name == "quota");
    write("true");
    rules = load_mail_rules(file);
    REQUIRE(rules);
    CHECK(rules->meaning_of("mailbox is full", false) == nullptr);
    std::filesystem::remove(file);
    CHECK(load_mail_rules(file).error().front().code == "mail_rules.unreadable");
}

TEST_CASE("status and reply codes are found where they stand", "[responses][mail]") {
    const auto status = [](std::string_view text) {
        const auto found = find_status(text);
        return found ? found->text() : std::string{};
    };
    CHECK(status("550 5.1.1 <a@b>") == "5.1.1");
    CHECK(status("(#5.1.10)") == "5.1.10");
    CHECK(status("host 195.5.1.1 said") == "");
    CHECK(status("5.1.1.7 is an address") == "");
    CHECK(status("4.2.2.") == "4.2.2");
    CHECK(find_reply_code("smtp; 550-5.1.1 x") == 550);
    CHECK_FALSE(find_reply_code("failed 4500 times, 5 x"));
    CHECK_FALSE(find_reply_code("net[172.24.211.10]"));
    CHECK(meaning_of({5, 1, 1}).kind == MailKind::hard_bounce);
    CHECK(meaning_of({4, 1, 1}).kind == MailKind::soft_bounce);
    CHECK(meaning_of({5, 7, 60}).kind == MailKind::blocked);
    CHECK(meaning_of({5, 2, 2}).kind == MailKind::full);
}

TEST_CASE("texts of any charset become UTF-8", "[responses][mail]") {
    const auto [bytes, charset, text] = GENERATE(table<std::string, std::string, std::string>(
        {{"\xd3\xd4\xcf\xd0", "koi8-r", "стоп"},
         {"\xf1\xf2\xee\xef", "windows-1251", "стоп"},
         {"\xf1\xf2\xee\xef", "x-cp1251", "стоп"},
         {"\xd3\xd4\xcf\xd0 \xd0\xc9\xd3\xd8\xcd\xc1", "", "стоп письма"},
         {"\xf1\xf2\xee\xef \xef\xe8\xf1\xfc\xec\xe0", "us-ascii", "стоп письма"},
         {"\xf1\xf2\xee\xef", "no-such-charset", "стоп"},
         {"стоп", "", "стоп"},
         {"f\xfcr alle Kunden der Bank", "iso-8859-1", "für alle Kunden der Bank"},
         {"f\xfcr alle Kunden der Bank", "utf-8", "für alle Kunden der Bank"}}));
    CHECK(to_utf8(bytes, charset) == text);
}

TEST_CASE("HTML becomes lines with its quotes marked", "[responses][mail]") {
    CHECK(html_to_lines("<style>p{}</style><p>Да&nbsp;&amp; нет<br>STOP</p>"
                        "<blockquote>old<br>mail</blockquote>end &#8212; &lt;")
              .find("STOP") != std::string::npos);
    const auto text = html_to_lines("<div>STOP</div><blockquote><p>old mail</p></blockquote>");
    CHECK(reply_text(text) == "STOP");
}

TEST_CASE("addresses are found in any wrapping", "[responses][mail]") {
    CHECK(address_in("rfc822; <User@Example.COM>") == "User@example.com");
    CHECK(address_in("rfc822;user@example.com.") == "user@example.com");
    CHECK(address_in("Anna <mailto:anna@b.example>") == "anna@b.example");
    CHECK(address_in("unknown; nair_s").empty());
}

TEST_CASE("an answer without its quote, in the languages of our clients", "[responses][reply]") {
    const auto [text, answer] = GENERATE(table<std::string, std::string>(
        {{"Стоп\n\n02.03.2026, 10:00, \"Банк\" <news@bank.example>:\n> Письмо", "Стоп"},
         {"Стоп\n\nПонедельник, 2 марта 2026, 10:00 +03:00 от Банк <n@b.example> пишет:\n\n> x",
          "Стоп"},
         {"Не надо\n\n2 мар. 2026 г., в 10:00, Банк <n@b.example> написал(а):\n\n> x\n", "Не надо"},
         {"Danke\n\nAm Mo., 2. März 2026 um 10:00 Uhr schrieb Bank <n@b.example>:\n> x", "Danke"},
         {"Nein\n\nAm 02.03.2026 um 10:00 schrieb Bank:\n> x", "Nein"},
         {"Ne\n\nDne po 2. 3. 2026 10:00 uživatel Banka <n@b.example>\nnapsal:\n\n> x", "Ne"},
         {"Ano\n\n-----Původní zpráva-----\nOd: Banka\nPředmět: x", "Ano"},
         {"Да\n\n-----Исходное сообщение-----\nОт: Банк\nОтправлено: x\nКому: y", "Да"},
         {"Ja\n\nVon: Bank <n@b.example>\nGesendet: Montag\nAn: Anna\nBetreff: x\n\nalt", "Ja"},
         {"Yes please\n\nSent from my iPhone", "Yes please"},
         {"Да, звоните\n\nОтправлено с iPhone", "Да, звоните"},
         {"Ok\n\nОтправлено из мобильной Почты Mail.ru", "Ok"},
         {"Gut\n\nVon meinem iPhone gesendet", "Gut"},
         {"Ok\n\nGet Outlook for iOS\n________________________________\nFrom: B\nSent: x\nTo: y",
          "Ok"},
         {"On 2 March, Bank wrote:\n> one\n\nBelow", "Below"},
         {"> only\n> quote", ""},
         {"", ""}}));
    CHECK(reply_text(text) == answer);
}
