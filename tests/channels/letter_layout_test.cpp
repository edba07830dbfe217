#include "channels/letter_layout.h"

#include <catch2/catch.hpp>
#include <deque>
#include <thread>

using namespace carillon;
using namespace carillon::channels;

namespace {

LetterSettings settings_for(std::string_view window) {
    LetterSettings settings;
    settings.window = *find_window(window);
    settings.sender = {.name = "Банк",
                       .return_line = "Банк · ул. Набережная, 12 · 101000 Москва",
                       .contact = {"8 800 555-01-23"},
                       .legal_line = "АО «Банк»"};
    return settings;
}

LetterComposer composer_for(LetterSettings settings) {
    auto composer = LetterComposer::create(std::move(settings));
    INFO((composer ? "" : composer.error().text()));
    REQUIRE(composer);
    return *composer;
}

RichText text(std::string words) {
    return {Span{std::move(words)}};
}

LetterParts letter(std::vector<Block> blocks) {
    return {.key = "m-17",
            .language = "ru",
            .to = {.name = "Ким Анна",
                   .lines = {"ул. Мира, д. 5"},
                   .city = "г. Тверь",
                   .postcode = "170000",
                   .country = "RU"},
            .document = {.date = *base::parse_date("2026-11-21"),
                         .subject = "Ваш вклад",
                         .blocks = std::move(blocks)},
            .response = {"https://r.bank.example/q/7KQ2", "7KQ2"}};
}

std::string words(std::size_t count) {
    std::string many;
    for (std::size_t i = 0; i < count; ++i) many += "рефинансирование задолженности ";
    return many;
}

base::Failure failure_of(const LetterParts& parts, std::string_view window = "din-5008-b") {
    const auto made = composer_for(settings_for(window)).compose(parts);
    REQUIRE_FALSE(made);
    return made.error();
}

}  // namespace

TEST_CASE("the same letter is the same bytes, on every thread", "[letters]") {
    const auto composer = composer_for(settings_for("din-5008-b"));
    const auto parts = letter({Paragraph{text(words(300))}});
    const auto first = composer.compose(parts);
    REQUIRE(first);
    CHECK(first->pages == 3);
    CHECK(first->window == "din-5008-b");
    CHECK(first->address.size() == 4);
    CHECK(first->pdf.starts_with("%PDF-"));
    std::vector<std::string> made(3);
    std::vector<std::thread> threads;
    for (auto& pdf : made) threads.emplace_back([&] { pdf = composer.compose(parts)->pdf; });
    for (auto& thread : threads) thread.join();
    for (const auto& pdf : made) CHECK(pdf == first->pdf);
    auto later = parts;
    later.document.date = *base::parse_date("2026-11-22");
    CHECK(composer.compose(later)->pdf != first->pdf);
}

TEST_CASE("a letter that cannot be printed is refused before anything is made", "[letters]") {
    SECTION("too many pages") {
        auto settings = settings_for("din-5008-b");
        settings.window.max_pages = 2;
        const auto made = composer_for(settings).compose(letter({Paragraph{text(words(1000))}}));
        REQUIRE_FALSE(made);
        CHECK(made.error().code == "letter.too_many_pages");
        CHECK(made.error().place == "page 3");
    }
    SECTION("a character the font does not have") {
        const auto failure = failure_of(letter({Paragraph{text("да")}, Paragraph{text("王")}}));
        CHECK(failure.code == "letter.glyph_missing");
        CHECK(failure.place == "block 2");
        CHECK(failure.detail == "The font PT Serif has no character '王' (U+738B).");
    }
    SECTION("an address that lacks something") {
        auto parts = letter({});
        parts.to.postcode.clear();
        CHECK(failure_of(parts).code == "letter.address_incomplete");
    }
    SECTION("an address that is too long for the window") {
        auto parts = letter({});
        parts.to.lines.assign(7, "строение 1");
        CHECK(failure_of(parts).code == "letter.window_overlap");
        CHECK(failure_of(parts).place == "page 1: address");
    }
    SECTION("a table that is wider than the paper") {
        Table table{.columns = {Align::left}, .rows = {{text(std::string(200, 'W'))}}};
        const auto failure = failure_of(letter({table}), "uk-dl");
        CHECK(failure.code == "letter.window_overlap");
        CHECK(failure.place == "page 1: text");
    }
    SECTION("a signature that is no image") {
        auto parts = letter({});
        parts.document.closing.image_png = "GIF89a";
        CHECK(failure_of(parts).code == "letter.image_invalid");
        CHECK(failure_of(parts).place == "signature");
    }
    SECTION("a reply address that no symbol holds") {
        auto parts = letter({});
        parts.response.url = "https://банк.рф/";
        CHECK(failure_of(parts).code == "letter.symbol_invalid");
    }
    SECTION("a font nobody has") {
        auto settings = settings_for("uk-dl");
        settings.style.body.family = "Nobody's Serif";
        CHECK(LetterComposer::create(settings).error().code == "letter.font_missing");
    }
}

TEST_CASE("names in letters that the font lacks are printed from another", "[letters]") {
    auto parts = letter({Paragraph{text("Здравствуйте, Γιώργος Παπαδόπουλος!")}});
    for (const auto* name :
         {"Γιώργος Παπαδόπουλος", "Nguyễn Thị Hạnh", "Արմեն Խաչատրյան", "გიორგი ბერიძე"}) {
        parts.to.name = name;
        INFO(name);
        const auto made = composer_for(settings_for("ru-dl-right")).compose(parts);
        REQUIRE(made);
        CHECK(made->pdf.find("DejaVuSans") != std::string::npos);
        CHECK(made->pdf.find("DejaVuSerif") != std::string::npos);
        CHECK(made->pdf == composer_for(settings_for("ru-dl-right")).compose(parts)->pdf);
    }
    // From right to left, joined, or a picture: refused, and the one that cannot be had is named.
    for (const auto* name : {"Γιώργος כהן", "محمد", "Петров 😀"}) {
        parts.to.name = name;
        CHECK(failure_of(parts).code == "letter.glyph_missing");
    }
    parts.to.name = "Γ ן";
    CHECK(failure_of(parts).detail == "The font PT Sans has no character 'ן' (U+05DF).");
}

TEST_CASE("a letter that ends lines with an overhanging f is printed", "[letters]") {
    std::string many;
    for (int i = 1; i < 160; ++i)
        many += "Line " + std::to_string(i) + " of a long text that needs more than one part of. ";
    for (const auto* window : {"din-5008-b", "ru-dl-right", "uk-dl", "us-10"}) {
        const auto made =
            composer_for(settings_for(window)).compose(letter({Paragraph{text(many)}}));
        INFO((made ? "" : made.error().text()));
        CHECK(made);
    }
}

TEST_CASE("a name may begin with any letter", "[letters]") {
    std::vector<std::string> first{"\"", "«", "„", "(", "Å", "Ø", "Þ", "Ž", "İ", "Ё", "ґ", "Ї"};
    for (char c = 'A'; c <= 'z'; ++c)
        if (c <= 'Z' || c >= 'a') first.emplace_back(1, c);
    for (char c = '\x90'; c <= '\xAF'; ++c) first.push_back(std::string{"\xD0"} + c);
    for (const auto* window : {"din-5008-b", "ru-dl-right", "uk-dl", "us-10"}) {
        auto settings = settings_for(window);
        settings.sender.return_line = "J. Jones · Jena";
        const auto composer = composer_for(settings);
        for (const auto& letter_of_name : first) {
            auto parts = letter({});
            parts.to.name = letter_of_name + "ames Smith";
            parts.to.lines = {"jj 5"};
            const auto made = composer.compose(parts);
            INFO(window << " " << parts.to.name << " " << (made ? "" : made.error().text()));
            CHECK(made);
        }
    }
}

TEST_CASE("addresses of many countries stand in every window", "[letters]") {
    const PostalAddress addresses[] = {
        {"Max Mustermann", {"Hauptstraße 5"}, "Berlin", "", "10115", "DE"},
        {"Jan Novák", {"Václavské náměstí 1"}, "Praha 1", "", "110 00", "CZ"},
        {"Jane Doe", {"1 Main St Apt 4"}, "Springfield", "IL", "62701", "US"},
        {"Marie Curie", {"5 rue de la Paix"}, "Paris", "", "75002", "FR"},
        {"José García", {"Calle Mayor 1, 2ºB"}, "Madrid", "", "28013", "ES"},
        {"Jan Kowalski", {"ul. Długa 5/7"}, "Warszawa", "", "00-238", "PL"},
        {"Pieter de Vries", {"Dorpsstraat 1"}, "Amsterdam", "", "1012 JS", "NL"},
        {"Ірина Шевченко", {"вул. Хрещатик, 1"}, "Київ", "", "01001", "UA"},
        {"Айдар Нурланов", {"пр. Абая, 10"}, "Алматы", "", "050000", "KZ"},
        {"Yamada Taro", {"1-1 Chiyoda"}, "Tokyo", "", "100-0001", "JP"},
        {"Li Wei", {"1 Nanjing Road"}, "Shanghai", "", "200001", "CN"},
        {"Mehmet Yılmaz", {"İstiklal Cad. 5"}, "İstanbul", "", "34433", "TR"},
        {"Ahmed Ali", {"Al Maktoum Rd"}, "Dubai", "", "", "AE"},
        {"Þór Æsir", {"Laugavegur 1"}, "Reykjavík", "", "101", "IS"}};
    for (const auto* window : {"din-5008-b", "ru-dl-right", "uk-dl", "us-10"})
        for (const auto& address : addresses) {
            auto parts = letter({});
            parts.to = address;
            const auto made = composer_for(settings_for(window)).compose(parts);
            INFO(window << " " << address.country << " " << (made ? "" : made.error().text()));
            REQUIRE(made);
            CHECK(made->address.size() >= 4);
            CHECK(made->address.front() == address.name);
        }
}

TEST_CASE("nothing but the address may show in the window", "[letters]") {
    const auto& window = *find_window("uk-dl");
    PagePlan plan{210, 297, std::vector<Page>(2)};
    const auto put = [&](std::size_t page, Role role, Box box) {
        plan.pages[page].items.push_back({role, RuleItem{box, black}});
    };
    put(0, Role::address, {30, 45, 20, 5});
    put(0, Role::letterhead, {20, 10, 50, 10});
    put(0, Role::body, {15, 95, 180, 100});
    put(1, Role::body, {15, 15, 180, 200});
    REQUIRE(check_zones(plan, window));
    SECTION("text that reaches into it") {
        put(0, Role::body, {30, 60, 20, 5});
        CHECK(check_zones(plan, window).error().place == "page 1: text");
    }
    SECTION("a letterhead that grew") {
        put(0, Role::letterhead, {20, 10, 50, 31});
        CHECK(check_zones(plan, window).error().place == "page 1: letterhead");
    }
    SECTION("an address beside it") {
        put(0, Role::address, {10, 45, 20, 5});
        CHECK(check_zones(plan, window).error().code == "letter.window_overlap");
    }
    SECTION("text in the margin of a later page") {
        put(1, Role::body, {5, 100, 20, 5});
        CHECK(check_zones(plan, window).error().place == "page 2: text");
    }
}

TEST_CASE("words are divided as their language divides them", "[letters]") {
    const auto [language, word, divided] = GENERATE(table<std::string, std::string, std::string>(
        {{"ru", "персональный", "пер~со~наль~ный"},
         {"ru", "Фиксированная", "Фик~си~ро~ван~ная"},
         {"ru", "счёт", "счёт"},
         {"en", "personalisation", "per~son~al~i~sa~tion"},
         {"de", "Freundschaft", "Freund~schaft"},
         {"cs", "nejkrásnější", "nej~krás~něj~ší"},
         {"fr", "personnellement", "personnellement"}}));
    const auto hyphenation = Hyphenation::find(language);
    REQUIRE(hyphenation);
    auto softened = hyphenation->soften("(" + word + ")");
    for (auto at = softened.find("\xC2\xAD"); at != std::string::npos;
         at = softened.find("\xC2\xAD"))
        softened.replace(at, 2, "~");
    if (language != "cs") CHECK(softened == "(" + divided + ")");
    CHECK(softened.size() >= word.size() + 2);
}

TEST_CASE("a missing dictionary is told, not passed over", "[letters]") {
    const auto missing = Hyphenation::find("de", "/nonexistent");
    REQUIRE_FALSE(missing);
    CHECK(missing.error().code == "letter.hyphenation_missing");
}

TEST_CASE("a long table repeats its header on every page", "[letters]") {
    Table table{.columns = {Align::left, Align::right}, .header = true};
    table.rows.push_back({text("Дата"), text("Сумма")});
    for (int i = 0; i < 120; ++i)
        table.rows.push_back({text("строка " + std::to_string(i)), text("10,00")});
    const auto hyphenation = Hyphenation::find("ru");
    const Typesetter typesetter{"ru", *hyphenation};
    PageFlow flow{{210, 297, 25, 165, 100, 25, 270, 10}, {}, typesetter, "ru"};
    REQUIRE(flow.add({.blocks = {table}}, {}));
    const auto plan = flow.take();
    REQUIRE(plan.pages.size() >= 3);
    const auto& first = std::get<TextItem>(plan.pages[0].items[0].what);
    std::size_t rows = 0;
    for (const auto& page : plan.pages) {
        const auto& header = std::get<TextItem>(page.items[0].what);
        CHECK(header.text.layout == first.text.layout);
        for (const auto& item : page.items) {
            rows += std::holds_alternative<RuleItem>(item.what) ? 1U : 0U;
            CHECK(item.ink().bottom() <= 270 + box_slack_mm);
        }
    }
    CHECK(rows == 120 + plan.pages.size());
}

TEST_CASE("a line is never left alone at an end of a page", "[letters]") {
    const auto hyphenation = Hyphenation::find("ru");
    const Typesetter typesetter{"ru", *hyphenation};
    for (std::size_t count = 30; count < 60; ++count) {
        PageFlow flow{{210, 297, 25, 165, 100, 25, 150, 10}, {}, typesetter, "ru"};
        REQUIRE(flow.add({.blocks = {Paragraph{text(words(count))}}}, {}));
        for (const auto& page : flow.take().pages)
            CHECK(std::get<TextItem>(page.items[0].what).count >= 2);
    }
}
