#include "base/text.h"
#include "desk/mail_view.h"
#include "server/endpoints.h"
#include "server/guess_limit.h"
#include "server/public_pages.h"

namespace carillon::server {

namespace {

using responses::Visitor;

constexpr int wrong_codes_max = 20;
constexpr std::chrono::minutes wrong_codes_period{10};
constexpr std::size_t raw_max = 2'000;

// What is kept as proof: the request without its path, which is the key itself.
std::string raw_of(const Request& request) {
    std::string raw = request.method + " User-Agent: " + std::string{request.header("User-Agent")};
    if (!request.body.empty()) raw += "\n" + request.body;
    std::string text;
    for (const char c : base::cut_utf8(raw, raw_max)) text += c == '\0' ? ' ' : c;
    return base::is_valid_utf8(text) ? text : request.method + " (not UTF-8)";
}

class PublicSite {
public:
    explicit PublicSite(const PublicServices& services)
        : services_(services),
          pages_({services.bank.name, services.bank.phone, services.bank.url}),
          mails_(services.bank.public_url),
          wrong_codes_(wrong_codes_max, wrong_codes_period) {}

    Response ask_unsubscribe(const Request& request) {
        return with_token(request, [&](const Visitor&, const PageFacts& facts) {
            return pages_.show(Page::unsubscribe, facts);
        });
    }
    // The mail program's one click (RFC 8058) and the button of the page.
    Response unsubscribe(const Request& request) {
        return with_token(request, [&](const Visitor& visitor, const PageFacts& facts) {
            const bool one_click =
                field_of(form_fields(request.body), "List-Unsubscribe") == "One-Click";
            responses::unsubscribe(services_.database, services_.clock, visitor,
                                   one_click ? "one_click" : "page", raw_of(request));
            return pages_.show(Page::unsubscribed, facts);
        });
    }
    Response preferences(const Request& request) {
        return with_token(request, [&](const Visitor& visitor, PageFacts facts) {
            facts.choices = responses::choices_of(*services_.database.read(), visitor);
            return pages_.show(Page::preferences, facts);
        });
    }
    Response save_preferences(const Request& request) {
        return with_token(request, [&](const Visitor& visitor, PageFacts facts) {
            const auto fields = form_fields(request.body);
            auto wanted = responses::choices_of(*services_.database.read(), visitor);
            // Boxes without a tick are not sent at all; another form than ours changes nothing.
            const bool is_ours = field_of(fields, "saved") == "1";
            for (auto& choice : wanted) {
                const auto name = std::string{name_of(choice.channel)} + "." +
                                  std::string{name_of(choice.purpose)};
                if (is_ours) choice.wanted = field_of(fields, name) == "on";
            }
            responses::choose(services_.database, services_.clock, visitor, wanted,
                              raw_of(request));
            facts.choices = responses::choices_of(*services_.database.read(), visitor);
            return pages_.show(Page::saved, facts);
        });
    }
    // The e-mail as it was sent. Why there is none to show is nobody's business: the answer is the
    // same for a forged link, an erased client and a message whose time is over.
    Response in_browser(const Request& request) {
        try {
            std::optional<desk::MailView> mail;
            if (const auto id =
                    services_.keys.message_of_view_token(request.parameters.at("token")))
                mail = mails_.find(*services_.database.read(), *id);
            if (!mail) return pages_.show(Page::unknown_link, stranger(request), 404);
            if (!mail->html.empty()) return show_mail(mail->locale, std::move(mail->html));
            return pages_.show(
                Page::mail_text,
                {.locale = mail->locale, .subject = mail->subject, .text = pieces_of(mail->text)});
        } catch (const db::DbError&) {
            return later(request);
        }
    }
    Response code_form(const Request& request) {
        const auto code = field_of(form_fields(request.query), "code");
        if (code.empty()) return pages_.show(Page::code_form, stranger(request));
        std::string letters;
        for (const char c : code)
            if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                c == '-')
                letters += c;
        if (letters.empty()) return pages_.show(Page::unknown_link, stranger(request), 404);
        Response response{303};
        response.set("Location", "/r/" + letters).set("Cache-Control", "no-store");
        return response;
    }
    Response landing(const Request& request) {
        return with_code(request, [&](const Visitor& visitor, const PageFacts& facts) {
            if (request.method == "GET")
                responses::respond(services_.database, services_.clock, visitor, "visit",
                                   raw_of(request));
            return pages_.show(Page::landing, facts);
        });
    }
    Response interested(const Request& request) {
        return with_code(request, [&](const Visitor& visitor, const PageFacts& facts) {
            responses::respond(services_.database, services_.clock, visitor, "interested",
                               raw_of(request));
            return pages_.show(Page::thanks, facts);
        });
    }

private:
    static PageFacts stranger(const Request& request) {
        return {.locale = locale_of_browser(request.header("Accept-Language"))};
    }

    Response later(const Request& request) const {
        auto response = pages_.show(Page::later, stranger(request), 503);
        response.set("Retry-After", "60");
        return response;
    }

    template <class Serve>
    Response serve(const Request& request, std::optional<base::MessageId> message,
                   const std::string& token, const Serve& work) {
        try {
            std::optional<Visitor> visitor;
            if (message) visitor = responses::find_visitor(*services_.database.read(), *message);
            if (!visitor) return pages_.show(Page::unknown_link, stranger(request), 404);
            return work(*visitor, PageFacts{.locale = visitor->locale,
                                            .first_name = visitor->first_name,
                                            .token = token,
                                            .channel = visitor->channel});
        } catch (const db::DbError&) {
            return later(request);
        }
    }
    template <class Serve>
    Response with_token(const Request& request, const Serve& work) {
        const auto& token = request.parameters.at("token");
        return serve(request, services_.keys.message_of_token(token), token, work);
    }
    template <class Serve>
    Response with_code(const Request& request, const Serve& work) {
        const auto now = base::steady_now();
        if (!wrong_codes_.may_try(request.peer, now))
            return pages_.show(Page::later, stranger(request), 429);
        const auto message = services_.keys.message_of_code(request.parameters.at("code"));
        if (!message) wrong_codes_.was_wrong(request.peer, now);
        return serve(request, message, message ? services_.keys.response_code(*message) : "", work);
    }

    PublicServices services_;
    PublicPages pages_;
    desk::MailViews mails_;
    GuessLimit wrong_codes_;
};

// Browsers ask for it beside every page, and log an error where there is nothing.
Response no_icon(const Request&) {
    Response response{204};
    response.set("Cache-Control", "public, max-age=86400");
    return response;
}

}  // namespace

std::vector<Route> public_routes(const PublicServices& services) {
    const auto site = std::make_shared<PublicSite>(services);
    const auto serve = [&](Response (PublicSite::*method)(const Request&)) {
        return Handler{
            [site, method](const Request& request) { return ((*site).*method)(request); }};
    };
    return {{"GET", "/u/{token}", Policy::link, serve(&PublicSite::ask_unsubscribe)},
            {"POST", "/u/{token}", Policy::link, serve(&PublicSite::unsubscribe)},
            {"GET", "/p/{token}", Policy::link, serve(&PublicSite::preferences)},
            {"POST", "/p/{token}", Policy::link, serve(&PublicSite::save_preferences)},
            {"GET", "/w/{token}", Policy::link, serve(&PublicSite::in_browser)},
            {"GET", "/r", Policy::everybody, serve(&PublicSite::code_form)},
            {"GET", "/r/{code}", Policy::link, serve(&PublicSite::landing)},
            {"POST", "/r/{code}", Policy::link, serve(&PublicSite::interested)},
            {"GET", "/favicon.ico", Policy::everybody, Handler{no_icon}, false}};
}

}  // namespace carillon::server
