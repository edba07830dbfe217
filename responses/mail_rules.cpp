#include "responses/mail_rules.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "base/text.h"
#include "responses/mail_rules_file.h"

namespace carillon::responses {

namespace {

constexpr std::size_t gap_max = 100;
constexpr std::size_t compared_max = 8 * 1024;

struct KindName {
    MailKind kind{};
    std::string_view name{};
    std::string_view words{};
};
constexpr std::array kind_names{
    KindName{MailKind::hard_bounce, "hard", "the address does not exist or takes no mail"},
    KindName{MailKind::full, "full", "the mailbox is full"},
    KindName{MailKind::blocked, "blocked", "refused by policy or because of reputation"},
    KindName{MailKind::soft_bounce, "soft", "could not be delivered for a reason that may pass"},
    KindName{MailKind::delayed, "delayed", "not delivered yet, still being tried"},
    KindName{MailKind::delivered, "delivered", "reported as delivered"},
    KindName{MailKind::feedback, "feedback", "a report of a mailbox provider (RFC 5965)"},
    KindName{MailKind::auto_reply, "auto_reply", "an automatic answer"},
    KindName{MailKind::reply, "reply", "an answer of a person"},
    KindName{MailKind::unknown, "unknown", "could not be told, a person has to look"}};

class RulesReader {
public:
    explicit RulesReader(base::Problems& problems) : problems_(problems) {}

    MailRules read(const base::Json& json) {
        base::ObjectReader reader{json, "$", problems_};
        reader.text("$schema");
        reader.text("about");
        instead_ = reader.boolean("instead", false);
        MailRules rules;
        rules.systems = phrases(reader, "systems", {});
        each(reader, "notices", [&](base::ObjectReader& one, const std::string& name) {
            rules.notices.push_back(notice(one, name));
        });
        each(reader, "meanings", [&](base::ObjectReader& one, const std::string& name) {
            rules.meanings.push_back(meaning(one, name));
        });
        reader.finish();
        return rules;
    }
    bool instead() const { return instead_; }

private:
    template <class Take>
    void each(base::ObjectReader& reader, std::string_view key, const Take& take) {
        const auto* list = reader.list(key);
        if (list == nullptr) return;
        for (std::size_t i = 0; i < list->size(); ++i) {
            const auto* given = (*list)[i].find("name");
            const auto* text = given != nullptr ? given->text() : nullptr;
            auto path = reader.path_of(key) + "[" + std::to_string(i) + "]";
            if (text != nullptr) path += " (rule '" + *text + "')";
            base::ObjectReader one{(*list)[i], path, problems_};
            const auto name = one.required_text("name");
            if (!name.empty() && std::ranges::find(names_, name) != names_.end())
                one.problem("name", "mail_rules.name_taken", "another rule has this name");
            names_.push_back(name);
            take(one, name);
            one.finish();
        }
    }

    std::vector<Phrase> phrases(base::ObjectReader& reader, std::string_view key,
                                std::string_view needed_because) {
        std::vector<Phrase> found;
        for (const auto& text : reader.texts(key)) {
            auto phrase = Phrase::parse(text);
            if (phrase)
                found.push_back(std::move(*phrase));
            else
                reader.problem(key, phrase.error().code, phrase.error().detail);
        }
        if (!needed_because.empty() && found.empty())
            reader.problem(key, "json.missing", std::string{needed_because});
        return found;
    }

    NoticeRule notice(base::ObjectReader& reader, const std::string& name) {
        NoticeRule rule;
        rule.name = name;
        constexpr std::array kinds{MailKind::soft_bounce, MailKind::delayed, MailKind::feedback,
                                   MailKind::auto_reply, MailKind::delivered};
        const auto index = reader.choice(
            "kind", {"failed", "delayed", "complaint", "auto_reply", "delivered"}, -1);
        rule.kind = kinds[static_cast<std::size_t>(std::max(0, index))];
        rule.from_system = reader.boolean("from_system", true);
        rule.from = phrases(reader, "from", {});
        rule.subject = phrases(reader, "subject", {});
        rule.text = phrases(reader, "text", {});
        if (rule.from.empty() && rule.subject.empty() && rule.text.empty())
            reader.problem("text", "json.missing", "a notice needs from, subject or text");
        return rule;
    }

    MeaningRule meaning(base::ObjectReader& reader, const std::string& name) {
        MeaningRule rule;
        rule.name = name;
        constexpr std::array kinds{MailKind::hard_bounce, MailKind::full, MailKind::blocked,
                                   MailKind::soft_bounce};
        const auto index = reader.choice("kind", {"hard", "full", "blocked", "soft"}, -1);
        rule.kind = kinds[static_cast<std::size_t>(std::max(0, index))];
        rule.certain = reader.boolean("certain", false);
        rule.reason = reader.required_text("reason");
        rule.text = phrases(reader, "text", "a meaning needs at least one phrase");
        return rule;
    }

    base::Problems& problems_;
    std::vector<std::string> names_;
    bool instead_{false};
};

struct ReadRules {
    MailRules rules{};
    bool instead{};
};

tl::expected<ReadRules, base::Problems> read_rules(std::string_view text, std::string_view file) {
    const auto json = base::Json::parse(text, file);
    if (!json) return tl::unexpected<base::Problems>{base::Problems{json.error()}};
    base::Problems problems;
    RulesReader reader{problems};
    ReadRules read{reader.read(*json), false};
    read.instead = reader.instead();
    for (auto& problem : problems) problem.place = std::string{file} + ": " + problem.place;
    if (!problems.empty()) return tl::unexpected<base::Problems>{std::move(problems)};
    return read;
}

}  // namespace

std::string_view name_of(MailKind kind) {
    return std::ranges::find(kind_names, kind, &KindName::kind)->name;
}

std::string_view words_of(MailKind kind) {
    return std::ranges::find(kind_names, kind, &KindName::kind)->words;
}

MailKind mail_kind_from(std::string_view name) {
    const auto* found = std::ranges::find(kind_names, name, &KindName::name);
    return found == kind_names.end() ? MailKind::unknown : found->kind;
}

std::string comparable(std::string_view text) {
    const auto folded = base::fold_case(base::cut_utf8(text, compared_max));
    std::string out;
    for (const char c : folded) {
        const bool is_space = c == ' ' || c == '\n' || c == '\t' || c == '\r';
        if (!is_space)
            out += c;
        else if (!out.empty() && out.back() != ' ')
            out += ' ';
    }
    return out;
}

base::Result<Phrase> Phrase::parse(std::string_view text) {
    Phrase phrase;
    phrase.at_the_beginning_ = text.starts_with('^');
    if (phrase.at_the_beginning_) text.remove_prefix(1);
    for (const auto piece : base::split(text, '*'))
        if (auto words = comparable(piece); !words.empty())
            phrase.pieces_.push_back(std::move(words));
    if (phrase.pieces_.empty())
        return base::fail("mail_rules.phrase_empty",
                          "a phrase needs at least one letter besides '*' and '^'");
    return phrase;
}

bool Phrase::is_in(std::string_view text) const {
    for (auto at = text.find(pieces_.front()); at != std::string_view::npos;
         at = text.find(pieces_.front(), at + 1)) {
        if (at_the_beginning_ && at != 0) return false;
        auto end = at + pieces_.front().size();
        std::size_t fitted = 1;
        for (; fitted < pieces_.size(); ++fitted) {
            const auto& piece = pieces_[fitted];
            const auto next = text.substr(end, gap_max + piece.size()).find(piece);
            if (next == std::string_view::npos) break;
            end += next + piece.size();
        }
        if (fitted == pieces_.size()) return true;
    }
    return false;
}

bool MailRules::is_system(std::string_view comparable_from) const {
    return std::ranges::any_of(systems,
                               [&](const Phrase& phrase) { return phrase.is_in(comparable_from); });
}

const MeaningRule* MailRules::meaning_of(std::string_view comparable_text,
                                         bool only_certain) const {
    for (const auto& rule : meanings) {
        if (only_certain && !rule.certain) continue;
        if (std::ranges::any_of(rule.text,
                                [&](const Phrase& one) { return one.is_in(comparable_text); }))
            return &rule;
    }
    return nullptr;
}

tl::expected<MailRules, base::Problems> parse_mail_rules(std::string_view text,
                                                         std::string_view file) {
    auto read = read_rules(text, file);
    if (!read) return tl::unexpected<base::Problems>{std::move(read.error())};
    return std::move(read->rules);
}

const MailRules& builtin_mail_rules() {
    static const MailRules rules = [] {
        auto parsed = parse_mail_rules(mail_rules_file, "mail-rules.json");
        if (!parsed) throw std::logic_error{parsed.error().front().text()};
        return std::move(*parsed);
    }();
    return rules;
}

tl::expected<MailRules, base::Problems> load_mail_rules(const std::filesystem::path& file) {
    std::ifstream in{file, std::ios::binary};
    if (!in)
        return tl::unexpected<base::Problems>{
            base::Problems{{"mail_rules.unreadable", "The file cannot be read.", file.string()}}};
    const std::string text{std::istreambuf_iterator<char>{in}, {}};
    auto read = read_rules(text, file.string());
    if (!read) return tl::unexpected<base::Problems>{std::move(read.error())};
    auto& rules = read->rules;
    if (read->instead) return std::move(rules);
    const auto append = [](auto& to, const auto& from) {
        to.insert(to.end(), from.begin(), from.end());
    };
    append(rules.systems, builtin_mail_rules().systems);
    append(rules.notices, builtin_mail_rules().notices);
    append(rules.meanings, builtin_mail_rules().meanings);
    return std::move(rules);
}

}  // namespace carillon::responses
