// Links that cannot work are known without asking for them.
#include <catch2/catch.hpp>

#include "campaigns/link_check.h"

using namespace carillon::campaigns;

TEST_CASE("a link that works is not blamed") {
    for (const auto* link :
         {"https://bank.ru/spring", "HTTPS://bank.ru", "https://user@bank.ru:8443/a?b=c#d",
          "mailto:office@bank.ru", "tel:+74950000000", "{{unsubscribe_url}}", "#terms",
          "https://bank.ru/{{client.id}}", "https://{{client.branch}}.bank.ru/", "https://8.8.8.8/",
          "https://192.169.0.1/", "https://testing.ru/", "https://банк.рф/"})
        CHECK_THAT(std::string{link} + ": " + std::string{fault_of_link(link)},
                   Catch::Matchers::Equals(std::string{link} + ": "));
}

TEST_CASE("what is wrong with a link is said") {
    const auto [link, fault] = GENERATE(table<std::string, std::string>({
        {"", "leads nowhere"},
        {"  ", "leads nowhere"},
        {"#", "leads nowhere"},
        {"https://", "leads nowhere"},
        {"https:///path", "leads nowhere"},
        {"mailto:", "leads nowhere"},
        {"spring", "is no address of the web"},
        {"javascript:alert(1)", "is no address of the web"},
        {"https:bank.ru", "is no address of the web"},
        {"http://bank.ru/spring", "is not encrypted (http instead of https)"},
        {"http://localhost:3000/", "leads to a machine that clients cannot reach"},
        {"https://127.0.0.1/", "leads to a machine that clients cannot reach"},
        {"https://10.1.2.3", "leads to a machine that clients cannot reach"},
        {"https://172.31.0.1/", "leads to a machine that clients cannot reach"},
        {"https://[::1]/", "leads to a machine that clients cannot reach"},
        {"https://intranet/offer", "leads to a machine that clients cannot reach"},
        {"https://mail.bank.local/", "leads to a machine that clients cannot reach"},
        {"https://bank.example/{{client.id}}", "leads to a name that exists in examples only"},
        {"https://www.Example.COM./", "leads to a name that exists in examples only"},
        {"http://bank.test", "leads to a name that exists in examples only"},
    }));
    CHECK(std::string{fault_of_link(link)} == fault);
}

TEST_CASE("the links of a message are those of its HTML and of its text, each once") {
    carillon::templates::LocalizedParts parts;
    parts.html = R"(<a href="">x</a><a class='b' href='http://bank.ru'>y</a><a href="#">z</a>)"
                 R"(<a name="here">w</a><a href="{{unsubscribe_url}}">u</a><a href="">x</a>)";
    parts.text = "See http://localhost/a, or http://bank.ru. (https://bank.ru/b)";
    const auto faulty = faulty_links(parts);
    REQUIRE(faulty.size() == 4);
    CHECK(faulty[0].link.empty());
    CHECK(faulty[1].link == "http://bank.ru");
    CHECK(faulty[2].link == "#");
    CHECK(faulty[3].link == "http://localhost/a");
}
