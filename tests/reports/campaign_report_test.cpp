// The report of hand-made facts: every figure can be counted on paper.
#include "reports/campaign_report.h"

#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "base/text.h"
#include "reports/attribution.h"
#include "reports/layout.h"
#include "reports/report_json.h"
#include "reports/words.h"

using namespace carillon;
using namespace carillon::reports;

namespace {

constexpr std::int64_t day = 86'400'000;

// One message a client; clients are numbered from 1.
struct Story {
    Facts facts;
    std::int64_t next{1};

    Story() { facts.channels = {"email"}; }
    ClientFact& add(bool control, int variant, bool goal) {
        MessageFact message;
        message.id = message.client = next;
        message.step = 1;
        message.units = 1;
        message.variant = static_cast<std::int16_t>(variant);
        message.state =
            control ? campaigns::MessageState::control : campaigns::MessageState::accepted;
        message.submitted_at = control ? 0 : 1;
        facts.messages.push_back(message);
        ClientFact client;
        client.client = next;
        client.first_message = static_cast<std::uint32_t>(next - 1);
        client.messages = 1;
        client.variant = message.variant;
        client.control = control;
        client.assigned = true;
        client.sent = client.arrived = !control;
        client.first_sent = message.submitted_at;
        client.reached_goal = goal;
        facts.clients.push_back(client);
        ++next;
        return facts.clients.back();
    }
    void add_many(int clients, bool control, int variant, int goals) {
        for (int i = 0; i < clients; ++i) add(control, variant, i < goals);
    }
};

Design two_variants() {
    Design design;
    design.name = "offer";
    design.state = "running";
    design.control_parts = 5'000;
    design.variants = {"a", "b"};
    design.variant_weights = {1, 1};
    design.conversion.event = "purchase";
    return design;
}

}  // namespace

TEST_CASE("groups, lift and variants of a small campaign", "[report]") {
    Story story;
    story.add_many(1'000, true, 0, 50);
    story.add_many(500, false, 0, 100);
    story.add_many(500, false, 1, 98);
    const auto report = measure(story.facts, two_variants());
    CHECK(report.control.assigned == 1'000);
    CHECK(report.treated.goal == 198);
    REQUIRE(report.lifts.size() == 3);
    CHECK(report.lifts[0].difference->value == Approx(0.148));
    CHECK(report.lifts[0].incremental->value == Approx(148));
    CHECK(report.lifts[1].adjusted_p < 0.001);
    REQUIRE(report.pairs.size() == 1);
    CHECK_FALSE(report.pairs[0].differs);
    CHECK(*report.pairs[0].still_needed > 10'000);
    const auto text = to_text(lay_out(report, {}, Words{Language::english}));
    CHECK(text.find("a and b: no difference yet") != std::string::npos);
    const auto russian = to_text(lay_out(report, {}, Words{Language::russian}));
    CHECK(russian.find("a и b: разницы пока нет") != std::string::npos);
}

TEST_CASE("a broken split withholds the lift in every place", "[report]") {
    Story story;
    story.add_many(800, true, 0, 50);
    story.add_many(500, false, 0, 100);
    story.add_many(500, false, 1, 98);
    const auto report = measure(story.facts, two_variants());
    REQUIRE(report.sample_ratio->broken());
    for (const auto& lift : report.lifts) CHECK(lift.difference.error() == Lack::broken_control);
    CHECK_FALSE(report.pairs[0].differs);
    CHECK(to_text(lay_out(report, {}, Words{Language::english})).find("control group is broken") !=
          std::string::npos);
}

TEST_CASE("an empty campaign and one of a single client are said in words", "[report]") {
    Story nothing;
    nothing.facts.channels.clear();
    Story one;
    one.add(false, 0, true);
    for (const auto* facts : {&nothing.facts, &one.facts})
        for (const auto language : {Language::english, Language::russian}) {
            const auto report = measure(*facts, two_variants());
            const auto document = lay_out(report, {}, Words{language});
            for (const auto& text : {to_text(document), to_csv(document), to_html(document),
                                     to_json(report, {}).dump()}) {
                CHECK(text.find("nan") == std::string::npos);
                CHECK(text.find("inf") == std::string::npos);
            }
        }
}

TEST_CASE("clients left out before the split are in no group", "[report]") {
    Story story;
    story.add(false, 0, true).assigned = false;
    story.add(true, 0, false);
    const auto report = measure(story.facts, two_variants());
    CHECK(report.left_out == 1);
    CHECK(report.treated.assigned == 0);
    CHECK(report.control.assigned == 1);
}

TEST_CASE("costs are the same amounts in texts and in spreadsheets", "[report]") {
    Story story;
    story.add_many(100, false, 0, 5);
    auto design = two_variants();
    design.currency = "RUB";
    design.unit_cost = {{"email", 346}};
    design.carried = {{"email", "north", 60, 60, 20'760}, {"email", "south", 40, 40, 13'840}};
    const auto document = lay_out(measure(story.facts, design), {}, Words{Language::english});
    std::vector<double> costs;
    for (const auto& section : document.sections)
        for (const auto& table : section.tables) {
            const auto cost = std::ranges::find(table.columns, "cost");
            if (cost == table.columns.end()) continue;
            for (const auto& row : table.rows)
                costs.push_back(
                    row[static_cast<std::size_t>(cost - table.columns.begin())].number.value());
        }
    CHECK(costs == std::vector<double>{346.0, 207.6, 138.4});
    const auto text = to_text(document);
    for (const auto* shown : {"346.00", "207.60", "138.40", "north"})
        CHECK(text.find(shown) != std::string::npos);
}

TEST_CASE("what was taken back was not sent and costs nothing", "[report]") {
    MessageFact message;
    CHECK_FALSE(message.was_sent());
    message.submitted_at = 1;
    for (const auto state : {campaigns::MessageState::accepted, campaigns::MessageState::delivered,
                             campaigns::MessageState::bounced}) {
        message.state = state;
        CHECK(message.was_sent());
    }
    message.state = campaigns::MessageState::cancelled;
    CHECK_FALSE(message.was_sent());

    Story story;
    story.add_many(10, false, 0, 0);
    for (std::size_t i = 0; i < 4; ++i)
        story.facts.messages[i].state = campaigns::MessageState::cancelled;
    auto design = two_variants();
    design.unit_cost = {{"email", 100}};
    const auto report = measure(story.facts, design);
    CHECK(report.cost == Approx(600));
}

TEST_CASE("attribution: last, first, linear, and nothing outside the window", "[report]") {
    Facts facts;
    for (int i = 0; i < 3; ++i) {
        MessageFact message;
        message.id = i + 1;
        message.submitted_at = (i + 1) * day;
        facts.messages.push_back(message);
    }
    ClientFact client;
    client.messages = 3;
    using campaigns::Attribution;
    const auto credit = [&](std::int64_t at, Attribution model) {
        return credits_of(facts, client, at, 2 * day, model);
    };
    CHECK(credit(3 * day, Attribution::last).at(0).message == 2);
    CHECK(credit(3 * day - 1, Attribution::first).at(0).message == 0);
    const auto shared = credit(3 * day, Attribution::linear);
    REQUIRE(shared.size() == 2);  // the first is two days old: no longer within its window
    CHECK(shared[0].share + shared[1].share == Approx(1));
    CHECK(credit(day - 1, Attribution::last).empty());
    CHECK(credit(9 * day, Attribution::last).empty());
}

TEST_CASE("machines are told from people by the kind of response", "[report]") {
    CHECK(reaction_of("robot_click") == Reaction::automatic);
    CHECK(reaction_of("auto_reply") == Reaction::automatic);
    CHECK(reaction_of("open") == Reaction::opened);
    CHECK(reaction_of("click") == Reaction::clicked);
    CHECK(reaction_of("stop") == Reaction::opted_out);
    CHECK(reaction_of("interested") == Reaction::responded);
}

TEST_CASE("texts cannot become formulas, tags or scripts; numbers stay numbers", "[report]") {
    Document document;
    document.title = "<script>alert(1)</script>";
    document.sections.push_back({"=1+1", {"@SUM(A1)"}, {}, {}});
    Table table{"+t", {"-c"}, {{Cell{"=cmd|' /C calc'!A0"}}, {Cell{"-5 %", -0.05}}}};
    document.sections[0].tables.push_back(table);
    document.sections[0].charts.push_back(
        {ChartKind::bars, "c", {{"<b>&\"", 1, "1", {}}, {"zero", 0, "0", {}}}});
    const auto csv = to_csv(document);
    CHECK(csv.find("'=cmd") != std::string::npos);
    CHECK(csv.find("'@SUM") != std::string::npos);
    CHECK(csv.find(",-0.05\r\n") != std::string::npos);
    CHECK(csv.find("\n=") == std::string::npos);
    const auto html = to_html(document);
    CHECK(html.find("<script>") == std::string::npos);
    CHECK(html.find("<b>") == std::string::npos);
    CHECK(html.find("<svg") != std::string::npos);
}

TEST_CASE("reasons are words in both languages; what a provider said stays as it is", "[report]") {
    const Words english{Language::english};
    const Words russian{Language::russian};
    CHECK(english.reason("no_contact") == "there is no address for this channel");
    CHECK(russian.reason("no_contact") == "нет адреса для этого канала");
    CHECK(russian.reason("there is no such mailbox (5.1.1)") ==
          "нет такого почтового ящика (5.1.1)");
    CHECK(russian.reason("UNDELIV") == "UNDELIV");
    CHECK(russian.reason("") == "");
}

TEST_CASE("a heading stands on the page of what it is about", "[report]") {
    if (std::system("command -v pdftotext >/dev/null 2>&1") != 0) {
        WARN("skipped: no pdftotext");
        return;
    }
    // Sections of every length, so that some heading comes to every height of a page.
    Document document;
    document.title = "T";
    for (int rows = 1; rows <= 30; ++rows) {
        Table table{"table", {"column"}, {}};
        for (int i = 0; i < rows; ++i) table.rows.push_back({Cell{"row"}});
        Chart chart{ChartKind::bars, "chart", {{"bar", 1, "1", {}}, {"bar", 2, "2", {}}}};
        document.sections.push_back({"heading", {"sentence"}, {table}, {}});
        document.sections.push_back({"heading", {}, {}, {chart}});
    }
    const auto path = std::filesystem::temp_directory_path() /
                      ("carillon-heading-" + std::to_string(::getpid()) + ".pdf");
    REQUIRE(write_pdf(document, path.string()));
    auto* pipe = ::popen(("pdftotext -layout " + path.string() + " -").c_str(), "r");
    REQUIRE(pipe != nullptr);
    std::string text;
    for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) text += static_cast<char>(c);
    CHECK(::pclose(pipe) == 0);
    std::filesystem::remove(path);
    int pages = 0;
    for (const auto page : base::split(text, '\f')) {
        // The last line of a page is its number.
        std::vector<std::string_view> lines;
        for (const auto line : base::split(page, '\n'))
            if (!base::trim(line).empty()) lines.push_back(base::trim(line));
        if (lines.size() < 2) continue;
        ++pages;
        CAPTURE(pages);
        const auto last = lines[lines.size() - 2];
        CHECK(last != "heading");
        CHECK(last != "sentence");
        CHECK(last != "table");
    }
    CHECK(pages > 10);
}
