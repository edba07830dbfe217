// A template as a marketer keeps it: one JSON document with the parts of every language. Published
// schema: docs/schema/template.schema.json.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/channel_kind.h"
#include "base/json.h"
#include "base/result.h"

namespace carillon::templates {

// What one language says. E-mail has a subject and html, text or both; the other channels have
// text, letters and faxes perhaps a subject.
// How a letter or a fax ends; the same for every recipient, without merge tags.
struct Ending {
    std::string words{};  // "Yours sincerely,"
    std::string name{};
    std::string position{};
    std::string signature_png{};  // bytes
    std::vector<std::string> enclosures{};
    bool operator==(const Ending&) const = default;
};

struct LocalizedParts {
    std::string subject{};
    std::string html{};
    std::string text{};
    Ending ending{};  // letters and faxes only
};

struct TemplateDocument {
    std::string name{};
    base::ChannelKind channel{base::ChannelKind::email};
    std::string description{};
    std::string default_locale{};
    std::map<std::string, LocalizedParts> locales{};
    std::map<std::string, std::string> partials{};
    // Short messages only: in Latin letters where the whole text can be written so. Nothing: as the
    // channel's settings say.
    std::optional<bool> transliterate{};

    // Self-contained: files are inlined. The version of a template is a digest of
    // to_json().canonical().
    base::Json to_json() const;
};

// Gives the text of a file named in a document ("html_file": "birthday.en.html").
using FileReader = std::function<base::Result<std::string>(std::string_view file)>;

// Files of one folder, at most 256 KB each. Names with a folder part are refused: a document from
// elsewhere must not read the machine it is opened on. Errors: template.file.
FileReader files_in(std::string folder);
// For documents that arrive without their files (over the API).
FileReader no_files();

// Every mistake is added with its JSON path; the document is to be used only when there was none.
TemplateDocument read_document(const base::Json& json, const FileReader& read_file,
                               base::Problems& problems);

}  // namespace carillon::templates
