// What people read is in their language, and the rest stays what it was.
#include <catch2/catch.hpp>

#include "desk/language.h"
#include "server/api.h"

using namespace carillon;
using desk::in_language;
using desk::Language;

TEST_CASE("the language asked for most is taken", "[language]") {
    CHECK(desk::language_from("") == Language::english);
    CHECK(desk::language_from("ru") == Language::russian);
    CHECK(desk::language_from("ru-RU,ru;q=0.9,en-US;q=0.8") == Language::russian);
    CHECK(desk::language_from("en-GB,ru;q=0.5") == Language::english);
    CHECK(desk::language_from("de,ru;q=0.3,en;q=0.2") == Language::russian);
    CHECK(desk::language_from("ru;q=x, ,;;q=") == Language::russian);
    CHECK(desk::language_from("*") == Language::english);
    CHECK(desk::language_from("RU-ru") == Language::russian);
    CHECK(desk::language_from("rue,en;q=0.1") == Language::english);  // Rusyn
}

TEST_CASE("sentences keep their values in Russian", "[language]") {
    const auto said = [](std::string_view english) {
        return in_language(english, Language::russian);
    };
    CHECK(said("there is no campaign 'birthday'") == "кампании «birthday» нет");
    CHECK(said("campaign 'spring' is running; it cannot become approved") ==
          "кампания «spring» сейчас идёт; перевести её в состояние «согласована» нельзя");
    CHECK(said("must lie between 1 and 200, found 0") == "должно быть от 1 до 200, а здесь 0");
    CHECK(said("queued -> accepted: 250 2.0.0 Ok") ==
          "в очереди → принято провайдером: 250 2.0.0 Ok");
    CHECK(said("slot 2026-11-24, step 1, email: left out: there is no address for this channel") ==
          "день 2026-11-24, шаг 1, эл. почта: не пишем: нет адреса для этого канала");
    CHECK(
        said("7 of 200 messages tried cannot be made, for example that to C5: must not be empty") ==
        "из 200 проб не составить 7, например для клиента C5: не может быть пусто");
    CHECK(said("consent for marketing by email given (source import)") ==
          "согласие (реклама, эл. почта) дано (источник: import)");
    CHECK(said("the link 'http://localhost/a' leads to a machine that clients cannot reach") ==
          "ссылка «http://localhost/a» ведёт на машину, недоступную клиентам");
    CHECK(said("a client gets at most 3 in one week, then the rest waits") ==
          "клиент получает не больше 3 за неделю, остальное ждёт");
    CHECK(said("it will cost about 12.00 RUB, more than the plan's 10.00 RUB") ==
          "обойдётся примерно в 12,00\u00A0₽, больше плановых "
          "10,00\u00A0₽");
    CHECK(said("it will cost about 1234567.50 RUB") ==
          "обойдётся примерно в 1\u00A0234\u00A0567,50\u00A0₽");
    CHECK(said("it will cost about 550 RCP") == "обойдётся примерно в 550 RCP");
}

TEST_CASE("what nobody has translated stays as it is", "[language]") {
    for (const auto* sentence : {"", "an unknown sentence", "{}", "{~}", "x -> y", "'", ": ", "; "})
        CHECK(in_language(sentence, Language::russian) == sentence);
    CHECK(in_language("there is no campaign 'x'", Language::english) == "there is no campaign 'x'");
    // A value is no pattern: what a user wrote is neither looked up nor filled in.
    CHECK(in_language("there is no campaign '{2} {}'", Language::russian) ==
          "кампании «{2} {}» нет");
}

TEST_CASE("a long saying of a provider takes no time", "[language]") {
    std::string said;
    for (int i = 0; i < 200; ++i) said += i % 2 == 0 ? "a: " : "b; ";
    CHECK(in_language(said, Language::russian) == said);
}

TEST_CASE("only the members that are sentences are translated", "[language]") {
    auto json =
        base::Json::parse(R"({"text": "draft", "items": [{"in_words": "draft", "name": "draft"}]})")
            .value();
    desk::put_into_language(json, {"in_words"}, Language::russian);
    CHECK(json.dump() == R"({"text":"draft","items":[{"in_words":"черновик","name":"draft"}]})");
}

TEST_CASE("a problem has a Russian title and detail", "[language]") {
    const auto response =
        server::problem_of({{"campaign.unknown", "there is no campaign 'x'"}}, Language::russian);
    const auto json = base::Json::parse(response.body()).value();
    CHECK(*json.find("title")->text() == "Не найдено");
    CHECK(*json.find("detail")->text() == "кампании «x» нет");
    CHECK(*json.find("code")->text() == "campaign.unknown");
}
