#include "channels/mime.h"

#include <catch2/catch.hpp>
#include <random>

#include "base/text.h"
#include "channels/header_field.h"
#include "channels/quoted_printable.h"
#include "channels/smtp_commands.h"

using namespace carillon;
using namespace carillon::channels;

namespace {

const EmailComposer composer{{.message_id_domain = "mail.bank.test"}};

struct Sample {
    base::Literal greeting{"Здравствуйте, ", quoted_printable_literal("Здравствуйте, ")};
    base::Literal rest{"!\nYour card is ready.\n",
                       quoted_printable_literal("!\nYour card is ready.\n")};
    base::Pieces text;
    base::Pieces html;
    EmailParts parts;

    Sample() {
        for (auto* pieces : {&text, &html}) {
            pieces->add(greeting);
            pieces->add_value("Анна");
            pieces->add(rest);
        }
        parts.key = "m-77";
        parts.envelope_from = "bounces+x@bank.test";
        parts.from = {"Bank", "news@bank.test"};
        parts.to = {"Анна Ким", "anna@client.test"};
        parts.subject = "Your card";
        parts.text = &text;
        parts.html = &html;
        parts.date = base::from_millis(1'795'285'287'000);
    }
};

std::string bytes_of(const EmailParts& parts) {
    auto payload = composer.compose(parts);
    if (!payload) FAIL(payload.error().text());
    return payload->bytes;
}

std::string head_of(const std::string& bytes) {
    return bytes.substr(0, bytes.find("\r\n\r\n") + 2);
}

// The value of a header field, unfolded; "" when there is none.
std::string field_of(const std::string& bytes, const std::string& name) {
    const auto head = "\r\n" + head_of(bytes);
    auto at = head.find("\r\n" + name + ": ");
    if (at == std::string::npos) return {};
    at += name.size() + 4;
    std::string value;
    for (auto i = at; i < head.size(); ++i) {
        if (head.compare(i, 2, "\r\n") == 0) {
            if (head[i + 2] != ' ' && head[i + 2] != '\t') break;
            ++i;
            continue;
        }
        value += head[i];
    }
    return value;
}

int base64_digit(char c) {
    return static_cast<int>(
        std::string_view{"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"}.find(
            c));
}

std::string decode_word(std::string_view word) {
    const bool base64 = word.substr(8, 1) == "B";
    const auto text = word.substr(10, word.size() - 12);
    std::string out;
    unsigned bits = 0;
    int held = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (base64) {
            if (text[i] == '=') break;
            bits = bits << 6 | static_cast<unsigned>(base64_digit(text[i]));
            held += 6;
            if (held < 8) continue;
            held -= 8;
            out += static_cast<char>(bits >> held & 255);
        } else if (text[i] == '=') {
            out += static_cast<char>(std::stoi(std::string{text.substr(i + 1, 2)}, nullptr, 16));
            i += 2;
        } else {
            out += text[i] == '_' ? ' ' : text[i];
        }
    }
    return out;
}

// RFC 2047: white space between two encoded-words is not part of the text. Every word must be whole
// UTF-8.
std::string decode_header(std::string_view value) {
    std::string out;
    while (!value.empty()) {
        const auto start = value.find("=?UTF-8?");
        if (start == std::string_view::npos) return out += value;
        out += value.substr(0, start);
        const auto end = value.find("?=", start + 10) + 2;
        const auto word = value.substr(start, end - start);
        CHECK(word.size() <= 75);
        const auto decoded = decode_word(word);
        CHECK(base::is_valid_utf8(decoded));
        out += decoded;
        value.remove_prefix(end);
        if (value.starts_with(" =?UTF-8?")) value.remove_prefix(1);
    }
    return out;
}

void check_wire_form(const std::string& bytes) {
    const auto inspected = inspect_body(bytes);
    REQUIRE(inspected);
    CHECK(inspected->ends_with_crlf);
    const auto head = head_of(bytes);
    for (const auto line : base::split(head, '\n')) CHECK(line.size() <= 78);
}

}  // namespace

TEST_CASE("the same parts make the same bytes", "[channels][mime]") {
    const Sample a;
    const Sample b;
    CHECK(bytes_of(a.parts) == bytes_of(b.parts));
}

TEST_CASE("a message carries the headers a mail program expects", "[channels][mime]") {
    Sample sample;
    sample.parts.reply_to = Mailbox{"", "help@bank.test"};
    sample.parts.unsubscribe = {"https://bank.test/u/1", "unsub@bank.test", true};
    sample.parts.extra_headers = {{"Feedback-ID", "birthday:bank"}};
    const auto bytes = bytes_of(sample.parts);
    check_wire_form(bytes);
    CHECK(field_of(bytes, "Date") == "Sat, 21 Nov 2026 18:21:27 +0000");
    CHECK(field_of(bytes, "From") == "Bank <news@bank.test>");
    CHECK(decode_header(field_of(bytes, "To")) == "Анна Ким <anna@client.test>");
    CHECK(field_of(bytes, "Reply-To") == "help@bank.test");
    CHECK(field_of(bytes, "Subject") == "Your card");
    CHECK(field_of(bytes, "Message-ID") == "<m-77@mail.bank.test>");
    CHECK(field_of(bytes, "List-Unsubscribe") ==
          "<https://bank.test/u/1>, <mailto:unsub@bank.test>");
    CHECK(field_of(bytes, "List-Unsubscribe-Post") == "List-Unsubscribe=One-Click");
    CHECK(field_of(bytes, "Auto-Submitted") == "auto-generated");
    CHECK(field_of(bytes, "Feedback-ID") == "birthday:bank");
    CHECK(field_of(bytes, "MIME-Version") == "1.0");
    CHECK_THAT(field_of(bytes, "Content-Type"), Catch::StartsWith("multipart/alternative;"));
}

TEST_CASE("the nesting follows what the message holds", "[channels][mime]") {
    Sample sample;
    const auto type = [&] { return field_of(bytes_of(sample.parts), "Content-Type"); };
    const Attachment pdf{"Договор № 5.pdf", "application/pdf", std::string(200, '\xFF'), {}};
    sample.parts.html = nullptr;
    CHECK_THAT(type(), Catch::StartsWith("text/plain"));
    sample.parts.html = &sample.html;
    sample.parts.text = nullptr;
    CHECK_THAT(type(), Catch::StartsWith("text/html"));
    sample.parts.inline_images = {{"logo.png", "image/png", "png bytes", "logo"}};
    CHECK_THAT(type(), Catch::StartsWith("multipart/related"));
    sample.parts.text = &sample.text;
    CHECK_THAT(type(), Catch::StartsWith("multipart/alternative"));
    sample.parts.attachments = {pdf};
    CHECK_THAT(type(), Catch::StartsWith("multipart/mixed"));
    const auto bytes = bytes_of(sample.parts);
    check_wire_form(bytes);
    CHECK_THAT(bytes, Catch::Contains("Content-ID: <logo>"));
    CHECK_THAT(bytes, Catch::Contains("filename*0*=UTF-8''%D0%94%D0%BE"));
    CHECK_THAT(bytes, Catch::Contains("--=_mixed_carillon--\r\n"));
    CHECK_THAT(bytes, Catch::Contains("--=_alternative_carillon--\r\n"));
    CHECK_THAT(bytes, Catch::Contains("--=_related_carillon--\r\n"));
}

TEST_CASE("no control character gets into any header", "[channels][mime]") {
    const auto poison =
        GENERATE(as<std::string>{}, "a\r\nBcc: b@evil.test", "a\nb", "a\rb", "a\x01 b", "tab\there",
                 "line\xE2\x80\xA8separator", "next\xC2\x85line", "broken \xFF utf-8", "cut \xD0");
    const auto refused = [](const auto& change) {
        Sample sample;
        change(sample.parts);
        const auto payload = composer.compose(sample.parts);
        return !payload && payload.error().code == "email.header_unsafe" &&
               !payload.error().place.empty();
    };
    CHECK(refused([&](EmailParts& parts) { parts.subject = poison; }));
    CHECK(refused([&](EmailParts& parts) { parts.from.name = poison; }));
    CHECK(refused([&](EmailParts& parts) { parts.to.name = poison; }));
    CHECK(refused([&](EmailParts& parts) { parts.reply_to = Mailbox{poison, "a@bank.test"}; }));
    CHECK(refused([&](EmailParts& parts) { parts.extra_headers = {{"X-Note", poison}}; }));
    CHECK(refused([&](EmailParts& parts) {
        parts.attachments = {{poison, "text/plain", "", ""}};
    }));
}

TEST_CASE("a NUL in a header is refused", "[channels][mime]") {
    Sample sample;
    sample.parts.subject = std::string{"a\0b", 3};
    CHECK_FALSE(composer.compose(sample.parts));
}

TEST_CASE("addresses that could escape their brackets are refused", "[channels][mime]") {
    const auto address =
        GENERATE(as<std::string>{}, "", "a", "@b", "a@", "a@b@c", "a b@c.d", "a>@b.c",
                 "a@b.c>\r\nRCPT TO:<d@e.f", "<a@b.c>", "\"a\"@b.c", "a@b.c,d@e.f", "a(x)@b.c");
    for (const auto member : {&EmailParts::from, &EmailParts::to}) {
        Sample sample;
        (sample.parts.*member).address = address;
        const auto payload = composer.compose(sample.parts);
        REQUIRE_FALSE(payload);
        CHECK(payload.error().code == "email.address_unsafe");
    }
    Sample sample;
    sample.parts.envelope_from = address;
    CHECK_FALSE(composer.compose(sample.parts));
}

TEST_CASE("headers of the composer cannot be given twice", "[channels][mime]") {
    const auto name =
        GENERATE(as<std::string>{}, "Bcc", "from", "SUBJECT", "Content-Type", "Dkim-Signature");
    Sample sample;
    sample.parts.extra_headers = {{name, "x"}};
    const auto payload = composer.compose(sample.parts);
    REQUIRE_FALSE(payload);
    CHECK(payload.error().code == "email.header_reserved");
}

TEST_CASE("header names and types are checked", "[channels][mime]") {
    Sample sample;
    for (const std::string name : {"", "X Note", "X:Note", "X\r\n", "X-Имя"}) {
        sample.parts.extra_headers = {{name, "x"}};
        CHECK(composer.compose(sample.parts).error().code == "email.header_invalid");
    }
    sample.parts.extra_headers.clear();
    for (const std::string type : {"", "pdf", "a/b; c", "a/b\r\nX: y", "/"}) {
        sample.parts.attachments = {{"f", type, "", ""}};
        CHECK(composer.compose(sample.parts).error().code == "email.content_type_invalid");
    }
    sample.parts.attachments.clear();
    for (const std::string id : {"", "a b", "a>", "a@b@c", ".a"}) {
        sample.parts.inline_images = {{"f", "image/png", "", id}};
        CHECK(composer.compose(sample.parts).error().code == "email.content_id_invalid");
    }
}

TEST_CASE("one-click unsubscribing needs an https address", "[channels][mime]") {
    Sample sample;
    for (const std::string url :
         {"", "http://bank.test/u", "javascript:x", "https://b.test/a b", "https://b.test/>"}) {
        sample.parts.unsubscribe = {url, "", true};
        CHECK(composer.compose(sample.parts).error().code == "email.unsubscribe_invalid");
    }
}

TEST_CASE("a message needs a body", "[channels][mime]") {
    Sample sample;
    sample.parts.text = sample.parts.html = nullptr;
    CHECK(composer.compose(sample.parts).error().code == "email.no_body");
}

TEST_CASE("any subject comes back as it was, in short lines", "[channels][mime]") {
    std::mt19937 random{3};
    static const std::string words[] = {
        "a",    "Баланс",
        " ",    "\xF0\x9F\x8E\x82",
        "?=",   "=?UTF-8?Q?x?=",
        "_",    "ß",
        "...",  "a-word-that-is-as-long-as-a-line-and-still-a-little-longer-than-that-so-there",
        "100%", "\"quoted\"",
        "€"};
    for (int round = 0; round < 500; ++round) {
        Sample sample;
        sample.parts.subject.clear();
        const auto count = random() % 12;
        for (std::size_t i = 0; i < count; ++i)
            sample.parts.subject += words[random() % std::size(words)];
        INFO(sample.parts.subject);
        const auto bytes = bytes_of(sample.parts);
        CHECK(decode_header(field_of(bytes, "Subject")) == sample.parts.subject);
        check_wire_form(bytes);
        const auto head = head_of(bytes);
        for (const auto line : base::split(head, '\n'))
            CHECK(base::trim(line).empty() == line.empty());
        sample.parts.from.name = sample.parts.subject;
        check_wire_form(bytes_of(sample.parts));
    }
}

TEST_CASE("a display name with specials is quoted", "[channels][mime]") {
    Sample sample;
    sample.parts.from.name = "Bank, \"the\" <best>";
    CHECK(field_of(bytes_of(sample.parts), "From") == R"("Bank, \"the\" <best>" <news@bank.test>)");
}

TEST_CASE("a Message-ID is stable and always well-formed", "[channels][mime]") {
    CHECK(composer.message_id("m-77") == "<m-77@mail.bank.test>");
    CHECK(composer.message_id("a b>") == composer.message_id("a b>"));
    CHECK(composer.message_id("a b>") != composer.message_id("a b"));
    CHECK(composer.message_id("a b>").find(' ') == std::string::npos);
    CHECK(composer.message_id(std::string(500, 'k')).size() < 80);
}

TEST_CASE("addresses beyond ASCII ask for SMTPUTF8", "[channels][mime]") {
    Sample sample;
    CHECK_FALSE(composer.compose(sample.parts)->smtputf8);
    sample.parts.to.address = "анна@client.test";
    CHECK(composer.compose(sample.parts)->smtputf8);
}

TEST_CASE("nothing in a body ends the message early", "[channels][mime]") {
    const auto poison =
        GENERATE(as<std::string>{}, "\n.\r\n", "\r.\r\n", "\n.\n", "\r\n.\r\n", ".", "\r", "\n.",
                 "\0x", "\r\n--=_alternative_carillon--\r\n", "a\n.\nQUIT\n");
    Sample sample;
    sample.text.add_value(poison);
    const base::Literal literal{poison, quoted_printable_literal(poison)};
    sample.html.add(literal);
    const auto bytes = bytes_of(sample.parts);
    check_wire_form(bytes);
    CHECK(bytes.find("\r\n.") == std::string::npos);
    const std::string close = "\r\n--=_alternative_carillon--\r\n";
    CHECK(bytes.find(close) == bytes.size() - close.size());
}
