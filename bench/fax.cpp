// One-page faxes on one core, PDF and TIFF, beside a yardstick of the same run: the PDF of the same
// document as a letter, which needs no raster. Options: --messages N. The last line is one JSON
// object; `rate` is pages a second.
#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "channels/fax_pages.h"
#include "channels/letter_layout.h"

using namespace carillon;
using namespace carillon::channels;

namespace {

PageDocument document() {
    PageDocument made{.date = *base::parse_date("2026-11-21"), .subject = "Выписка по счёту"};
    for (int i = 0; i < 8; ++i)
        made.blocks.push_back(
            Paragraph{{Span{"Предложение действует до конца года и распространяется на всю сумму "
                            "договора вместе с причисленными процентами, в любом отделении."}}});
    return made;
}

double cpu_now() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

}  // namespace

int main(int argc, char** argv) {
    int count = 300;
    for (int i = 1; i + 1 < argc; i += 2)
        if (std::strcmp(argv[i], "--messages") == 0) count = std::atoi(argv[i + 1]);
    const auto faxes = FaxComposer::create({.sender_name = "Банк", .sender_number = "+7 495 0"});
    LetterSettings settings;
    settings.window = *find_window("din-5008-b");
    settings.sender.name = "Банк";
    const auto letters = LetterComposer::create(settings);
    if (!faxes || !letters) return 1;
    const FaxParts fax{.language = "ru",
                       .recipient_name = "ООО «Ромашка»",
                       .number = "+7 495 1",
                       .document = document()};
    const LetterParts letter{.key = "L-1",
                             .language = "ru",
                             .to = {.name = "Ким",
                                    .lines = {"ул. Мира"},
                                    .city = "г. Тверь",
                                    .postcode = "170000",
                                    .country = "RU"},
                             .document = document()};
    faxes->compose(fax).value();
    letters->compose(letter).value();
    int pages = 0;
    std::size_t bytes = 0;
    const auto cpu = cpu_now();
    auto started = base::steady_now();
    for (int i = 0; i < count; ++i) {
        const auto made = faxes->compose(fax);
        pages += made->pages;
        bytes += made->tiff.size();
    }
    const std::chrono::duration<double> took = base::steady_now() - started;
    const auto used = cpu_now() - cpu;
    started = base::steady_now();
    for (int i = 0; i < count; ++i) letters->compose(letter).value();
    const std::chrono::duration<double> bare = base::steady_now() - started;
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const double rate = pages / took.count();
    const double yardstick = count / bare.count();
    std::printf("bytes a page of TIFF: %zu\n", bytes / static_cast<std::size_t>(pages));
    std::printf(
        "{\"bench\": \"fax\", \"engine\": \"none\", \"messages\": %d, \"rate\": %.1f, "
        "\"yardstick_rate\": %.1f, \"ratio\": %.3f, \"cpu_us_per_message\": %.1f, "
        "\"peak_rss_mb\": %.1f}\n",
        count, rate, yardstick, rate / yardstick, used / count * 1e6,
        static_cast<double>(usage.ru_maxrss) / 1024);
}
