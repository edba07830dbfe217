// Microseconds to compose one personal message of about 5.5 KB, with and without pre-encoded
// literals.
#include <cstdio>
#include <deque>

#include "channels/mime.h"
#include "channels/quoted_printable.h"

using namespace carillon;

namespace {

struct Letter {
    std::deque<base::Literal> literals;
    base::Pieces html;
    base::Pieces text;
};

void fill(Letter& letter, base::Pieces& pieces, std::size_t size, bool encoded) {
    const std::string paragraph =
        "<p style=\"margin:0\">Your personal offer is ready. Баланс вашей карты пополнен, "
        "спасибо!</p>\n";
    for (int value = 0; value < 6; ++value) {
        std::string text;
        while (text.size() < size / 6) text += paragraph;
        base::Literal literal{text,
                              encoded ? channels::quoted_printable_literal(text) : std::string{}};
        pieces.add(letter.literals.emplace_back(std::move(literal)));
        pieces.add_value("Анна Ким");
    }
}

double microseconds_each(bool encoded, std::size_t& bytes) {
    Letter letter;
    fill(letter, letter.html, 2400, encoded);
    fill(letter, letter.text, 800, encoded);
    const channels::EmailComposer composer{{.message_id_domain = "mail.bank.test"}};
    channels::EmailParts parts;
    parts.key = "m-123456789";
    parts.envelope_from = "bounces+abcdefghijklmnopqrstuvwxyz234567@bank.test";
    parts.from = {"Bank", "news@bank.test"};
    parts.to = {"Анна Ким", "anna@client.test"};
    parts.subject = "Анна, ваша карта готова";
    parts.html = &letter.html;
    parts.text = &letter.text;
    parts.unsubscribe = {"https://bank.test/u/abcdefgh", "unsubscribe@bank.test", true};
    constexpr int rounds = 200'000;
    const auto started = base::steady_now();
    std::size_t total = 0;
    for (int i = 0; i < rounds; ++i) total += composer.compose(parts)->bytes.size();
    const std::chrono::duration<double, std::micro> took = base::steady_now() - started;
    bytes = total / rounds;
    return took.count() / rounds;
}

}  // namespace

int main() {
    std::size_t bytes = 0;
    const auto encoded = microseconds_each(true, bytes);
    const auto plain = microseconds_each(false, bytes);
    std::printf("{\"bytes\": %zu, \"us_pre_encoded\": %.2f, \"us_plain\": %.2f}\n", bytes, encoded,
                plain);
}
