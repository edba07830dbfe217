#include "templates/reference.h"

#include <algorithm>
#include <charconv>
#include <deque>
#include <kainjow/mustache.hpp>
#include <unordered_map>

#include "base/text.h"
#include "templates/format.h"

namespace carillon::templates {

namespace {

namespace vendor = kainjow::mustache;
using base::Json;

// Kept away from kainjow's white-space rules at the very end of the text, and cut off afterwards.
constexpr char sentinel = '\x01';

// A value as kainjow needs it, whatever it was made from.
struct View {
    std::string text{};
    bool is_true{false};
    bool is_list{false};
    std::vector<View> items{};
    std::vector<std::pair<std::string, View>> members{};
    std::vector<std::pair<std::string, View>>
        forms{};  // {{due.short}}: only behind the value's own name

    View* member(std::string_view name) {
        return const_cast<View*>(std::as_const(*this).member(name));
    }
    const View* member(std::string_view name) const {
        const auto found = std::ranges::find(members, name, &std::pair<std::string, View>::first);
        return found == members.end() ? nullptr : &found->second;
    }
    const View* part(std::string_view name) const {
        if (const auto* found = member(name)) return found;
        const auto found = std::ranges::find(forms, name, &std::pair<std::string, View>::first);
        return found == forms.end() ? nullptr : &found->second;
    }
};

View view_of(const Json& json) {
    View view{.is_true = !json.is_null()};
    if (const auto* text = json.text()) {
        view.text = *text;
        view.is_true = !text->empty();
    } else if (const auto* flag = json.boolean()) {
        view.text = *flag ? "true" : "false";
        view.is_true = *flag;
    } else if (const auto* whole = json.integer()) {
        view.text = std::to_string(*whole);
    } else if (const auto real = json.number()) {
        char digits[32];
        view.text.assign(digits, std::to_chars(digits, digits + sizeof digits, *real).ptr);
    } else if (const auto* list = json.array()) {
        view.is_list = true;
        view.is_true = !list->empty();
        for (const auto& item : *list) view.items.push_back(view_of(item));
    } else if (const auto* object = json.object()) {
        for (const auto& [name, value] : *object) view.members.emplace_back(name, view_of(value));
    }
    return view;
}

View row_view(const RenderData& data, const Fields& fields, RenderData::Row row,
              const Formatter& formatter);

View value_view(const RenderData& data, const Field& field, const RenderData::Value& value,
                const Formatter& formatter) {
    View view{.is_true = is_true(value, Style::standard, formatter)};
    append_formatted(view.text, data, value, Style::standard, formatter);
    for (const auto style : styles_of(field.type)) {
        View form{.is_true = is_true(value, style, formatter)};
        if (!is_plural(style)) append_formatted(form.text, data, value, style, formatter);
        view.forms.emplace_back(std::string{name_of(style)}, std::move(form));
    }
    if (field.type != FieldType::list) return view;
    view.text.clear();
    view.is_list = true;
    if (value.kind != RenderData::Value::Kind::list) return view;
    for (auto row = value.first; row != 0; row = data.next(row)) {
        const bool plain = field.elements.size() == 1 && field.elements[0].name == ".";
        view.items.push_back(
            plain ? value_view(data, field.elements[0], data.value(row, 0), formatter)
                  : row_view(data, field.elements, row, formatter));
    }
    return view;
}

View row_view(const RenderData& data, const Fields& fields, RenderData::Row row,
              const Formatter& formatter) {
    View view{.is_true = true};
    for (std::size_t slot = 0; slot < fields.size(); ++slot) {
        auto* group = &view;
        const auto parts = base::split(fields[slot].name, '.');
        for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
            if (group->member(parts[i]) == nullptr)
                group->members.emplace_back(std::string{parts[i]}, View{.is_true = true});
            group = group->member(parts[i]);
        }
        group->members.emplace_back(
            std::string{parts.back()},
            value_view(data, fields[slot], data.value(row, slot), formatter));
    }
    return view;
}

// Answers kainjow's look-ups by the rules of the specification. kainjow retries a dotted name in
// outer contexts when its tail is missing, and takes every string for true; so names never reach
// its own search.
class ViewContext final : public vendor::basic_context<std::string> {
public:
    explicit ViewContext(const View& root) { contexts_.push_back(&root); }

    void push(const vendor::data* data) override {
        const auto found = meaning_.find(data);
        contexts_.push_back(found == meaning_.end() ? contexts_.back() : found->second);
    }
    void pop() override { contexts_.pop_back(); }

    const vendor::data* get(const std::string& name) const override {
        if (name == "l:n") return &line_end_;
        if (name == "l:r") return &carriage_return_;
        if (name == "l:o") return &brace_;
        const auto* view = find(std::string_view{name}.substr(2));
        if (view == nullptr) return nullptr;
        if (name.starts_with("u:")) return link_text_of(*view);
        return name.starts_with("v:") ? text_of(*view) : section_of(*view);
    }
    const vendor::data* get_partial(const std::string&) const override { return nullptr; }

private:
    const View* find(std::string_view name) const {
        if (name == ".") return contexts_.back();
        const auto parts = base::split(name, '.');
        const View* found = nullptr;
        for (auto context = contexts_.rbegin(); context != contexts_.rend() && found == nullptr;
             ++context)
            found = (*context)->member(parts[0]);
        for (std::size_t i = 1; i < parts.size() && found != nullptr; ++i)
            found = found->part(parts[i]);
        return found;
    }

    const vendor::data* text_of(const View& view) const {
        auto& data = texts_[&view];
        if (!data) data = std::make_unique<vendor::data>(view.text);
        return data.get();
    }

    const vendor::data* link_text_of(const View& view) const {
        auto& data = link_texts_[&view];
        std::string escaped;
        append_escaped_url(escaped, view.text);
        if (!data) data = std::make_unique<vendor::data>(escaped);
        return data.get();
    }

    const vendor::data* section_of(const View& view) const {
        if (!view.is_true) return nullptr;
        auto& data = sections_[&view];
        if (data) return data.get();
        vendor::list items(view.items.size(), vendor::data{true});
        data = view.is_list ? std::make_unique<vendor::data>(items)
                            : std::make_unique<vendor::data>(true);
        if (!view.is_list) meaning_[data.get()] = &view;
        for (std::size_t i = 0; i < view.items.size(); ++i)
            meaning_[&data->list_value()[i]] = &view.items[i];
        return data.get();
    }

    using Made = std::unordered_map<const View*, std::unique_ptr<vendor::data>>;
    mutable Made texts_;
    mutable Made link_texts_;
    mutable Made sections_;
    mutable std::unordered_map<const vendor::data*, const View*> meaning_;
    std::vector<const View*> contexts_;
    const vendor::data line_end_{"\n"};
    const vendor::data carriage_return_{"\r"};
    const vendor::data brace_{"{"};
};

void append_literal(std::string& out, std::string_view text) {
    for (const char c : text) {
        switch (c) {
            case '\n': out += "{{{l:n}}}"; break;
            case '\r': out += "{{{l:r}}}"; break;
            case '{': out += "{{{l:o}}}"; break;
            default: out += c;
        }
    }
}

void append_nodes(std::string& out, const std::vector<Node>& nodes, EscapeMode escape) {
    for (const auto& node : nodes) {
        switch (node.kind) {
            case Node::Kind::text: append_literal(out, node.text); break;
            case Node::Kind::variable: {
                const bool raw = node.raw || escape == EscapeMode::text;
                if (node.in_link)
                    out += "{{{u:" + node.text + "}}}";
                else
                    out += raw ? "{{{v:" + node.text + "}}}" : "{{v:" + node.text + "}}";
                break;
            }
            case Node::Kind::section:
            case Node::Kind::inverted:
                out += (node.kind == Node::Kind::section ? "{{#s:" : "{{^s:") + node.text + "}}";
                append_nodes(out, node.children, escape);
                out += "{{/s:" + node.text + "}}";
                break;
            case Node::Kind::too_deep: break;  // the op-list fails here
        }
    }
}

base::Result<std::string> render_view(const Tree& tree, const View& view, EscapeMode escape) {
    vendor::mustache mustache{normalised(tree, escape)};
    if (!mustache.is_valid()) return base::fail("template.reference", mustache.error_message());
    mustache.set_custom_escape([](const std::string& text) {
        std::string escaped;
        append_escaped_html(escaped, text);
        return escaped;
    });
    ViewContext context{view};
    auto text = mustache.render(context);
    if (text.empty() || text.back() != sentinel)
        return base::fail("template.reference", "kainjow lost the end of the text");
    text.pop_back();
    return text;
}

}  // namespace

std::string normalised(const Tree& tree, EscapeMode escape) {
    std::string text;
    append_nodes(text, tree.nodes, escape);
    return text + sentinel;
}

base::Result<std::string> render_reference(const Tree& tree, const Json& data, EscapeMode escape) {
    return render_view(tree, view_of(data), escape);
}

base::Result<std::string> render_reference(const Tree& tree, const RenderData& data,
                                           std::string_view locale, EscapeMode escape) {
    const auto view = row_view(data, data.fields(), RenderData::root, formatter_for(locale));
    return render_view(tree, view, escape);
}

}  // namespace carillon::templates
