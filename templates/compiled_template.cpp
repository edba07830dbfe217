#include "templates/compiled_template.h"

#include <algorithm>
#include <optional>
#include <stdexcept>

#include "base/text.h"
#include "templates/html_to_text.h"

namespace carillon::templates {

namespace {

struct CompiledPart {
    bool present{false};
    Program program{};
};

struct CompiledLocale {
    std::string name{};
    CompiledPart subject{};
    CompiledPart html{};
    CompiledPart text{};
    std::vector<std::size_t> required{};
    Ending ending{};
};

}  // namespace

struct CompiledTemplate::Compiled {
    std::string name{};
    base::ChannelKind channel{};
    std::optional<bool> transliterate{};
    Fields fields{};
    std::vector<CompiledLocale> locales{};
    std::size_t default_locale{0};

    const CompiledLocale& locale_for(std::string_view wanted) const {
        while (true) {
            for (const auto& locale : locales)
                if (locale.name == wanted) return locale;
            const auto dash = wanted.find_last_of("-_");
            if (dash == std::string_view::npos) return locales[default_locale];
            wanted = wanted.substr(0, dash);
        }
    }
};

namespace {

std::string_view language_of(std::string_view locale) {
    return locale.substr(0, locale.find_first_of("-_"));
}

struct LocaleDraft {
    std::string name{};
    bool has_subject{false}, has_html{false}, has_text{false};
    TypedProgram subject{}, html{}, text{};
};

class Compiler {
public:
    Compiler(const TemplateDocument& document, const FieldCatalog& catalog,
             const CompileOptions& options, base::Problems& problems)
        : document_(document), catalog_(catalog), options_(options), problems_(problems) {
        for (const auto& [name, text] : document.partials)
            partials_[name] = {document.name + ".partial." + name, text};
    }

    std::shared_ptr<const CompiledTemplate::Compiled> compile() {
        if (document_.locales.empty())
            problems_.push_back(
                {"template.locale", "the template has no language", document_.name});
        for (const auto& [locale, parts] : document_.locales)
            drafts_.push_back(draft(locale, parts));
        if (!problems_.empty()) return nullptr;
        return finish();
    }

private:
    LocaleDraft draft(const std::string& locale, const LocalizedParts& parts) {
        LocaleDraft draft{.name = locale};
        const auto place = document_.name + "." + locale;
        draft.has_subject =
            part({place + ".subject", parts.subject}, EscapeMode::text, draft.subject).has_value();
        auto html = part({place + ".html", parts.html}, EscapeMode::html, draft.html);
        draft.has_html = html.has_value();
        draft.has_text =
            part({place + ".text", parts.text}, EscapeMode::text, draft.text).has_value();
        if (html && parts.text.empty() && problems_.empty()) {
            auto text = html_to_text(*html);
            draft.has_text = true;
            draft.text = compile_tree(text, EscapeMode::text);
        }
        return draft;
    }

    std::optional<Tree> part(const Source& source, EscapeMode escape, TypedProgram& into) {
        if (source.text.empty()) return std::nullopt;
        auto limits = options_.limits;
        limits.scanned_bytes =
            std::min(limits.scanned_bytes, limits.document_bytes - scanned_bytes_);
        auto tree = parse(source, partials_, {.limits = limits});
        if (tree) scanned_bytes_ += tree->scanned_bytes;
        if (!tree) {
            problems_.push_back(tree.error());
            return std::nullopt;
        }
        into = compile_tree(*tree, escape);
        return *std::move(tree);
    }

    TypedProgram compile_tree(Tree& tree, EscapeMode escape) {
        const ProgramOptions options{escape, options_.raw_tags, options_.limits,
                                     options_.encode_literal};
        return compile_typed(tree, catalog_, options, problems_);
    }

    std::shared_ptr<const CompiledTemplate::Compiled> finish() {
        std::vector<TypedProgram*> programs;
        for (auto& draft : drafts_)
            programs.insert(programs.end(), {&draft.subject, &draft.html, &draft.text});
        auto compiled = std::make_shared<CompiledTemplate::Compiled>();
        compiled->name = document_.name;
        compiled->channel = document_.channel;
        compiled->transliterate = document_.transliterate;
        compiled->fields = assign_slots(catalog_, programs);
        for (auto& draft : drafts_) {
            if (draft.name == document_.default_locale)
                compiled->default_locale = compiled->locales.size();
            compiled->locales.push_back({draft.name,
                                         {draft.has_subject, std::move(draft.subject.program)},
                                         {draft.has_html, std::move(draft.html.program)},
                                         {draft.has_text, std::move(draft.text.program)},
                                         required_slots(draft, compiled->fields),
                                         document_.locales.at(draft.name).ending});
        }
        return compiled;
    }

    static std::vector<std::size_t> required_slots(const LocaleDraft& draft, const Fields& fields) {
        std::vector<std::size_t> slots;
        for (std::size_t slot = 0; slot < fields.size(); ++slot) {
            const auto needs = [&](const TypedProgram& part) {
                return std::ranges::find(part.required, fields[slot].name, &Field::name) !=
                       part.required.end();
            };
            if (needs(draft.subject) || needs(draft.html) || needs(draft.text))
                slots.push_back(slot);
        }
        return slots;
    }

    const TemplateDocument& document_;
    const FieldCatalog& catalog_;
    const CompileOptions& options_;
    base::Problems& problems_;
    Partials partials_;
    std::vector<LocaleDraft> drafts_;
    std::size_t scanned_bytes_{0};
};

base::Result<void> render_part(const CompiledPart& part, const RenderData& data,
                               std::string_view locale, base::Pieces& out) {
    out.clear();
    if (!part.present) return {};
    return templates::render(part.program, data, locale, out);
}

base::Result<void> write_subject(const std::string& template_name, RenderedMessage& out) {
    out.subject.clear();
    for (const auto& piece : out.subject_pieces.pieces())
        out.subject += out.subject_pieces.text_of(piece);
    if (base::has_control_characters(out.subject))
        return base::fail("template.subject_control",
                          "the subject has a line end or another control character", template_name);
    if (base::trim(out.subject).empty())
        return base::fail("template.empty", "the subject is empty", template_name);
    return {};
}

base::Json sample_of(const Field& field) {
    if (field.sample) return *field.sample;
    switch (field.type) {
        case FieldType::text: return field.name;
        case FieldType::number: return 3;
        case FieldType::money: return "1234.50 RUB";
        case FieldType::date: return "2026-11-21";
        case FieldType::boolean: return true;
        case FieldType::list: break;
    }
    const bool plain = field.elements.size() == 1 && field.elements[0].name == ".";
    const auto element = plain ? sample_of(field.elements[0]) : sample_values(field.elements);
    return base::Json::Array{element, element};
}

}  // namespace

const std::string& CompiledTemplate::name() const {
    return compiled_->name;
}
base::ChannelKind CompiledTemplate::channel() const {
    return compiled_->channel;
}
const Fields& CompiledTemplate::fields() const {
    return compiled_->fields;
}

std::vector<std::string> CompiledTemplate::field_names() const {
    std::vector<std::string> names;
    for (const auto& field : compiled_->fields) names.push_back(field.name);
    return names;
}

std::vector<std::string> CompiledTemplate::locales() const {
    std::vector<std::string> names;
    for (const auto& locale : compiled_->locales) names.push_back(locale.name);
    return names;
}

std::optional<bool> CompiledTemplate::transliterate() const {
    return compiled_->transliterate;
}

const std::string& CompiledTemplate::locale_for(std::string_view locale) const {
    return compiled_->locale_for(locale).name;
}

const std::vector<std::size_t>& CompiledTemplate::required_slots(std::string_view locale) const {
    return compiled_->locale_for(locale).required;
}

base::Result<void> CompiledTemplate::render(const RenderData& data, std::string_view locale,
                                            RenderedMessage& out) const {
    if (&data.fields() != &compiled_->fields)
        throw std::logic_error{"the values were made for another template than " + compiled_->name};
    const auto& chosen = compiled_->locale_for(locale);
    out.locale = chosen.name;
    out.ending = &chosen.ending;
    const auto written_as = language_of(locale) == language_of(chosen.name) ? locale : chosen.name;
    if (auto done = render_part(chosen.html, data, written_as, out.html); !done) return done;
    if (auto done = render_part(chosen.text, data, written_as, out.text); !done) return done;
    if (out.html.empty() && out.text.empty())
        return base::fail("template.empty", "the message has no text", compiled_->name);
    out.subject.clear();
    if (!chosen.subject.present && compiled_->channel != base::ChannelKind::email) return {};
    if (auto done = render_part(chosen.subject, data, written_as, out.subject_pieces); !done)
        return done;
    return write_subject(compiled_->name, out);
}

base::Problems check(const TemplateDocument& document, const FieldCatalog& catalog,
                     const CompileOptions& options) {
    base::Problems problems;
    static_cast<void>(Compiler{document, catalog, options, problems}.compile());
    return problems;
}

base::Result<CompiledTemplate> compile(const TemplateDocument& document,
                                       const FieldCatalog& catalog, const CompileOptions& options) {
    base::Problems problems;
    auto compiled = Compiler{document, catalog, options, problems}.compile();
    if (!compiled) return base::fail(problems.front());
    return CompiledTemplate{std::move(compiled)};
}

base::Json sample_values(const Fields& fields) {
    base::Json::Object values;
    for (const auto& field : fields) values.emplace_back(field.name, sample_of(field));
    return base::Json{std::move(values)};
}

}  // namespace carillon::templates
