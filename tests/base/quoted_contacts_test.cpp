// Sentences without the addresses and numbers they quote.
#include <catch2/catch.hpp>

#include "base/quoted_contacts.h"

using carillon::base::quotes_contact;
using carillon::base::without_contacts;

TEST_CASE("what a provider says names nobody", "[base]") {
    CHECK(without_contacts("550 5.1.1 <anna@bank.test>: no such user") ==
          "550 5.1.1 <***>: no such user");
    CHECK(without_contacts("to=anna@bank.test, later") == "***, later");
    CHECK(without_contacts("Анна@почта.рф.") == "***");
    CHECK(without_contacts("number +79161112233 is off; 79161112233.") == "number *** is off; ***");
    CHECK(without_contacts("@ and x@") == "*** and ***");
    CHECK(quotes_contact("550 <anna@bank.test>"));
}

TEST_CASE("codes, dates and short numbers are nobody's", "[base]") {
    for (const auto* text : {"", "no_contact", "550 5.1.1 mailbox full", "2026-11-24T09:00:00.000Z",
                             "message 123456789 queued", "kept for 1234567890123456 (16 digits)",
                             "4F3A79161112233B", " ,;  "}) {
        CHECK(without_contacts(text) == text);
        CHECK_FALSE(quotes_contact(text));
    }
}
