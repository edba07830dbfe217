// What a client sees: both languages, escaped, and nothing that runs or loads.
#include <catch2/catch.hpp>

#include "server/guess_limit.h"
#include "server/public_pages.h"

using namespace carillon;
using namespace carillon::server;
using namespace std::chrono_literals;

namespace {

const PublicPages& pages() {
    static const PublicPages made{{"Bank & Sons", "+7 495 000", "https://bank.test"}};
    return made;
}

}  // namespace

TEST_CASE("every page in both languages is whole and lets nothing run") {
    for (const auto page :
         {Page::unsubscribe, Page::unsubscribed, Page::preferences, Page::saved, Page::code_form,
          Page::landing, Page::thanks, Page::mail_text, Page::unknown_link, Page::later})
        for (const char* locale : {"en", "ru", "ru-RU", "cs"}) {
            const auto response = pages().show(page, {.locale = locale, .token = "17.abc"});
            const auto& html = response.body();
            INFO(html);
            CHECK(html.starts_with("<!doctype html>"));
            CHECK(html.ends_with("</html>\n"));
            CHECK(html.find("Bank &amp; Sons") != std::string::npos);
            CHECK(html.find("<script") == std::string::npos);
            CHECK(html.find("{{") == std::string::npos);
            // A word that was forgotten would stand there in capitals.
            for (const char* left :
                 {"UNSUB_", "PREF_", "CODE_", "LAND_", "THANKS_", "UNKNOWN_", "LATER_", "CONTACT"})
                CHECK(html.find(left) == std::string::npos);
            const bool russian = std::string_view{locale}.starts_with("ru");
            CHECK((html.find("Вопросы") != std::string::npos) == russian);
            std::string policy;
            for (const auto& [name, value] : response.headers())
                if (name == "Content-Security-Policy") policy = value;
            CHECK(policy.starts_with("default-src 'none'; style-src 'sha256-"));
        }
}

TEST_CASE("data of a client stay text") {
    const auto html =
        pages()
            .show(Page::landing, {.locale = "en", .first_name = "<b>Anna</b>", .token = "2F-7Q4M"})
            .body();
    CHECK(html.find("<b>Anna") == std::string::npos);
    CHECK(html.find("&lt;b&gt;Anna") != std::string::npos);
    CHECK(html.find("action=\"/r/2F-7Q4M\"") != std::string::npos);
}

TEST_CASE("preferences show what is in force") {
    using base::ChannelKind;
    using base::Purpose;
    const auto html =
        pages()
            .show(Page::preferences, {.locale = "ru",
                                      .token = "17.abc",
                                      .choices = {{ChannelKind::email, Purpose::marketing, false},
                                                  {ChannelKind::email, Purpose::service, true},
                                                  {ChannelKind::sms, Purpose::marketing, true},
                                                  {ChannelKind::sms, Purpose::service, false}}})
            .body();
    const auto box = [&](std::string_view name) {
        const auto at = html.find("name=\"" + std::string{name} + "\"");
        REQUIRE(at != std::string::npos);
        return html.substr(at, html.find('>', at) - at).ends_with(" checked");
    };
    CHECK_FALSE(box("email.marketing"));
    CHECK(box("email.service"));
    CHECK(box("sms.marketing"));
    CHECK_FALSE(box("sms.service"));
}

TEST_CASE("links in the text of an e-mail are found") {
    const auto told = [](std::string_view text) {
        std::string all;
        for (const auto& piece : pieces_of(text))
            all += piece.url.empty() ? "{" + piece.words + "}" : "[" + piece.url + "]";
        return all;
    };
    CHECK(told("").empty());
    CHECK(told("no link, http: neither, https:// nor that") ==
          "{no link, http: neither, https:// nor that}");
    CHECK(told("https://x.test/a") == "[https://x.test/a]");
    CHECK(told("Rates: https://x.test/a?b=1&c=2.\nBye") ==
          "{Rates: }[https://x.test/a?b=1&c=2]{.\nBye}");
    CHECK(told("(http://x.test/), <https://y.test/путь>") ==
          "{(}[http://x.test/]{), <}[https://y.test/путь]{>}");
    CHECK(told("xhttps://x.test https://y.test/-_") == "{x}[https://x.test]{ }[https://y.test/-_]");
    CHECK(told("https://x.test/http://y.test") == "[https://x.test/http://y.test]");
    CHECK(told("https://.") == "{https://.}");
    CHECK(told("javascript:alert(1) data:text/html,x") == "{javascript:alert(1) data:text/html,x}");
}

TEST_CASE("an e-mail without HTML is shown as text with its links") {
    const auto html =
        pages()
            .show(Page::mail_text,
                  {.locale = "ru",
                   .subject = "Вклад & <карта>",
                   .text = pieces_of("<b>Анна</b>,\nздесь: https://x.test/\"onclick=\"a&b")})
            .body();
    INFO(html);
    CHECK(html.find("<title>Вклад &amp; &lt;карта&gt;</title>") != std::string::npos);
    CHECK(html.find("&lt;b&gt;Анна&lt;/b&gt;,\nздесь: ") != std::string::npos);
    CHECK(html.find("<a href=\"https://x.test/\">https://x.test/</a>") != std::string::npos);
    CHECK(html.find("\"onclick") == std::string::npos);
}

TEST_CASE("an e-mail is shown as it is and can do nothing") {
    const std::string mail = "<p onclick=\"x()\">Анна</p>\r\n<script>x()</script>";
    const auto response = show_mail("ru", mail);
    CHECK(response.body() == mail);
    std::map<std::string, std::string> headers;
    for (const auto& [name, value] : response.headers()) headers[name] = value;
    const auto& policy = headers["Content-Security-Policy"];
    CHECK(
        policy.starts_with("sandbox allow-popups allow-popups-to-escape-sandbox; "
                           "default-src 'none'; "));
    for (const char* loosened : {"script", "allow-scripts", "allow-same-origin", "allow-forms",
                                 "http:", "*", "connect-src", "frame-src"})
        CHECK(policy.find(loosened) == std::string::npos);
    CHECK(headers["Content-Type"] == "text/html; charset=utf-8");
    CHECK(headers["Content-Language"] == "ru");
    CHECK(headers["Cache-Control"] == "no-store");
    CHECK(headers["Referrer-Policy"] == "no-referrer");
    CHECK(headers["X-Content-Type-Options"] == "nosniff");
    CHECK(headers["X-Robots-Tag"] == "noindex, nofollow");
}

TEST_CASE("codes cannot be tried for ever") {
    GuessLimit limit{3, 10min};
    const base::Steady start{};
    for (int i = 0; i < 3; ++i) {
        CHECK(limit.may_try("a", start + 1h));
        limit.was_wrong("a", start + 1h);
    }
    CHECK_FALSE(limit.may_try("a", start + 1h + 5min));
    CHECK(limit.may_try("b", start + 1h + 5min));
    CHECK(limit.may_try("a", start + 1h + 11min));
}
