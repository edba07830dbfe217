#include "templates/document.h"

#include <algorithm>
#include <fstream>
#include <iterator>

#include "base/digest.h"
#include "templates/format.h"

namespace carillon::templates {

namespace {

constexpr std::size_t file_bytes_max = 256 * 1024;

bool is_email(const TemplateDocument& document) {
    return document.channel == base::ChannelKind::email;
}

bool is_on_paper(const TemplateDocument& document) {
    return document.channel == base::ChannelKind::letter ||
           document.channel == base::ChannelKind::fax;
}

// "html" or the content of "html_file"; both at once are a mistake.
std::string text_or_file(base::ObjectReader& reader, const std::string& key,
                         const FileReader& read_file) {
    const auto file_key = key + "_file";
    const auto given = reader.text(key);
    const auto file = reader.text(file_key);
    if (file.empty()) return given;
    if (!given.empty()) {
        reader.problem(file_key, "template.part_twice",
                       "stands beside '" + key + "'; keep one of them");
        return given;
    }
    auto text = read_file(file);
    if (text) return *std::move(text);
    reader.problem(file_key, text.error().code, text.error().detail);
    return {};
}

// The signature is a file beside the template, or the same in base64 once the document is stored.
Ending read_ending(base::ObjectReader& reader, const FileReader& read_file) {
    Ending ending;
    ending.enclosures = reader.texts("enclosures");
    const auto* json = reader.object("closing");
    if (json == nullptr) return ending;
    base::Problems problems;
    base::ObjectReader closing{*json, reader.path_of("closing"), problems};
    ending.words = closing.text("words");
    ending.name = closing.text("name");
    ending.position = closing.text("position");
    const auto stored = closing.text("signature_png");
    const auto file = closing.text("signature_file");
    const auto png = !file.empty() ? read_file(file) : base::from_base64(stored);
    if (png)
        ending.signature_png = *png;
    else
        closing.problem(file.empty() ? "signature_png" : "signature_file", png.error().code,
                        png.error().detail);
    closing.finish();
    for (const auto& problem : problems)
        reader.problem(problem.place.substr(reader.path().size() + 1), problem.code,
                       problem.detail);
    return ending;
}

LocalizedParts read_parts(base::ObjectReader& reader, const TemplateDocument& document,
                          const FileReader& read_file) {
    LocalizedParts parts;
    parts.text = text_or_file(reader, "text", read_file);
    if (is_email(document)) {
        parts.subject = reader.required_text("subject");
        parts.html = text_or_file(reader, "html", read_file);
        if (parts.html.empty() && parts.text.empty())
            reader.problem("", "template.part_missing", "needs html, text or both");
    } else {
        if (is_on_paper(document)) {
            parts.subject = reader.text("subject");
            parts.ending = read_ending(reader, read_file);
        }
        if (parts.text.empty()) reader.problem("text", "template.part_missing", "is required");
    }
    reader.finish();
    return parts;
}

void read_locales(base::ObjectReader& reader, const FileReader& read_file, base::Problems& problems,
                  TemplateDocument& document) {
    reader.required("locales");
    const auto* locales = reader.object("locales");
    if (locales == nullptr) return;
    for (const auto& [locale, json] : *locales->object()) {
        const auto path = reader.path_of("locales") + "." + locale;
        if (!is_known_locale(locale))
            problems.push_back({"template.locale",
                                "'" + locale + "' is not a language; expected en, ru-RU ...",
                                path});
        base::ObjectReader parts{json, path, problems};
        document.locales[locale] = read_parts(parts, document, read_file);
    }
    if (!document.default_locale.empty() && !document.locales.contains(document.default_locale))
        reader.problem("default_locale", "template.locale",
                       "'" + document.default_locale + "' is not among the locales");
}

void read_partials(base::ObjectReader& reader, const FileReader& read_file,
                   base::Problems& problems, TemplateDocument& document) {
    const auto* partials = reader.object("partials");
    if (partials == nullptr) return;
    for (const auto& [name, json] : *partials->object()) {
        if (const auto* text = json.text()) {
            document.partials[name] = *text;
            continue;
        }
        base::ObjectReader one{json, reader.path_of("partials") + "." + name, problems};
        const auto text = read_file(one.required_text("file"));
        if (text)
            document.partials[name] = *text;
        else
            one.problem("file", text.error().code, text.error().detail);
        one.finish();
    }
}

base::Json texts_to_json(const std::vector<std::pair<std::string_view, std::string_view>>& texts) {
    base::Json::Object object;
    for (const auto& [key, text] : texts)
        if (!text.empty()) object.emplace_back(std::string{key}, base::Json{text});
    return base::Json{std::move(object)};
}

void add_ending(base::Json& json, const Ending& ending) {
    if (!ending.enclosures.empty())
        json.set("enclosures",
                 base::Json::Array{ending.enclosures.begin(), ending.enclosures.end()});
    const auto signature =
        ending.signature_png.empty() ? std::string{} : base::to_base64(ending.signature_png);
    auto closing = texts_to_json({{"words", ending.words},
                                  {"name", ending.name},
                                  {"position", ending.position},
                                  {"signature_png", signature}});
    if (closing != base::Json{base::Json::Object{}}) json.set("closing", std::move(closing));
}

}  // namespace

base::Json TemplateDocument::to_json() const {
    auto json = texts_to_json({{"name", name},
                               {"channel", name_of(channel)},
                               {"description", description},
                               {"default_locale", default_locale}});
    if (transliterate) json.set("transliterate", *transliterate);
    base::Json::Object all;
    for (const auto& [locale, parts] : locales) {
        auto one =
            texts_to_json({{"subject", parts.subject}, {"html", parts.html}, {"text", parts.text}});
        add_ending(one, parts.ending);
        all.emplace_back(locale, std::move(one));
    }
    json.set("locales", std::move(all));
    if (partials.empty()) return json;
    base::Json::Object included;
    for (const auto& [partial, text] : partials) included.emplace_back(partial, base::Json{text});
    json.set("partials", std::move(included));
    return json;
}

FileReader files_in(std::string folder) {
    return [folder = std::move(folder)](std::string_view file) -> base::Result<std::string> {
        const std::string name{file};
        if (name.empty() || name[0] == '.' || name.find_first_of("/\\") != std::string::npos)
            return base::fail("template.file",
                              "'" + name + "' is not the name of a file beside the template");
        std::ifstream stream{folder + "/" + name, std::ios::binary};
        std::string text(file_bytes_max + 1, '\0');
        stream.read(text.data(), static_cast<std::streamsize>(text.size()));
        text.resize(static_cast<std::size_t>(stream.gcount()));
        if (text.empty())
            return base::fail("template.file", "'" + name + "' cannot be read or is empty");
        if (text.size() > file_bytes_max)
            return base::fail("template.file", "'" + name + "' is longer than 256 KB");
        return text;
    };
}

FileReader no_files() {
    return [](std::string_view) -> base::Result<std::string> {
        return base::fail("template.file",
                          "files cannot be named here; put the text into the document");
    };
}

TemplateDocument read_document(const base::Json& json, const FileReader& read_file,
                               base::Problems& problems) {
    base::ObjectReader reader{json, "$", problems};
    TemplateDocument document;
    document.name = reader.required_text("name");
    document.description = reader.text("description");
    std::vector<std::string_view> channels;
    for (const auto kind : base::channel_kinds) channels.push_back(name_of(kind));
    document.channel =
        base::channel_kinds[static_cast<std::size_t>(reader.choice("channel", channels, -1))];
    document.default_locale = reader.required_text("default_locale");
    if (document.channel == base::ChannelKind::sms && reader.has("transliterate"))
        document.transliterate = reader.boolean("transliterate", false);
    read_locales(reader, read_file, problems, document);
    read_partials(reader, read_file, problems, document);
    reader.finish();
    return document;
}

}  // namespace carillon::templates
