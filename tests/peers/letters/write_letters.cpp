// Writes the example letter in every window profile, for the checks of check_letters.py and for
// pictures, and the same document as a fax: write_letters BODY.txt SIGNATURE.png FOLDER
#include <cstdio>
#include <fstream>
#include <iterator>

#include "channels/fax_pages.h"
#include "channels/letter_layout.h"

using namespace carillon;
using namespace carillon::channels;

namespace {

std::string content_of(const char* path) {
    std::ifstream in{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
}

LetterSettings settings_for(const WindowProfile& window) {
    LetterSettings settings;
    settings.window = window;
    settings.sender = {.name = "БАНК «КАРИЛЬОН»",
                       .tagline = "Частным клиентам",
                       .return_line = "Банк «Карильон» · ул. Набережная, 12 · 101000 Москва",
                       .contact = {"ул. Набережная, д. 12", "101000, г. Москва", "8 800 555-01-23",
                                   "www.bank.example"},
                       .legal_line =
                           "АО «Банк Карильон», ОГРН 1027700000000, ИНН 7700000000. Генеральная "
                           "лицензия Банка России № 0000. БИК 044500000."};
    settings.style.accent = {0.10, 0.22, 0.42};
    return settings;
}

LetterParts parts_for(const PageDocument& document, const WindowProfile& window) {
    // A window of four lines has no room for the region, which the postcode implies.
    const bool small = window.address_lines_max < 5;
    return {.key = "D26-0042-000017",
            .language = "ru",
            .to = {.name = "Ким Анне Сергеевне",
                   .lines = {"ул. Большая Садовая, д. 10, кв. 50"},
                   .city = "г. Тверь",
                   .region = small ? "" : "Тверская обл.",
                   .postcode = "170000",
                   .country = "RU"},
            .document = document,
            .response = {"https://r.bank.example/q/7KQ2-M9XD-31", "7KQ2-M9XD"}};
}

bool write(const std::string& path, const std::string& bytes) {
    std::ofstream out{path, std::ios::binary};
    out << bytes;
    return out.good();
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 4) return 64;
    const base::Literal literal{content_of(argv[1]), {}};
    base::Pieces pieces;
    pieces.add(literal);
    auto blocks = parse_blocks(pieces);
    if (!blocks) {
        std::fprintf(stderr, "%s\n", blocks.error().text().c_str());
        return 1;
    }
    PageDocument document{.date = *base::parse_date("2026-11-21"),
                          .subject = "Продление вклада «Накопительный» № 42301.810.5.0000.0012345",
                          .blocks = std::move(*blocks),
                          .closing = {"С уважением,", content_of(argv[2]), "И. П. Орлова",
                                      "Директор по работе с частными клиентами"},
                          .enclosures = {"Условия вклада на 2 листах", "Бланк заявления"}};
    for (const auto& window : built_in_windows()) {
        const auto composer = LetterComposer::create(settings_for(window));
        const auto letter = composer ? composer->compose(parts_for(document, window))
                                     : base::Result<LetterPayload>{base::fail(composer.error())};
        if (!letter) {
            std::fprintf(stderr, "%s: %s\n", window.name.c_str(), letter.error().text().c_str());
            return 1;
        }
        const auto path = std::string{argv[3]} + "/" + window.name + ".pdf";
        if (!write(path, letter->pdf)) return 1;
        std::printf("%s\t%d\t%zu\n", window.name.c_str(), letter->pages, letter->pdf.size());
    }
    const auto faxes = FaxComposer::create({.sender_name = "Банк «Карильон»",
                                            .sender_number = "+7 495 555-01-23",
                                            .cover_page = true});
    const FaxParts parts{.language = "ru",
                         .recipient_name = "ООО «Ромашка», г-же Ким А. С.",
                         .number = "+7 4822 55-01-99",
                         .document = document};
    const auto fax =
        faxes ? faxes->compose(parts) : base::Result<FaxPayload>{base::fail(faxes.error())};
    if (!fax) {
        std::fprintf(stderr, "fax: %s\n", fax.error().text().c_str());
        return 1;
    }
    const std::string base_name = std::string{argv[3]} + "/fax";
    return write(base_name + ".pdf", fax->pdf) && write(base_name + ".tiff", fax->tiff) ? 0 : 1;
}
