#include "server/public_pages.h"

#include <array>
#include <map>
#include <stdexcept>

#include "base/digest.h"
#include "templates/compiled_template.h"

namespace carillon::server {

namespace {

using templates::FieldType;

constexpr std::string_view style =
    ":root{color-scheme:light dark}"
    "body{margin:0;background:#f2f4f8;color:#1c2333;font:17px/1.55 system-ui,-apple-system,'Segoe "
    "UI',"
    "Roboto,sans-serif}"
    "main{max-width:34rem;margin:8vh auto;padding:2.25rem;background:#fff;border-radius:14px;"
    "box-shadow:0 1px 2px rgba(20,30,60,.08),0 12px 32px rgba(20,30,60,.08)}"
    "h1{font-size:1.5rem;line-height:1.3;margin:0 0 1rem}p{margin:0 0 1rem}"
    "header{font-weight:600;color:#3c5a99;margin:0 0 1.5rem}"
    "footer{margin-top:2rem;padding-top:1rem;border-top:1px solid #e3e7ef;font-size:.875rem;"
    "color:#5b667d}"
    "button{font:inherit;font-weight:600;color:#fff;background:#1f55b5;border:0;border-radius:9px;"
    "padding:.75rem 1.5rem;cursor:pointer}button:hover{background:#184694}"
    "button:focus-visible,input:focus-visible,a:focus-visible{outline:3px solid #8fb4ff;"
    "outline-offset:2px}"
    "a{color:#1f55b5}table{border-collapse:collapse;width:100%;margin:0 0 1.25rem}"
    "th,td{text-align:left;padding:.6rem .25rem;border-bottom:1px solid #e3e7ef}"
    "td+td,th+th{text-align:center}th{font-size:.875rem;color:#5b667d}"
    "input[type=checkbox]{width:1.25rem;height:1.25rem}"
    "input[type=text]{font:inherit;padding:.7rem;border:1px solid #b9c2d3;border-radius:9px;"
    "width:100%;box-sizing:border-box;margin:.25rem 0 1rem}"
    ".mail{white-space:pre-wrap;overflow-wrap:anywhere;margin:0}"
    ".note{background:#e7f4ea;color:#17492a;border-radius:9px;padding:.75rem 1rem}"
    "@media (max-width:36rem){main{margin:0;min-height:100vh;border-radius:0;padding:1.5rem;"
    "box-sizing:border-box}}"
    "@media (prefers-color-scheme:dark){body{background:#12161f;color:#e6eaf2}"
    "main{background:#1b2130;box-shadow:none}header,a{color:#9dbcff}"
    "th,td,footer{border-color:#2e374b}th,footer{color:#a4afc4}"
    "input[type=text]{background:#12161f;color:#e6eaf2;border-color:#46516a}"
    ".note{background:#17492a;color:#dff5e5}}";

// What an e-mail may do in a browser: show itself, and open a link when it is clicked.
constexpr std::string_view mail_policy =
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; "
    "img-src https: data: 'self'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'";

// Words by name; what is in capitals is replaced before the template is compiled.
using Words = std::map<std::string_view, std::string_view>;

const Words& english() {
    static const Words words{
        {"UNSUB_TITLE", "Unsubscribe"},
        {"UNSUB_TEXT",
         "You will no longer get offers from us by {{channel}}. Messages about your "
         "contracts and accounts are not affected."},
        {"UNSUB_BUTTON", "Unsubscribe"},
        {"UNSUBBED_TITLE", "You are unsubscribed"},
        {"UNSUBBED_TEXT",
         "We will not send you offers by {{channel}} any more. A message that is "
         "already on its way may still arrive."},
        {"PREF_LINK", "Choose what you want to hear of"},
        {"PREF_TITLE", "What may we write to you about?"},
        {"PREF_TEXT",
         "Tick what you want to get. Messages that a contract or the law asks us to "
         "send are not listed."},
        {"PREF_OFFERS", "Offers"},
        {"PREF_SERVICE", "Service messages"},
        {"PREF_SAVE", "Save"},
        {"PREF_SAVED", "Your choice is saved."},
        {"CODE_TITLE", "Enter the code of your letter"},
        {"CODE_LABEL", "Code, for example 2F-7Q4M"},
        {"CODE_BUTTON", "Continue"},
        {"LAND_HELLO", "Thank you for coming"},
        {"LAND_TEXT",
         "You have received a message from us. Shall we get in touch with you about "
         "it?"},
        {"LAND_BUTTON", "Yes, please contact me"},
        {"THANKS_TITLE", "Thank you"},
        {"THANKS_TEXT", "We have noted your wish and will get in touch with you."},
        {"UNKNOWN_TITLE", "This link does not work"},
        {"UNKNOWN_TEXT",
         "It may be incomplete or too old: please open it once more from the message, or copy "
         "the whole of it. Nothing was changed."},
        {"LATER_TITLE", "Please try again in a minute"},
        {"LATER_TEXT", "We could not answer just now. Nothing was changed."},
        {"CONTACT", "Questions"}};
    return words;
}

const Words& russian() {
    static const Words words{
        {"UNSUB_TITLE", "Отписаться"},
        {"UNSUB_TEXT",
         "Мы больше не будем присылать вам предложения: {{channel}}. Сообщений о ваших "
         "договорах и счетах это не касается."},
        {"UNSUB_BUTTON", "Отписаться"},
        {"UNSUBBED_TITLE", "Вы отписаны"},
        {"UNSUBBED_TEXT",
         "Мы больше не пришлём вам предложений: {{channel}}. Сообщение, которое уже "
         "отправлено, ещё может прийти."},
        {"PREF_LINK", "Выбрать, о чём вам писать"},
        {"PREF_TITLE", "О чём вам можно писать?"},
        {"PREF_TEXT",
         "Отметьте, что вы хотите получать. Сообщения, которые мы обязаны отправлять по "
         "договору или по закону, здесь не перечислены."},
        {"PREF_OFFERS", "Предложения"},
        {"PREF_SERVICE", "Сервисные сообщения"},
        {"PREF_SAVE", "Сохранить"},
        {"PREF_SAVED", "Ваш выбор сохранён."},
        {"CODE_TITLE", "Введите код из письма"},
        {"CODE_LABEL", "Код, например 2F-7Q4M"},
        {"CODE_BUTTON", "Продолжить"},
        {"LAND_HELLO", "Спасибо, что зашли"},
        {"LAND_TEXT", "Вы получили от нас сообщение. Связаться с вами по этому поводу?"},
        {"LAND_BUTTON", "Да, свяжитесь со мной"},
        {"THANKS_TITLE", "Спасибо"},
        {"THANKS_TEXT", "Мы записали вашу просьбу и свяжемся с вами."},
        {"UNKNOWN_TITLE", "Ссылка не работает"},
        {"UNKNOWN_TEXT",
         "Возможно, она неполная или устарела: откройте её ещё раз из сообщения или скопируйте "
         "целиком. Ничего не изменено."},
        {"LATER_TITLE", "Попробуйте ещё раз через минуту"},
        {"LATER_TEXT", "Сейчас мы не смогли ответить. Ничего не изменено."},
        {"CONTACT", "Вопросы"}};
    return words;
}

constexpr std::string_view head =
    "<!doctype html>\n<html lang=\"LANGUAGE\"><head><meta charset=\"utf-8\">"
    "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
    "<meta name=\"robots\" content=\"noindex,nofollow\"><title>TITLE</title><style>";
constexpr std::string_view foot =
    "<footer>{{bank_name}}{{#bank_phone}} · CONTACT: {{bank_phone}}{{/bank_phone}}</footer></main>"
    "</body></html>\n";
// A box is written twice: a section may not begin within a tag.
std::string box(std::string_view purpose, std::string_view label) {
    const auto name = std::string{purpose};
    const auto input = "<input type=\"checkbox\" name=\"{{kind}}." + name +
                       "\" aria-label=\"{{label}}: " + std::string{label} + "\"";
    return "<td>{{#" + name + "}}" + input + " checked>{{/" + name + "}}{{^" + name + "}}" + input +
           ">{{/" + name + "}}</td>";
}

std::string boxes() {
    return "<form method=\"post\" action=\"/p/{{token}}\"><table><thead><tr><th></th>"
           "<th scope=\"col\">PREF_OFFERS</th><th scope=\"col\">PREF_SERVICE</th></tr></thead>"
           "<tbody>{{#rows}}<tr><td>{{label}}</td>" +
           box("marketing", "PREF_OFFERS") + box("service", "PREF_SERVICE") +
           "</tr>{{/rows}}</tbody></table><input type=\"hidden\" name=\"saved\" value=\"1\">"
           "<button>PREF_SAVE</button></form>";
}

struct Layout {
    Page page{};
    std::string_view title{};
    std::string body{};
};

std::vector<Layout> layouts() {
    const std::string pref_link = "<p><a href=\"/p/{{token}}\">PREF_LINK</a></p>";
    return {
        {Page::unsubscribe, "UNSUB_TITLE",
         "<p>UNSUB_TEXT</p><form method=\"post\" action=\"/u/{{token}}\"><p>"
         "<button>UNSUB_BUTTON</button></p></form>" +
             pref_link},
        {Page::unsubscribed, "UNSUBBED_TITLE", "<p>UNSUBBED_TEXT</p>" + pref_link},
        {Page::preferences, "PREF_TITLE", "<p>PREF_TEXT</p>" + boxes()},
        {Page::saved, "PREF_TITLE", "<p class=\"note\" role=\"status\">PREF_SAVED</p>" + boxes()},
        {Page::code_form, "CODE_TITLE",
         "<form method=\"get\" action=\"/r\"><label>CODE_LABEL<input type=\"text\" name=\"code\" "
         "autocomplete=\"off\" required "
         "maxlength=\"24\"></label><button>CODE_BUTTON</button></form>"},
        {Page::landing, "LAND_HELLO{{#first_name}}, {{first_name}}{{/first_name}}!",
         "<p>LAND_TEXT</p><form method=\"post\" "
         "action=\"/r/{{token}}\"><button>LAND_BUTTON</button>"
         "</form>"},
        {Page::thanks, "THANKS_TITLE", "<p>THANKS_TEXT</p>"},
        {Page::mail_text, "{{#subject}}{{subject}}{{/subject}}",
         "<p class=\"mail\">{{#pieces}}{{#url}}<a href=\"{{url}}\">{{url}}</a>{{/url}}"
         "{{#words}}{{words}}{{/words}}{{/pieces}}</p>"},
        {Page::unknown_link, "UNKNOWN_TITLE", "<p>UNKNOWN_TEXT</p>"},
        {Page::later, "LATER_TITLE", "<p>LATER_TEXT</p>"}};
}

std::string with_words(std::string text, const Words& words) {
    for (const auto& [name, word] : words)
        for (auto at = text.find(name); at != std::string::npos; at = text.find(name, at))
            text.replace(at, name.size(), word);
    return text;
}

std::string html_of(const Layout& layout, std::string_view language, const Words& words) {
    std::string html{head};
    html.replace(html.find("LANGUAGE"), 8, language);
    html.replace(html.find("TITLE"), 5, layout.title);
    html.append(style).append("</style></head><body><main><header>{{bank_name}}</header><h1>");
    html.append(layout.title).append("</h1>").append(layout.body).append(foot);
    return with_words(std::move(html), words);
}

const templates::FieldCatalog& catalog() {
    using templates::Origin;
    static const templates::FieldCatalog fields{
        {.name = "bank_name"},
        {.name = "bank_phone"},
        {.name = "first_name"},
        {.name = "channel"},
        {.name = "token", .origin = Origin::program},
        {.name = "subject"},
        {.name = "pieces",
         .type = FieldType::list,
         .elements = {{.name = "words"}, {.name = "url", .origin = Origin::program}}},
        {.name = "rows",
         .type = FieldType::list,
         .elements = {{.name = "label"},
                      {.name = "kind"},
                      {.name = "marketing", .type = FieldType::boolean},
                      {.name = "service", .type = FieldType::boolean}}}};
    return fields;
}

std::string channel_in_words(base::ChannelKind channel, bool is_russian) {
    using base::ChannelKind;
    switch (channel) {
        case ChannelKind::email: return is_russian ? "электронная почта" : "e-mail";
        case ChannelKind::sms: return is_russian ? "SMS" : "text message";
        case ChannelKind::fax: return is_russian ? "факс" : "fax";
        case ChannelKind::letter: return is_russian ? "письмо" : "letter";
        case ChannelKind::call: return is_russian ? "телефонный звонок" : "telephone";
    }
    std::abort();
}

bool is_russian(std::string_view locale) {
    return locale.starts_with("ru");
}

base::Json values_of(const PublicPages::BankWords& bank, const PageFacts& facts) {
    const bool russian_words = is_russian(facts.locale);
    base::Json values{base::Json::Object{}};
    const auto add = [&](const char* name, const std::string& text) {
        if (!text.empty()) values.set(name, text);
    };
    add("bank_name", bank.name);
    add("bank_phone", bank.phone);
    add("first_name", facts.first_name);
    add("token", facts.token);
    add("channel", channel_in_words(facts.channel, russian_words));
    base::Json::Array rows;
    for (const auto& choice : facts.choices) {
        const std::string kind{name_of(choice.channel)};
        if (rows.empty() || *rows.back().find("kind")->text() != kind) {
            base::Json row{base::Json::Object{}};
            row.set("label", channel_in_words(choice.channel, russian_words));
            row.set("kind", kind);
            rows.push_back(std::move(row));
        }
        rows.back().set(std::string{name_of(choice.purpose)}, choice.wanted);
    }
    values.set("rows", base::Json{std::move(rows)});
    add("subject", facts.subject);
    base::Json::Array pieces;
    for (const auto& piece : facts.text) {
        base::Json one{base::Json::Object{}};
        if (!piece.url.empty()) one.set("url", piece.url);
        if (!piece.words.empty()) one.set("words", piece.words);
        pieces.push_back(std::move(one));
    }
    values.set("pieces", base::Json{std::move(pieces)});
    return values;
}

Response page_of(int status, std::string html, std::string_view policy, std::string_view language) {
    auto response = Response::of(status, "text/html; charset=utf-8", std::move(html));
    response.set("Content-Security-Policy", policy)
        .set("Cache-Control", "no-store")
        .set("Content-Language", language)
        .set("Referrer-Policy", "no-referrer")
        .set("X-Content-Type-Options", "nosniff")
        .set("X-Robots-Tag", "noindex, nofollow");
    return response;
}

}  // namespace

struct PublicPages::Compiled {
    std::map<Page, templates::CompiledTemplate> pages;
    std::string policy;  // Content-Security-Policy
};

PublicPages::PublicPages(BankWords bank) : bank_(std::move(bank)) {
    auto compiled = std::make_unique<Compiled>();
    for (const auto& layout : layouts()) {
        templates::TemplateDocument document{.name = "page", .default_locale = "en"};
        document.locales["en"] = {.subject = "page", .html = html_of(layout, "en", english())};
        document.locales["ru"] = {.subject = "page", .html = html_of(layout, "ru", russian())};
        auto made = templates::compile(document, catalog());
        if (!made) throw std::logic_error{"public page: " + made.error().text()};
        compiled->pages.emplace(layout.page, std::move(*made));
    }
    compiled->policy = "default-src 'none'; style-src 'sha256-" +
                       base::to_base64(base::sha256(style)) +
                       "'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
    compiled_ = std::move(compiled);
}

PublicPages::~PublicPages() = default;

Response PublicPages::show(Page page, const PageFacts& facts, int status) const {
    const auto& compiled = compiled_->pages.at(page);
    templates::RenderData data{compiled.fields()};
    base::Problems problems;
    data.read_json(values_of(bank_, facts), problems);
    templates::RenderedMessage rendered;
    const auto done = compiled.render(data, is_russian(facts.locale) ? "ru" : "en", rendered);
    if (!done || !problems.empty())
        throw std::logic_error{"public page: " +
                               (done ? problems.front().text() : done.error().text())};
    return page_of(status, rendered.html.flat(), compiled_->policy,
                   is_russian(facts.locale) ? "ru" : "en");
}

Response show_mail(const std::string& locale, std::string html) {
    return page_of(200, std::move(html), mail_policy, locale);
}

std::string locale_of_browser(std::string_view accept_language) {
    return is_russian(accept_language) ? "ru" : "en";
}

std::vector<TextPiece> pieces_of(std::string_view text) {
    constexpr std::string_view white = " \t\r\n<>\"";
    constexpr std::string_view marks = ".,;:!?)]}'";
    std::vector<TextPiece> pieces;
    const auto say = [&](std::string_view words) {
        if (!words.empty()) pieces.push_back({std::string{words}, {}});
    };
    std::size_t said = 0;
    for (auto at = text.find("http"); at != text.npos; at = text.find("http", at + 1)) {
        const auto rest = text.substr(at);
        const bool is_link = rest.starts_with("https://") || rest.starts_with("http://");
        if (at < said || !is_link) continue;
        auto url = rest.substr(0, rest.find_first_of(white));
        while (marks.find(url.back()) != marks.npos) url.remove_suffix(1);
        if (url.ends_with("//")) continue;
        say(text.substr(said, at - said));
        pieces.push_back({{}, std::string{url}});
        said = at + url.size();
    }
    say(text.substr(said));
    return pieces;
}

}  // namespace carillon::server
