// Where in an HTML text a merge field stands, and what protects the reader there (invariant I8:
// nothing from a client's data may become a tag, a script or a foreign link).
//
// Escaping & < > " ' is enough between tags and inside quoted attributes. It is not enough in a
// link, in style="" or onclick="", outside quotes inside a tag, and in <script> or <style>: there a
// field is percent-encoded or refused. A reading of HTML for this purpose only, not a parser; when
// in doubt it refuses.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "templates/fields.h"

namespace carillon::templates {

enum class Escape : std::uint8_t { none, html, url };

// Fed with the literals of a template in their order. A small value: copy it to remember a place.
class HtmlContext {
public:
    void feed(std::string_view literal);

    struct Verdict {
        Escape escape{Escape::html};
        std::string_view refused_because{};  // empty: allowed
    };
    // What a field may do here; moves on past it.
    Verdict pass_field(Origin origin);

    // True when both stand in the same kind of place, so that a section between them may be left
    // out or repeated.
    bool same_place(const HtmlContext& other) const;

private:
    enum class State {
        text,
        tag_name,
        tag,
        attribute_name,
        before_value,
        double_quoted,
        single_quoted,
        unquoted,
        comment,
        raw_text
    };

    void step(char c);
    void step_text(char c);
    void step_tag_name(char c);
    void step_tag(char c);
    void step_value(char c);
    void step_comment(char c);
    void step_raw_text(char c);
    void end_tag();
    void remember(char c);
    bool in_url() const;
    bool past_host() const;
    Verdict pass_attribute(Origin origin);

    State state_{State::text};
    std::string tag_{};        // lower case
    std::string attribute_{};  // lower case
    std::string value_{};      // of the attribute so far
    bool after_link_{false};   // the value began with a link this program made
    std::string tail_{};       // what was last read of a comment or script
};

// Everything but letters, digits, "-", ".", "_" and "~" as %XX (RFC 3986, 2.3); appended.
void append_escaped_url(std::string& out, std::string_view text);

}  // namespace carillon::templates
