// What short answers of clients mean.
#include <catch2/catch.hpp>

#include "responses/stop_words.h"

using namespace carillon::responses;

TEST_CASE("orders to stop are understood in several languages, whatever their form",
          "[responses]") {
    const auto* text = GENERATE(
        "STOP", "stop", " Stop! ", "СТОП", "стоп.", "Отписка", "ОТПИСАТЬСЯ", "отпишите меня",
        "unsubscribe", "opt-out", "Stopp", "Arret", "\"STOP\"", "стоп спам", "хватит", "cancel",
        "Отмена", "Please unsubscribe me from this list. Thank you!",
        "Remove me from your mailing list", "Please stop sending me emails",
        "I want no more of these messages", "Don't send me any more spam",
        "Пожалуйста, отпишите меня от вашей рассылки. Спасибо", "Больше не присылайте мне письма!",
        "удалите меня из рассылки", "Bitte abmelden", "Bitte keine Werbung mehr", "Arrêt svp");
    INFO(text);
    CHECK(kind_of_answer(text) == AnswerKind::stop);
}

TEST_CASE("what is no order is a reply for a person", "[responses]") {
    const auto* text = GENERATE(
        "", " ", "please stop by at noon", "stop sending me these every day", "нет", "остановка",
        "stopwatch", "не стоп", "Спасибо, стоп машина!", "Cancel my card", "Отмена операции",
        "end of the month", "Please, don't unsubscribe me", "Do not remove me",
        "Не отписывайте меня", "thank you", "Please send me all offers", "no more money",
        "I want to stop my loan", "\xff\xfe", "нестоп");
    INFO(text);
    CHECK(kind_of_answer(text) == AnswerKind::reply);
}

TEST_CASE("START takes a stop back", "[responses]") {
    CHECK(kind_of_answer("Start") == AnswerKind::start);
    CHECK(kind_of_answer("старт!") == AnswerKind::start);
    CHECK(kind_of_answer("start the engine of my car") == AnswerKind::reply);
}
