#include "responses/reply_text.h"

#include <algorithm>
#include <array>
#include <vector>

#include "base/text.h"

namespace carillon::responses {

namespace {

// "On ... wrote:", as a line begins and ends; case-folded. Between them stand a date and a name.
struct Introduction {
    std::string_view begin{};
    std::string_view end{};
};
constexpr std::array introductions{
    Introduction{"on ", "wrote:"},       Introduction{"am ", "schrieb:"},
    Introduction{"am ", "geschrieben:"}, Introduction{"dne ", "napsal(a):"},
    Introduction{"dne ", "napsal:"},     Introduction{"dne ", "napsala:"},
    Introduction{"le ", "écrit :"},      Introduction{"le ", "écrit:"},
    Introduction{"el ", "escribió:"},    Introduction{"вы писали", ":"},
    Introduction{"ви писали", ":"}};
// These end in words that nothing else ends in, whatever they begin with (dates, names).
constexpr std::array<std::string_view, 27> introduction_ends{
    "пишет:",      "писал:",   "писала:",     "писал(а):",   "пишете:",   "написал:", "написала:",
    "написал(а):", "wrote:",   "schrieb:",    "napsal(a):",  "napsal/a:", "napsal:",  "napsala:",
    "пише:",       "написав:", "ha scritto:", "escreveu:",   "pisze:",    "napisał:", "napisała:",
    "napisał(a):", "skrev:",   "kirjoitti:",  "şunu yazdı:", "жазды:",    "a scris:"};
constexpr std::size_t introduction_lines_max = 4;

constexpr std::array<std::string_view, 12> separators{
    "original message",      "исходное сообщение",      "пересылаемое сообщение",
    "пересланное сообщение", "ursprüngliche nachricht", "ursprungliche nachricht",
    "původní zpráva",        "message d'origine",       "mensaje original",
    "forwarded message",     "original appointment",    "исходное письмо"};

// Header lines of a quoted mail as Outlook writes them.
constexpr std::array<std::string_view, 15> from_names{
    "from:", "от:",       "von:",  "od:",  "de:",     "от кого:", "da:", "van:",
    "від:",  "от кого :", "från:", "fra:", "kimden:", "кімнен:",  "de :"};
constexpr std::array<std::string_view, 43> other_names{
    "sent:",    "date:",      "to:",        "subject:", "отправлено:", "дата:",       "кому:",
    "тема:",    "gesendet:",  "datum:",     "an:",      "betreff:",    "odesláno:",   "komu:",
    "předmět:", "envoyé :",   "à :",        "objet :",  "enviado:",    "para:",       "inviato:",
    "data:",    "a:",         "oggetto:",   "wysłano:", "do:",         "temat:",      "verzonden:",
    "aan:",     "onderwerp:", "надіслано:", "кому :",   "assunto:",    "asunto:",     "skickat:",
    "till:",    "ämne:",      "sendt:",     "til:",     "emne:",       "gönderildi:", "kime:",
    "konu:"};

// What telephones put below a mail: the beginning, and how many words may follow.
struct Footer {
    std::string_view begin{};
    std::size_t words_max{};
};
constexpr std::array footers{Footer{"sent with ", 4},
                             Footer{"sent from my ", 3},
                             Footer{"sent from mail for ", 3},
                             Footer{"sent from yahoo mail", 4},
                             Footer{"sent from outlook", 4},
                             Footer{"sent via ", 3},
                             Footer{"get outlook for ", 2},
                             Footer{"отправлено с ", 5},
                             Footer{"отправлено из ", 6},
                             Footer{"отправлено через ", 4},
                             Footer{"von meinem ", 4},
                             Footer{"gesendet von ", 5},
                             Footer{"gesendet mit ", 5},
                             Footer{"diese nachricht wurde von meinem ", 6},
                             Footer{"odesláno z ", 5},
                             Footer{"odesláno ze ", 5},
                             Footer{"envoyé de ", 5},
                             Footer{"envoyé depuis ", 5},
                             Footer{"enviado desde ", 5},
                             Footer{"enviado do ", 4},
                             Footer{"inviato da ", 4},
                             Footer{"wysłane z ", 4},
                             Footer{"wysłano z ", 4},
                             Footer{"надіслано з ", 4},
                             Footer{"verzonden vanaf ", 4},
                             Footer{"verstuurd vanaf ", 4},
                             Footer{"skickat från ", 4},
                             Footer{"sendt fra ", 4},
                             Footer{"iphone'umdan gönderildi", 0}};

struct Line {
    std::string_view text{};  // as written, without the line's end
    std::string folded{};     // trimmed, case-folded, at most 300 bytes
    bool quoted{false};
    bool dropped{false};
};

std::vector<Line> lines_of(std::string_view text) {
    constexpr std::size_t compared_max = 300;
    std::vector<Line> lines;
    for (auto part : base::split(text, '\n')) {
        if (part.ends_with('\r')) part.remove_suffix(1);
        const auto trimmed = base::trim(part);
        Line line{part, base::fold_case(base::cut_utf8(trimmed, compared_max)), false, false};
        // Programs that mark bold text do so in headers too: "*From:* ...".
        std::erase(line.folded, '*');
        line.quoted = trimmed.starts_with('>') || trimmed.starts_with("&gt;");
        lines.push_back(std::move(line));
    }
    return lines;
}

std::size_t words_in(std::string_view text) {
    std::size_t words = 0;
    for (const auto word : base::split(text, ' ')) words += base::trim(word).empty() ? 0U : 1U;
    return words;
}

bool is_rule(std::string_view line, char letter, std::size_t least) {
    return line.size() >= least && std::ranges::all_of(line, [&](char c) { return c == letter; });
}

bool is_footer(const Line& line) {
    // A sentence goes on after a comma or ends in a full stop.
    if (line.folded.find(", ") != std::string::npos) return false;
    return std::ranges::any_of(footers, [&](const Footer& footer) {
        return line.folded.starts_with(footer.begin) &&
               words_in(std::string_view{line.folded}.substr(footer.begin.size())) <=
                   footer.words_max;
    });
}

class Reader {
public:
    explicit Reader(std::string_view text) : lines_(lines_of(text)) {}

    std::string read() {
        cut_at_separators();
        drop_introductions();
        std::vector<std::string> kept;
        std::size_t begin = 0;
        while (begin < lines_.size()) {
            auto end = begin;
            while (end < lines_.size() && !is_foreign(lines_[end])) ++end;
            if (auto own = own_words(begin, end); !own.empty()) kept.push_back(std::move(own));
            begin = std::max(end, begin + 1);
        }
        return base::join(kept, "\n\n");
    }

private:
    static bool is_foreign(const Line& line) { return line.quoted || line.dropped; }

    void drop_from(std::size_t index) {
        for (auto i = index; i < lines_.size(); ++i) lines_[i].dropped = true;
        // The rule above it belongs to it.
        while (index > 0) {
            const auto& above = lines_[--index].folded;
            const bool is_border = above.empty() || is_rule(above, '-', 3) ||
                                   is_rule(above, '_', 3) || is_label(above);
            if (!is_border) return;
            lines_[index].dropped = true;
        }
    }

    // "Кому: client@example.net;", which Yandex writes above the introduction.
    static bool is_label(std::string_view line) {
        return line.ends_with(';') && std::ranges::any_of(other_names, [&](std::string_view name) {
                   return line.starts_with(name);
               });
    }

    // "-----Original Message-----" or a block of From, Sent, To: all below it is the other mail.
    void cut_at_separators() {
        for (std::size_t i = 0; i < lines_.size(); ++i)
            if (!lines_[i].quoted && (is_separator(lines_[i]) || begins_headers(i)))
                return drop_from(i);
    }

    static bool is_separator(const Line& line) {
        if (!line.folded.starts_with("--") || !line.folded.ends_with("--")) return false;
        const std::string_view middle{line.folded};
        return std::ranges::any_of(separators, [&](std::string_view words) {
            return middle.find(words) != std::string_view::npos;
        });
    }

    bool begins_headers(std::size_t index) const {
        const auto starts = [](const Line& line, const auto& names) {
            return std::ranges::any_of(
                names, [&](std::string_view name) { return line.folded.starts_with(name); });
        };
        if (!starts(lines_[index], from_names)) return false;
        int others = 0;
        constexpr std::size_t looked_at_max = 6;
        for (auto i = index + 1; i < lines_.size() && i <= index + looked_at_max; ++i)
            others += starts(lines_[i], other_names) ? 1 : 0;
        return others >= 2;
    }

    // "On ... wrote:" over one to four lines. What follows without '>' is a quote too.
    void drop_introductions() {
        for (std::size_t i = 0; i < lines_.size(); ++i) {
            const auto length = is_foreign(lines_[i]) ? 0 : introduction_at(i);
            if (length == 0) continue;
            if (!quote_follows(i + length) && has_text_from(i + length)) return drop_from(i);
            for (auto j = i; j < i + length; ++j) lines_[j].dropped = true;
            i += length - 1;
        }
    }

    // How many lines it takes; 0: none begins here.
    std::size_t introduction_at(std::size_t index) const {
        if (lines_[index].folded.empty()) return 0;
        std::string joined;
        for (std::size_t length = 1; length <= introduction_lines_max; ++length) {
            const auto at = index + length - 1;
            if (at >= lines_.size() || lines_[at].folded.empty() || is_foreign(lines_[at]))
                return 0;
            // What the client wrote right above it is no part of an introduction.
            if (length > 1 && tells_when_and_who(lines_[at].folded)) return 0;
            joined += (joined.empty() ? "" : " ") + lines_[at].folded;
            if (is_introduction(joined, length == 1)) return length;
            if ((length == 1 || starts_with_date(joined)) && names_author(joined) &&
                quote_follows(at + 1))
                return length;
        }
        return 0;
    }

    static bool is_introduction(std::string_view joined, bool is_one_line) {
        constexpr std::size_t size_max = 400;
        if (joined.size() > size_max) return false;
        const bool has_digit = joined.find_first_of("0123456789@<") != std::string_view::npos;
        if (!has_digit) return false;
        bool known = std::ranges::any_of(introductions, [&](const Introduction& one) {
            return joined.starts_with(one.begin) && joined.ends_with(one.end);
        });
        // The author stands behind the verb: "Am ... schrieb Bank:".
        known = known || (joined.starts_with("am ") && joined.ends_with(':') &&
                          joined.find(" schrieb ") != std::string_view::npos);
        known = known || (joined.starts_with("op ") && joined.ends_with(':') &&
                          joined.find(" schreef ") != std::string_view::npos);
        known = known || tells_when_and_who(joined);
        return known || std::ranges::any_of(introduction_ends, [&](std::string_view end) {
                   return joined.ends_with(end) && (is_one_line || starts_with_date(joined));
               });
    }

    // "Понедельник, 2 марта 2026, 9:00 +03:00 от Bank <news@bank.example>:", or "02.03.2026, 09:00,
    // "Bank" <news@bank.example>:", without a verb and without marks before the lines that follow
    // (Mail.ru, Yandex): a year, a time and an address.
    static bool tells_when_and_who(std::string_view joined) {
        const bool ends_well = joined.ends_with(">:") || joined.ends_with("):");
        if (!ends_well || joined.find('@') == std::string_view::npos) return false;
        auto year = joined.find(" 20");
        if (year == std::string_view::npos) year = joined.find(".20");
        const auto colon = joined.find(':');
        const auto is_digit = [&](std::size_t at) {
            return at < joined.size() && joined[at] >= '0' && joined[at] <= '9';
        };
        return year != std::string_view::npos && is_digit(year + 3) && is_digit(year + 4) &&
               colon > 0 && is_digit(colon - 1) && is_digit(colon + 1) && is_digit(colon + 2);
    }

    // "2.3.2026, 10:00, Bank <news@bank.example>:", when a quote follows.
    static bool names_author(std::string_view joined) {
        return joined.ends_with(':') && joined.find('@') != std::string_view::npos &&
               joined.find_first_of("0123456789") != std::string_view::npos;
    }

    bool has_text_from(std::size_t next) const {
        while (next < lines_.size() && lines_[next].folded.empty()) ++next;
        return next < lines_.size();
    }

    bool quote_follows(std::size_t next) const {
        while (next < lines_.size() && lines_[next].folded.empty()) ++next;
        return next < lines_.size() && lines_[next].quoted;
    }

    static bool starts_with_date(std::string_view text) {
        constexpr std::size_t looked_at_max = 12;
        return text.substr(0, looked_at_max).find_first_of("0123456789") != std::string_view::npos;
    }

    static bool ends_all(const Line& line) {
        return line.folded == "--" || line.folded == "—" || is_rule(line.folded, '_', 5) ||
               is_footer(line);
    }

    // Lines [begin, end) without empty borders and signatures.
    std::string own_words(std::size_t begin, std::size_t end) const {
        for (auto i = begin; i < end; ++i)
            if (ends_all(lines_[i])) end = i;
        while (begin < end && lines_[begin].folded.empty()) ++begin;
        trim_end(begin, end);
        // "-Anna" below an empty line.
        if (end > begin + 1 && is_name(lines_[end - 1]) && lines_[end - 2].folded.empty()) {
            --end;
            trim_end(begin, end);
        }
        std::string text;
        for (auto i = begin; i < end; ++i) {
            if (i > begin) text += '\n';
            auto line = lines_[i].text;
            while (line.ends_with(' ') || line.ends_with('\t')) line.remove_suffix(1);
            text += line;
        }
        return text;
    }

    void trim_end(std::size_t begin, std::size_t& end) const {
        while (end > begin && lines_[end - 1].folded.empty()) --end;
    }

    static bool is_name(const Line& line) {
        constexpr std::size_t name_size_max = 60;
        return line.folded.size() > 1 && line.folded.size() <= name_size_max &&
               line.folded.front() == '-' && line.folded[1] != ' ' && line.folded[1] != '-' &&
               words_in(line.folded) <= 3;
    }

    std::vector<Line> lines_;
};

}  // namespace

std::string reply_text(std::string_view text) {
    return Reader{text}.read();
}

}  // namespace carillon::responses
