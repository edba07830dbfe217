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
        "удалите меня из рассылки", "нет", "Хватит слать мне эти письма!",
        "Хочу отписаться от рассылки", "Уберите мой адрес из рассылки",
        "Исключите меня из рассылки", "Больше не надо присылать", "Отказываюсь от рассылки",
        "Не хочу получать вашу рекламу", "Здравствуйте, Анна! Отпишите меня, пожалуйста.",
        "Отпишите меня\n\nИван Петров", "«СТОП»", "\u200bСТОП\u200b", "\u00a0СТОП\u00a0",
        "🛑 СТОП 🛑", "CTOП", "otpishite menya", "I would like to unsubscribe, thank you.",
        "I don\u2019t want to receive these emails",
        "Please remove my email address from your mailing list.", "STOP OFFERS", "STOP 4412",
        "Bitte streichen Sie mich aus dem Verteiler", "Ich möchte keine E-Mails mehr erhalten.",
        "Bitte melden Sie mich vom Newsletter ab.", "Désabonnez-moi", "Merci de me désinscrire.",
        "Por favor, darme de baja", "No quiero recibir más correos",
        "Per favore cancellatemi dalla lista", "Cancelar inscrição",
        "Proszę o wypisanie z newslettera", "Відпишіть мене від розсилки", "ТОҚТАТУ",
        "Abonelikten çık", "Stop met mailen", "Odhlásit", "退订", "Bitte abmelden",
        "Bitte keine Werbung mehr", "Arrêt svp");
    INFO(text);
    CHECK(kind_of_answer(text) == AnswerKind::stop);
}

TEST_CASE("what is no order is a reply for a person", "[responses]") {
    const auto* text = GENERATE(
        "", " ", "please stop by at noon", "stop sending me these every day", "остановка",
        "stopwatch", "не стоп", "Stop my card", "stop payment", "СТОП карта", "Хватит денег?",
        "Стоп-лист по карте?", "Отмена заявки на вклад", "Удалите мой счёт",
        "Нет, спасибо, вклад не нужен", "Do not stop", "I do not have your address",
        "I don't get your emails", "Why don't you send me emails", "Как отписаться?",
        "Remove my card from the account", "Отписал жене", "Спасибо, стоп машина!",
        "Cancel my card", "Отмена операции", "end of the month", "Please, don't unsubscribe me",
        "Do not remove me", "Не отписывайте меня", "thank you", "Please send me all offers",
        "no more money", "I want to stop my loan", "\xff\xfe", "нестоп");
    INFO(text);
    CHECK(kind_of_answer(text) == AnswerKind::reply);
}

TEST_CASE("START takes a stop back", "[responses]") {
    CHECK(kind_of_answer("Start") == AnswerKind::start);
    CHECK(kind_of_answer("старт!") == AnswerKind::start);
    CHECK(kind_of_answer("Подписаться") == AnswerKind::start);
    CHECK(kind_of_answer("start the engine of my car") == AnswerKind::reply);
    CHECK(kind_of_answer("Подписка на акции") == AnswerKind::reply);
}
