// A template document made ready for a million messages: every part in every language checked
// against the merge fields and compiled.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/channel_kind.h"
#include "base/pieces.h"
#include "base/result.h"
#include "templates/document.h"
#include "templates/fields.h"
#include "templates/program.h"

namespace carillon::templates {

struct CompileOptions {
    RawTags raw_tags{RawTags::program_fields};
    Limits limits{};
    // Fills Literal::quoted_printable of html and text literals; hand in the channel's encoder for
    // e-mail.
    std::function<std::string(std::string_view)> encode_literal{};
};

// One personal message. Keep one per worker and render into it again and again: memory is reused.
// The pieces point into the CompiledTemplate, which must outlive them.
struct RenderedMessage {
    std::string subject{};  // empty when the template has none; one line without control characters
    base::Pieces html{};    // empty when the template has none
    base::Pieces text{};
    const Ending* ending{};  // of letters and faxes; never nullptr after render()
    std::string locale{};    // the template's language that was used: "ru" for a client of "ru-RU"

    base::Pieces subject_pieces{};  // working memory of render()
};

// Immutable and cheap to copy; render() may be called from any number of threads, each with its own
// RenderData and RenderedMessage. Shared ownership, because messages in flight outlive the
// template's replacement by a new version.
class CompiledTemplate {
public:
    const std::string& name() const;
    base::ChannelKind channel() const;
    // What to load for a message: slot i of RenderData is element i. Only what some part really
    // uses.
    const Fields& fields() const;
    std::vector<std::string> field_names() const;
    std::vector<std::string> locales() const;
    // TemplateDocument::transliterate.
    std::optional<bool> transliterate() const;

    // The template's language for a client's locale: "ru-RU" -> "ru" -> the default.
    const std::string& locale_for(std::string_view locale) const;
    // Slots no message in this locale can do without, so that clients who lack them are counted
    // before a launch.
    const std::vector<std::size_t>& required_slots(std::string_view locale) const;

    // Values are written as the client's locale does where the template speaks its language,
    // otherwise as the template's. The same values, locale and version give the same bytes, always.
    // `data` must have been made from fields() of this template. Errors: those of
    // templates::render, template.subject_control, template.empty.
    base::Result<void> render(const RenderData& data, std::string_view locale,
                              RenderedMessage& out) const;

    struct Compiled;  // private to the compiler
    explicit CompiledTemplate(std::shared_ptr<const Compiled> compiled)
        : compiled_(std::move(compiled)) {}

private:
    std::shared_ptr<const Compiled> compiled_;
};

// All mistakes of all parts, with places like "birthday.ru.html:12:7"; empty when the template is
// good.
base::Problems check(const TemplateDocument& document, const FieldCatalog& catalog,
                     const CompileOptions& options = {});

// Fails with the first mistake; check() lists them all.
base::Result<CompiledTemplate> compile(const TemplateDocument& document,
                                       const FieldCatalog& catalog,
                                       const CompileOptions& options = {});

// Values that show a template without a client: the samples of its fields; JSON for
// RenderData::read_json.
base::Json sample_values(const Fields& fields);

}  // namespace carillon::templates
