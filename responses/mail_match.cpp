#include "responses/mail_match.h"

#include <algorithm>
#include <cstdlib>

namespace carillon::responses {

namespace {

constexpr std::size_t looked_at_max = 40;

class Matcher {
public:
    Matcher(const ParsedMail& mail, const MailKeys& keys) : mail_(mail), keys_(keys) {}

    MailMatch run(const std::vector<std::string>& envelope) {
        for (const auto& address : envelope) try_address(address);
        for (const auto& [name, value] : mail_.headers) {
            const bool names_recipient = name == "to" || name == "cc" || name == "delivered-to" ||
                                         name == "x-original-to" || name == "envelope-to" ||
                                         name == "x-envelope-to" || name == "received" ||
                                         name == "x-forwarded-to";
            if (names_recipient) try_addresses(value);
        }
        // Of the mail that came back: where it was to return to.
        try_addresses(field(mail_.original, "return-path"));
        try_addresses(field(mail_.original, "sender"));
        try_addresses(field(mail_.feedback, "original-mail-from"));
        for (const auto& block : mail_.delivery_status)
            try_addresses(field(block, "x-postfix-sender"));
        if (found_) return {MatchedBy::address, found_};
        try_message_ids(field(mail_.original, "message-id"));
        try_message_ids(field(mail_.headers, "in-reply-to"));
        try_message_ids(field(mail_.headers, "references"));
        if (found_) return {MatchedBy::message_id, found_};
        return {forged_ ? MatchedBy::forged : MatchedBy::nothing, std::nullopt};
    }

private:
    void try_addresses(std::string_view text) {
        if (text.empty() || found_) return;
        for (const auto& address : addresses_in(text, looked_at_max)) try_address(address);
    }

    void try_address(std::string_view address) {
        for (const auto& verp : keys_.return_addresses) {
            if (found_) return;
            const auto id = verp.parse(address);
            if (id)
                found_ = *id;
            else
                forged_ = forged_ || id.error().code == "verp.forged";
        }
    }

    // "<17.0123456789abcdef@bank.example>", also several and without brackets.
    void try_message_ids(std::string_view text) {
        int seen = 0;
        while (!text.empty() && !found_ && seen++ < static_cast<int>(looked_at_max)) {
            const auto at = text.find('@');
            if (at == std::string_view::npos) return;
            auto key = text.substr(0, at);
            key.remove_prefix(key.find_last_of("< \t,") + 1);
            if (const auto id = keys_.messages.message_of_key(key)) found_ = *id;
            const auto dot = key.find('.');
            constexpr std::size_t hash_digits = 16;
            const bool looks_ours =
                dot != std::string_view::npos && dot > 0 && key.size() == dot + 1 + hash_digits &&
                key.substr(0, dot).find_first_not_of("0123456789") == std::string_view::npos;
            forged_ = forged_ || (looks_ours && !found_);
            text.remove_prefix(at + 1);
        }
    }

    const ParsedMail& mail_;
    const MailKeys& keys_;
    std::optional<base::MessageId> found_{};
    bool forged_{false};
};

}  // namespace

std::string_view name_of(MatchedBy by) {
    switch (by) {
        case MatchedBy::address: return "address";
        case MatchedBy::message_id: return "message_id";
        case MatchedBy::forged: return "forged";
        case MatchedBy::nothing: return "nothing";
    }
    std::abort();
}

MailMatch match(const ParsedMail& mail, const std::vector<std::string>& envelope,
                const MailKeys& keys) {
    return Matcher{mail, keys}.run(envelope);
}

}  // namespace carillon::responses
