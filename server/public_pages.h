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
    unknown_link,  // forged, damaged or too old
    later          // the database does not answer
};

struct PageFacts {
    std::string locale{};
    std::string first_name{};
    std::string token{};  // of the link: where the form goes
    base::ChannelKind channel{base::ChannelKind::email};
    std::vector<responses::Choice> choices{};
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

// The language of a page for nobody known: "ru" when the browser asks for it first.
std::string locale_of_browser(std::string_view accept_language);

}  // namespace carillon::server
