// The pages a client sees: words in English and Russian, no script, nothing from elsewhere. Pure.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "responses/public_choices.h"
#include "server/http_message.h"

namespace carillon::server {

enum class Page {
    unsubscribe,   // a button
    unsubscribed,  // done
    preferences,   // boxes
    saved,         // boxes again, with a word of confirmation
    code_form,     // where a code is typed
    landing,       // what a code leads to
    thanks,
    mail_text,     // an e-mail without HTML
    unknown_link,  // forged, damaged or too old
    later          // the database does not answer
};

// A stretch of an e-mail's text: words, or a link.
struct TextPiece {
    std::string words{};
    std::string url{};  // http:// or https://; "": words
};
// Links as mail programs find them: up to white space, without the sentence's own marks.
std::vector<TextPiece> pieces_of(std::string_view text);

struct PageFacts {
    std::string locale{};
    std::string first_name{};
    std::string token{};  // of the link: where the form goes
    base::ChannelKind channel{base::ChannelKind::email};
    std::vector<responses::Choice> choices{};
    std::string subject{};
    std::vector<TextPiece> text{};
};

// Immutable; safe from several threads.
class PublicPages {
public:
    struct BankWords {
        std::string name{};
        std::string phone{};
        std::string url{};
    };
    explicit PublicPages(BankWords bank);
    ~PublicPages();

    // With a Content-Security-Policy that lets nothing run and nothing load.
    Response show(Page page, const PageFacts& facts, int status = 200) const;

private:
    struct Compiled;
    BankWords bank_;
    std::unique_ptr<const Compiled> compiled_;
};

// An e-mail's HTML as it is. It runs nothing, sends no form, has an origin that is nobody's, and
// loads nothing but pictures by https; its links open.
Response show_mail(const std::string& locale, std::string html);

// The language of a page for nobody known: "ru" when the browser asks for it first.
std::string locale_of_browser(std::string_view accept_language);

}  // namespace carillon::server
