// One-page letters on one core, each a PDF of its own, beside a yardstick of the same run: pango
// and cairo drawing the same text in the same fonts into PDFs, without addresses, hyphenation,
// symbols and checks. Options: --messages N. The last line is one JSON object.
#include <cairo-pdf.h>
#include <pango/pangocairo.h>
#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "channels/letter_layout.h"

using namespace carillon;
using namespace carillon::channels;

namespace {

const char* const paragraphs[] = {
    "Уважаемый клиент! Предлагаем воспользоваться индивидуальным предложением потребительского "
    "кредитования с фиксированной процентной ставкой. Рефинансирование задолженности "
    "осуществляется бесплатно при предъявлении удостоверяющих документов в ближайшем отделении.",
    "Неприкосновенность персональных данных гарантируется законодательством. Предложение действует "
    "до конца года и распространяется на всю сумму договора вместе с причисленными процентами.",
    "Чтобы принять предложение, откройте мобильное приложение или интернет-банк и подтвердите "
    "договор одноразовым паролем. Если Вам удобнее прийти лично, обратитесь в любое отделение с "
    "документом, удостоверяющим личность.",
    "Мы будем рады продолжить сотрудничество и благодарим Вас за то, что Вы с нами."};

struct Used {
    double seconds{};
    double cpu_seconds{};
};

double cpu_now() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

template <class Make>
Used measure(int count, Make make) {
    const auto cpu = cpu_now();
    const auto started = base::steady_now();
    for (int i = 0; i < count; ++i) make(i);
    const std::chrono::duration<double> took = base::steady_now() - started;
    return {took.count(), cpu_now() - cpu};
}

std::string client(int i) {
    return "Клиент № " + std::to_string(100'000 + i);
}

LetterParts letter(int i) {
    LetterParts parts{
        .key = "D26-" + std::to_string(100'000 + i),
        .language = "ru",
        .to = {.name = client(i),
               .lines = {"ул. Мира, д. " + std::to_string(i)},
               .city = "г. Тверь",
               .postcode = "170000",
               .country = "RU"},
        .response = {"https://r.bank.example/q/" + std::to_string(100'000 + i), "7KQ2-M9XD"}};
    parts.document.date = *base::parse_date("2026-11-21");
    parts.document.subject = "Индивидуальное предложение для Вас";
    for (const auto* text : paragraphs) parts.document.blocks.push_back(Paragraph{{Span{text}}});
    parts.document.closing = {"С уважением,", "", "И. П. Орлова", "Директор"};
    return parts;
}

// The yardstick's page: the same words in the same three faces.
class BarePage {
public:
    BarePage() : context_(pango_font_map_create_context(pango_cairo_font_map_get_default())) {
        pango_cairo_context_set_resolution(context_, 72);
    }
    ~BarePage() { g_object_unref(context_); }
    BarePage(const BarePage&) = delete;
    BarePage& operator=(const BarePage&) = delete;

    std::size_t make(int i) {
        std::size_t bytes = 0;
        const auto count = [](void* closure, const unsigned char*, unsigned int size) {
            *static_cast<std::size_t*>(closure) += size;
            return CAIRO_STATUS_SUCCESS;
        };
        auto* surface = cairo_pdf_surface_create_for_stream(count, &bytes, 595, 842);
        auto* cairo = cairo_create(surface);
        y_ = 40;
        show(cairo, "PT Sans Bold 17", "Банк");
        show(cairo, "PT Sans 8.5", "ул. Набережная, д. 12\n8 800 555-01-23\n21 ноября 2026 г.");
        show(cairo, "PT Sans 10.5", client(i) + "\nул. Мира, д. 1\nг. Тверь\n170000");
        show(cairo, "PT Sans Bold 11", "Индивидуальное предложение для Вас");
        for (const auto* text : paragraphs) show(cairo, "PT Serif 10.5", text);
        show(cairo, "PT Serif 10.5", "С уважением,\nИ. П. Орлова\nДиректор");
        show(cairo, "PT Sans 9", "Наведите камеру телефона на код или введите код ответа: 7KQ2");
        cairo_show_page(cairo);
        cairo_destroy(cairo);
        cairo_surface_finish(surface);
        cairo_surface_destroy(surface);
        return bytes;
    }

private:
    void show(cairo_t* cairo, const char* font, const std::string& text) {
        auto* layout = pango_layout_new(context_);
        auto* description = pango_font_description_from_string(font);
        pango_layout_set_font_description(layout, description);
        pango_font_description_free(description);
        pango_layout_set_width(layout, 468 * PANGO_SCALE);
        pango_layout_set_justify(layout, TRUE);
        pango_layout_set_text(layout, text.data(), static_cast<int>(text.size()));
        cairo_move_to(cairo, 70, y_);
        pango_cairo_show_layout(cairo, layout);
        int height = 0;
        pango_layout_get_size(layout, nullptr, &height);
        y_ += static_cast<double>(height) / PANGO_SCALE + 8;
        g_object_unref(layout);
    }

    PangoContext* context_;
    double y_{};
};

}  // namespace

int main(int argc, char** argv) {
    int count = 1000;
    for (int i = 1; i + 1 < argc; i += 2)
        if (std::strcmp(argv[i], "--messages") == 0) count = std::atoi(argv[i + 1]);
    LetterSettings settings;
    settings.window = *find_window("din-5008-b");
    settings.sender = {.name = "Банк",
                       .return_line = "Банк · ул. Набережная, 12 · Москва",
                       .contact = {"ул. Набережная, д. 12", "8 800 555-01-23"},
                       .legal_line = "АО «Банк»"};
    const auto composer = LetterComposer::create(settings);
    if (!composer) {
        std::fprintf(stderr, "%s\n", composer.error().text().c_str());
        return 1;
    }
    BarePage bare;
    std::size_t our_bytes = 0;
    std::size_t bare_bytes = 0;
    const auto ours = [&](int i) {
        const auto made = composer->compose(letter(i));
        if (!made || made->pages != 1) std::exit(1);
        our_bytes += made->pdf.size();
    };
    const auto theirs = [&](int i) { bare_bytes += bare.make(i); };
    // Fonts and words are met once by both; then both run in turns, so that a busy moment of the
    // machine meets both.
    measure(20, ours);
    measure(20, theirs);
    our_bytes = bare_bytes = 0;
    constexpr int turns = 10;
    Used our_time;
    Used bare_time;
    for (int turn = 0; turn < turns; ++turn) {
        const auto a = measure(count / turns, ours);
        const auto b = measure(count / turns, theirs);
        our_time = {our_time.seconds + a.seconds, our_time.cpu_seconds + a.cpu_seconds};
        bare_time = {bare_time.seconds + b.seconds, bare_time.cpu_seconds + b.cpu_seconds};
    }
    const int made = count / turns * turns;
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const double rate = made / our_time.seconds;
    const double yardstick = made / bare_time.seconds;
    std::printf("bytes a letter: %zu, bare: %zu\n", our_bytes / static_cast<std::size_t>(made),
                bare_bytes / static_cast<std::size_t>(made));
    std::printf(
        "{\"bench\": \"letters\", \"engine\": \"none\", \"messages\": %d, \"rate\": %.1f, "
        "\"yardstick_rate\": %.1f, \"ratio\": %.3f, \"cpu_us_per_message\": %.1f, "
        "\"peak_rss_mb\": %.1f}\n",
        made, rate, yardstick, rate / yardstick, our_time.cpu_seconds / made * 1e6,
        static_cast<double>(usage.ru_maxrss) / 1024);
}
