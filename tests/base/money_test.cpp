#include "base/money.h"

#include <catch2/catch.hpp>

using namespace carillon;
using base::parse_minor;

TEST_CASE("amounts are read as people and systems write them", "[base]") {
    const auto [text, currency, minor] = GENERATE(
        table<std::string, std::string, std::int64_t>({{"1234.5", "RUB", 123450},
                                                       {"-0.07", "RUB", -7},
                                                       {"1 234,50", "RUB", 123450},
                                                       {"1\u00A0234\u202F567.00", "EUR", 123456700},
                                                       {"1'000", "CHF", 100000},
                                                       {"0", "RUB", 0},
                                                       {"12.500", "RUB", 1250},
                                                       {"12.5", "KWD", 12500},
                                                       {"100", "JPY", 100},
                                                       {"100.00", "JPY", 100},
                                                       {"+5", "RUB", 500}}));
    INFO(text);
    CHECK(parse_minor(text, currency).value() == minor);
}

TEST_CASE("what is no amount is refused by what is wrong with it", "[base]") {
    for (const std::string text : {"", "-", ".5", "5.", "1.2.3", "1,234.50", "12a", "--5", "1e3"})
        CHECK(parse_minor(text, "RUB").error().code == "money.invalid");
    CHECK(parse_minor("1.005", "RUB").error().code == "money.precision");
    CHECK(parse_minor("1.5", "JPY").error().code == "money.precision");
    CHECK(parse_minor("90000000000000.00", "RUB").value() == 9'000'000'000'000'000);
    CHECK(parse_minor("90000000000000.01", "RUB").error().code == "money.range");
    CHECK(parse_minor(std::string(400, '9'), "RUB").error().code == "money.range");
}

TEST_CASE("an amount is written with the decimals of its currency", "[base]") {
    CHECK(base::plain_text({123450, "RUB"}) == "1234.50");
    CHECK(base::plain_text({-7, "RUB"}) == "-0.07");
    CHECK(base::plain_text({5, "KWD"}) == "0.005");
    CHECK(base::plain_text({100, "JPY"}) == "100");
    CHECK(base::plain_text({0, "RUB"}) == "0.00");
}
