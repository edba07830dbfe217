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
          Page::landing, Page::thanks, Page::unknown_link, Page::later})
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
