#include "channels/letter_settings.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>

#include "base/digest.h"
#include "channels/durable_file.h"

using namespace carillon;
using namespace carillon::channels;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

constexpr std::string_view full = R"({
  "name": "letter", "kind": "letter", "transport": "print_house", "window": "uk-dl",
  "duplex": false, "sheet_mark": false,
  "sender": {"name": "Банк", "tagline": "t", "return_line": "r", "contact": ["1", "2"],
             "legal_line": "l", "logo_file": "examples/letters/signature.png"},
  "style": {"font": "PT Sans", "sans_font": "PT Sans", "size_pt": 12, "justified": false,
            "accent": "#1a386b"},
  "home_country": "DE", "country_language": "de", "spool": "spool",
  "print_house": {"folder": "house", "incoming": "back", "batch_max": 5, "cut_off": "16:00",
                  "time_zone": "Europe/Berlin",
                  "calendar_file": "examples/calendars/ru-2026.json"},
  "ipp": {"host": "cups.bank.test", "port": 8631, "queue": "letters", "user": "u", "tls": true,
          "timeout_seconds": 2.5, "poll_seconds": 1},
  "cost_per_message_minor": 4500
})";

tl::expected<LetterChannelSettings, base::Problems> parse(std::string_view text) {
    const auto json = base::Json::parse(text);
    REQUIRE(json);
    return parse_letter_settings(*json, CARILLON_SOURCE_DIR);
}

std::vector<std::string> places(std::string_view text) {
    const auto settings = parse(text);
    REQUIRE_FALSE(settings);
    std::vector<std::string> found;
    for (const auto& problem : settings.error()) found.push_back(problem.place);
    std::ranges::sort(found);
    return found;
}

}  // namespace

TEST_CASE("a letter channel is read whole", "[letters]") {
    const auto settings = parse(full);
    INFO((settings ? "" : settings.error()[0].text()));
    REQUIRE(settings);
    CHECK(settings->transport == LetterTransport::print_house);
    CHECK(settings->letter.window.name == "uk-dl");
    CHECK_FALSE(settings->letter.sheet_mark);
    CHECK(settings->letter.sender.contact.size() == 2);
    CHECK(settings->letter.sender.logo_png.size() > 1000);
    CHECK(settings->letter.style.body.family == "PT Sans");
    CHECK(settings->letter.style.accent.blue == Approx(0x6b / 255.0));
    CHECK(settings->letter.address_rules.home_country == "DE");
    const auto& house = settings->print_house;
    CHECK(house.folder == fs::path{CARILLON_SOURCE_DIR} / "house");
    CHECK(house.batch_max == 5);
    CHECK_FALSE(house.duplex);
    CHECK(house.cut_off.time == 16h);
    CHECK(house.cut_off.days_off.size() == 14);
    CHECK(settings->ipp.timeout == 2500ms);
    CHECK(settings->ipp.tls);
    CHECK(settings->cost_per_message_minor == 4500);
    CHECK(make_letter_composer(*settings));
}

TEST_CASE("all mistakes of a letter channel are told at once", "[letters]") {
    CHECK(places(R"({"name": "x", "kind": "email", "transport": "ipp", "window": "dl"})") ==
          std::vector<std::string>{"$.ipp", "$.kind", "$.sender", "$.window"});
    CHECK(places(R"({"name": "x", "kind": "letter", "window": "us-10", "sender": {"name": "a\nb",
                     "logo_file": "CMakeLists.txt"}, "style": {"font": "Nobody's", "accent": "red"},
                     "home_country": "XQ", "print_house": {"cut_off": "25:00", "time_zone": "Moon",
                     "calendar_file": "none.json"}, "ipp": {"host": "h", "queue": "a/b"},
                     "colour": 1})") ==
          std::vector<std::string>{
              "$.colour", "$.home_country", "$.ipp.queue", "$.print_house.calendar_file",
              "$.print_house.cut_off", "$.print_house.folder", "$.print_house.time_zone",
              "$.sender.logo_file", "$.sender.name", "$.spool", "$.style.accent", "$.style.font"});
}

TEST_CASE("the pages of a fax channel are read with the paths of their place", "[fax]") {
    base::Problems problems;
    const auto json = base::Json::parse(
        R"({"sender_name": "Банк", "sender_number": "+7", "cover_page": true, "pages_max": 3})");
    const auto settings = read_fax_pages(*json, "$.pages", problems);
    CHECK(problems.empty());
    CHECK(settings.cover_page);
    CHECK(settings.pages_max == 3);
    read_fax_pages(*base::Json::parse(R"({"font": "Nobody's", "x": 1})"), "$.pages", problems);
    REQUIRE(problems.size() == 4);
    CHECK(problems[0].place == "$.pages.sender_name");
}

TEST_CASE("the sandbox of letters writes a PDF for each", "[letters]") {
    const auto folder =
        fs::temp_directory_path() / ("carillon-spool-" + base::to_hex(base::random_bytes(6)));
    const auto json = base::Json::parse(
        R"({"name": "letter", "kind": "letter", "window": "us-10", "sender": {"name": "Bank"},
            "spool": ")" +
        folder.string() + "\"}");
    const auto settings = parse_letter_settings(*json, "/");
    REQUIRE(settings);
    const base::ManualClock clock;
    std::vector<Report> reports;
    auto channel = make_letter_channel(
        *settings, clock,
        {[&](std::vector<Report> more) { reports.insert(reports.end(), more.begin(), more.end()); },
         {},
         {}});
    REQUIRE(channel);
    CHECK((*channel)->kind() == base::ChannelKind::letter);
    CHECK((*channel)->probe());
    (*channel)->send({{.id = base::MessageId{1}, .key = "c/1", .payload = LetterPayload{"%PDF-"}},
                      {.id = base::MessageId{2}, .key = "m", .payload = EmailPayload{}}});
    (*channel)->stop(5s);
    REQUIRE(reports.size() == 2);
    CHECK(std::get<Accepted>(reports[0].outcome).provider_ref == "c%2f1.pdf");
    CHECK(std::holds_alternative<Rejected>(reports[1].outcome));
    CHECK(read_whole(folder / "c%2f1.pdf") == "%PDF-");
    fs::remove_all(folder);
}
