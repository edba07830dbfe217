#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "base/text.h"
#include "templates/format.h"
#include "templates/program.h"

namespace carillon::templates {

namespace {

using base::fail;
using base::Json;
using base::Result;
using Value = RenderData::Value;

// Rows deeper than sections can be nested do not exist.
constexpr std::size_t rows_max = 64;

// Values by slot: what the dispatcher renders.
class SlotScope {
public:
    static constexpr bool missing_is_empty = false;

    SlotScope(const RenderData& data, const Formatter& formatter)
        : data_(data), formatter_(formatter) {}

    // Nothing when the value is missing. The view is valid until the next call.
    std::optional<std::string_view> text(const Op& op) {
        const auto& value = value_of(op);
        if (value.kind == Value::Kind::text) return data_.text_of(value);
        scratch_.clear();
        if (!append_formatted(scratch_, data_, value, op.style, formatter_)) return std::nullopt;
        return scratch_;
    }
    bool is_true(const Op& op) const {
        return templates::is_true(value_of(op), op.style, formatter_);
    }
    bool enter(const Op& op) {
        const auto& list = value_of(op);
        if (list.kind != Value::Kind::list || depth_ + 1 == rows_max) return false;
        rows_[++depth_] = list.first;
        return true;
    }
    bool next() {
        if (const auto row = data_.next(rows_[depth_]); row != 0) {
            rows_[depth_] = row;
            return true;
        }
        --depth_;
        return false;
    }

private:
    const Value& value_of(const Op& op) const {
        return data_.value(rows_[depth_ - op.up], op.slot);
    }

    const RenderData& data_;
    const Formatter& formatter_;
    std::array<RenderData::Row, rows_max> rows_{};
    std::size_t depth_{0};
    std::string scratch_;
};

// Values by name, as the specification describes: a stack of contexts, searched from the innermost.
class JsonScope {
public:
    static constexpr bool missing_is_empty = true;

    JsonScope(const Program& program, const Json& data) : program_(program) {
        contexts_.push_back(&data);
    }

    std::optional<std::string_view> text(const Op& op) {
        const auto* found = find(program_.names[op.index]);
        if (found == nullptr) return std::nullopt;
        if (const auto* text = found->text()) return *text;
        scratch_.clear();
        if (const auto* flag = found->boolean())
            scratch_ = *flag ? "true" : "false";
        else if (const auto* whole = found->integer())
            scratch_ = std::to_string(*whole);
        else if (const auto real = found->number())
            append_shortest(*real);
        return scratch_;
    }
    bool is_true(const Op& op) const { return holds(find(program_.names[op.index])); }
    bool enter(const Op& op) {
        const auto* found = find(program_.names[op.index]);
        if (!holds(found)) return false;
        const auto* list = found->array();
        loops_.push_back({list, 0});
        contexts_.push_back(list != nullptr ? &list->front() : found);
        return true;
    }
    bool next() {
        auto& loop = loops_.back();
        if (loop.list != nullptr && ++loop.at < loop.list->size()) {
            contexts_.back() = &(*loop.list)[loop.at];
            return true;
        }
        loops_.pop_back();
        contexts_.pop_back();
        return false;
    }

private:
    struct Loop {
        const Json::Array* list{};  // nullptr: one value, entered once
        std::size_t at{0};
    };

    static bool holds(const Json* value) {
        if (value == nullptr || value->is_null()) return false;
        if (const auto* flag = value->boolean()) return *flag;
        if (const auto* text = value->text()) return !text->empty();
        if (const auto* list = value->array()) return !list->empty();
        return true;
    }

    const Json* find(std::string_view name) const {
        if (name == ".") return contexts_.back();
        const auto dot = name.find('.');
        const auto first = name.substr(0, dot);
        const Json* found = nullptr;
        for (auto context = contexts_.rbegin(); context != contexts_.rend() && found == nullptr;
             ++context)
            found = (*context)->find(first);
        if (dot == std::string_view::npos) return found;
        for (const auto part : base::split(name.substr(dot + 1), '.'))
            found = found == nullptr ? nullptr : found->find(part);
        return found;
    }

    void append_shortest(double number) {
        char digits[32];
        const auto [end, error] = std::to_chars(digits, digits + sizeof digits, number);
        if (error == std::errc{}) scratch_.append(digits, end);
    }

    const Program& program_;
    std::vector<const Json*> contexts_;
    std::vector<Loop> loops_;
    std::string scratch_;
};

constexpr auto html_specials = [] {
    std::array<bool, 256> special{};
    for (const char c : std::string_view{"&<>\"'"}) special[static_cast<unsigned char>(c)] = true;
    return special;
}();

bool needs_escaping(std::string_view text) {
    return std::ranges::any_of(text,
                               [](char c) { return html_specials[static_cast<unsigned char>(c)]; });
}

template <class Scope>
class Runner {
public:
    Runner(const Program& program, Scope& scope, base::Pieces& out)
        : program_(program), scope_(scope), out_(out) {}

    Result<void> run() {
        const auto& ops = program_.ops;
        std::size_t steps = 0;
        std::size_t at = 0;
        while (at < ops.size()) {
            const auto& op = ops[at];
            if (++steps > program_.limits.steps)
                return wrong(op, "template.step_limit",
                             "rendering takes more than " + std::to_string(program_.limits.steps) +
                                 " steps");
            ++at;
            switch (op.kind) {
                case Op::Kind::literal: add(program_.literals[op.index]); break;
                case Op::Kind::value:
                    if (!add_value(op)) return missing(op);
                    break;
                case Op::Kind::if_true:
                    if (!scope_.is_true(op)) at = op.target;
                    break;
                case Op::Kind::if_false:
                    if (scope_.is_true(op)) at = op.target;
                    break;
                case Op::Kind::loop:
                    if (!scope_.enter(op)) at = op.target;
                    break;
                case Op::Kind::next:
                    if (scope_.next()) at = op.target;
                    break;
                case Op::Kind::too_deep:
                    return wrong(op, "template.too_deep",
                                 "the data makes a partial include itself too often");
            }
            if (bytes_ > program_.limits.output_bytes)
                return wrong(op, "template.output_limit",
                             "the rendered text is longer than " +
                                 std::to_string(program_.limits.output_bytes / 1024) + " KB");
        }
        return {};
    }

private:
    void add(const base::Literal& literal) {
        bytes_ += literal.text.size();
        out_.add(literal);
    }

    bool add_value(const Op& op) {
        const auto text = scope_.text(op);
        if (!text) return Scope::missing_is_empty;
        bytes_ += text->size();
        if (op.escape == Escape::none || (op.escape == Escape::html && !needs_escaping(*text))) {
            out_.add_value(*text);
            return true;
        }
        escaped_.clear();
        if (op.escape == Escape::html)
            append_escaped_html(escaped_, *text);
        else
            append_escaped_url(escaped_, *text);
        bytes_ += escaped_.size() - text->size();
        out_.add_value(escaped_);
        return true;
    }

    Result<void> missing(const Op& op) const {
        return wrong(op, "template.value_missing",
                     "the field '" + program_.names[op.index] + "' has no value for this message");
    }

    tl::unexpected<base::Failure> wrong(const Op& op, std::string code, std::string detail) const {
        return fail(std::move(code), std::move(detail), program_.text_of(op.place));
    }

    const Program& program_;
    Scope& scope_;
    base::Pieces& out_;
    std::size_t bytes_{0};
    std::string escaped_;
};

void append_number_formatted(std::string& out, double number, const std::int64_t* whole,
                             Style style, const Formatter& formatter) {
    if (style == Style::percent) return formatter.append_percent(out, number);
    if (style != Style::plain) {
        if (whole != nullptr) return formatter.append_integer(out, *whole);
        return formatter.append_number(out, number);
    }
    char digits[32];
    const auto written = whole != nullptr ? std::to_chars(digits, digits + sizeof digits, *whole)
                                          : std::to_chars(digits, digits + sizeof digits, number);
    out.append(digits, written.ptr);
}

PluralCategory category_of(Style style) {
    return static_cast<PluralCategory>(static_cast<int>(style) - static_cast<int>(Style::zero));
}

}  // namespace

void append_escaped_html(std::string& out, std::string_view text) {
    for (const char c : text) {
        switch (c) {
            case '&': out += "&amp;"; break;
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            case '"': out += "&quot;"; break;
            case '\'': out += "&#39;"; break;
            default: out += c;
        }
    }
}

bool append_formatted(std::string& out, const RenderData& data, const Value& value, Style style,
                      const Formatter& formatter) {
    const auto& number = value.number;
    switch (value.kind) {
        case Value::Kind::missing:
            if (style != Style::count) return false;
            formatter.append_integer(out, 0);  // a list without elements
            return true;
        case Value::Kind::text: out += data.text_of(value); return true;
        case Value::Kind::integer:
            append_number_formatted(out, static_cast<double>(number.integer), &number.integer,
                                    style, formatter);
            return true;
        case Value::Kind::real:
            append_number_formatted(out, number.real, nullptr, style, formatter);
            return true;
        case Value::Kind::money: {
            const auto money_style = style == Style::plain    ? MoneyStyle::plain
                                     : style == Style::amount ? MoneyStyle::amount
                                                              : MoneyStyle::standard;
            formatter.append_money(out, number.integer, value.currency, money_style);
            return true;
        }
        case Value::Kind::date: {
            const auto date_style = style == Style::iso          ? DateStyle::iso
                                    : style == Style::short_form ? DateStyle::short_form
                                                                 : DateStyle::long_form;
            formatter.append_date(out, number.integer, date_style);
            return true;
        }
        case Value::Kind::list: formatter.append_integer(out, value.size); return true;
        case Value::Kind::boolean: break;
    }
    return false;
}

bool is_true(const Value& value, Style style, const Formatter& formatter) {
    if (is_plural(style)) {
        if (value.kind == Value::Kind::list)
            return formatter.plural(value.size) == category_of(style);
        if (value.kind == Value::Kind::real)
            return formatter.plural(value.number.real) == category_of(style);
        return value.kind == Value::Kind::integer &&
               formatter.plural(static_cast<double>(value.number.integer)) == category_of(style);
    }
    return value.kind == Value::Kind::boolean ? value.number.integer != 0
                                              : value.kind != Value::Kind::missing;
}

Result<void> render(const Program& program, const RenderData& data, std::string_view locale,
                    base::Pieces& out) {
    SlotScope scope{data, formatter_for(locale)};
    return Runner<SlotScope>{program, scope, out}.run();
}

Result<void> render(const Program& program, const Json& data, base::Pieces& out) {
    JsonScope scope{program, data};
    return Runner<JsonScope>{program, scope, out}.run();
}

}  // namespace carillon::templates
