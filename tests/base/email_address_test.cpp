#include "base/email_address.h"

#include <catch2/catch.hpp>

using carillon::base::EmailAddress;

TEST_CASE("an address prints in one form, whatever the letter case of its domain", "[base]") {
    const auto [given, expected] = GENERATE(
        table<std::string, std::string>({{"Anna.Kim@Client.TEST", "Anna.Kim@client.test"},
                                         {"a+b=c@x.y", "a+b=c@x.y"},
                                         {"x@BÜCHER.example", "x@xn--bcher-kva.example"},
                                         {"x@XN--BCHER-KVA.example", "x@xn--bcher-kva.example"},
                                         {"анна@client.test", "анна@client.test"}}));
    INFO(given);
    const auto address = EmailAddress::parse(given);
    REQUIRE(address);
    CHECK(address->text() == expected);
    const auto again = EmailAddress::parse(address->text());
    REQUIRE(again);
    CHECK(*again == *address);
}

TEST_CASE("an A-label that IDNA refuses is refused in any letter case", "[base]") {
    // Found by fuzzing: "xN--" was taken for plain ASCII.
    for (const std::string text : {"nnp@xN--R.E", "nnp@xn--r.e", "nnp@XN--R.E"})
        CHECK_FALSE(EmailAddress::parse(text));
}

TEST_CASE("what could reach another mailbox than the one shown is refused", "[base]") {
    const auto text = GENERATE(
        as<std::string>{}, "\"a@evil.com x\"@bank.ru", "\"quoted\"@b.test", "a(comment)@b.test",
        "-oQ/tmp@b.test", "a%evil.test@b.test", "evil.test!a@b.test", "@relay.test:a@b.test",
        "a@b.test.", "a@b.test ", " a@b.test", "a@b.test,c@d.test", "a@[127.0.0.1]", "a@127.0.0.1",
        "a@b.test\r\nRCPT TO:<c@d.test>", "a@localhost", "a..b@c.test", ".a@c.test", "a.@c.test",
        "@", "a@", "@b.test", "", "a@b@c.test", "a@-b.test", "a@b_c.test");
    const auto address = EmailAddress::parse(text);
    REQUIRE_FALSE(address);
    CHECK(address.error().code == "contact.email_invalid");
}

TEST_CASE("lengths end where the standard ends them", "[base]") {
    CHECK(EmailAddress::parse(std::string(64, 'a') + "@b.test"));
    CHECK_FALSE(EmailAddress::parse(std::string(65, 'a') + "@b.test"));
    CHECK_FALSE(EmailAddress::parse("a@" + std::string(64, 'b') + ".test"));
    CHECK_FALSE(EmailAddress::parse("a@" + std::string(300, 'b') + ".test"));
    // Seventeen labels, each longer in the protocol than as it is written.
    std::string domain;
    for (int i = 0; i < 16; ++i) domain += "жизнь.";
    domain += "жизнь";
    CHECK(EmailAddress::parse("a@" + domain));
    CHECK_FALSE(EmailAddress::parse(std::string(64, 'a') + "@" + domain));
}
