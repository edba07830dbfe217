// Why a message is where it is, in words of both languages.
#include <algorithm>
#include <array>

#include "reports/words.h"

namespace carillon::reports {

namespace {

struct Reason {
    std::string_view code{};
    Phrase words{};
};
constexpr std::array reasons{
    Reason{"no_contact", {"there is no address for this channel", "нет адреса для этого канала"}},
    Reason{"contact_invalid", {"the address is known to be bad", "адрес заведомо неверный"}},
    Reason{
        "no_consent",
        {"there is no consent for this channel and purpose", "нет согласия на этот канал и цель"}},
    Reason{"suppressed_address", {"the address is on the suppression list", "адрес в стоп-листе"}},
    Reason{"suppressed_client", {"the client is on the suppression list", "клиент в стоп-листе"}},
    Reason{"excluded", {"the client is in an excluded segment", "клиент в исключённом сегменте"}},
    Reason{"language",
           {"the campaign has no text in the client's language", "нет текста на языке клиента"}},
    Reason{
        "same_address",
        {"another client at the same address gets it", "получит другой клиент по тому же адресу"}},
    Reason{"household", {"another member of the household gets it", "получит другой член семьи"}},
    Reason{"quiet_hours",
           {"outside the hours in which the client may be contacted",
            "вне часов, когда можно обращаться"}},
    Reason{"capped", {"contacted as often as allowed", "достигнут предел обращений"}},
    Reason{"too_late", {"its time had passed", "время прошло"}},
    Reason{"no_longer_in_segment", {"no longer in the segment", "клиент вышел из сегмента"}},
    Reason{"campaign_cancelled", {"the campaign was cancelled", "кампания отменена"}},
    Reason{"cancelled_by_hand", {"a person cancelled it", "отменено человеком"}},
    Reason{"called_back", {"called back before it went on", "отозвано до отправки"}},
    Reason{"responded", {"the client had responded", "клиент уже ответил"}},
    Reason{"delivered_before", {"the step before had arrived", "предыдущий шаг дошёл"}},
    Reason{"no_usable_channel",
           {"none of the step's channels may be used", "ни один канал нельзя использовать"}},
    Reason{"no_channel_left", {"no channel of the step is left to try", "не осталось каналов"}},
    Reason{"wrong_number", {"wrong number", "неверный номер"}},
    Reason{"no_answer", {"no answer", "не отвечает"}},
    Reason{"paid", {"the client has paid", "клиент заплатил"}}};

// What the mails that came back meant (responses/mail_status.cpp and the rules file).
constexpr std::array bounces{
    Phrase{"the mailbox is full", "почтовый ящик переполнен"},
    Phrase{"our address or host is on a block list", "наш адрес или сервер в чёрном списке"},
    Phrase{"taken for spam", "сочтено спамом"},
    Phrase{"SPF, DKIM or DMARC did not pass", "не пройдена проверка SPF, DKIM или DMARC"},
    Phrase{"there is no such mailbox", "нет такого почтового ящика"},
    Phrase{"there is no such mail domain", "нет такого почтового домена"},
    Phrase{"the mailbox is disabled", "почтовый ящик отключён"},
    Phrase{"the account is disabled", "почтовый ящик отключён"},
    Phrase{"the recipient's domain does not exist or takes no mail",
           "домен получателя не существует или не принимает почту"},
    Phrase{"the recipient's domain takes no mail", "домен получателя не принимает почту"},
    Phrase{"the recipient's domain does not exist", "домен получателя не существует"},
    Phrase{"there is no way to the recipient's domain", "к домену получателя нет пути"},
    Phrase{"too much mail at once", "слишком много писем сразу"},
    Phrase{"refused by policy", "отклонено правилами получателя"},
    Phrase{"the message is too large", "письмо слишком велико"},
    Phrase{"the message went round in circles", "письмо ходит по кругу"},
    Phrase{"the recipient's mail system could not be reached",
           "почтовая система получателя недоступна"},
    Phrase{"trouble in the recipient's mail system", "неполадки в почтовой системе получателя"},
    Phrase{"the recipient's mail system has no room", "в почтовой системе получателя нет места"},
    Phrase{"the recipient's mail system takes no messages now",
           "почтовая система получателя сейчас не принимает писем"},
    Phrase{"the message was not delivered in time", "письмо не доставлено вовремя"},
    Phrase{"the connection broke", "связь прервалась"},
    Phrase{"the recipient's host does not answer", "сервер получателя не отвечает"},
    Phrase{"network trouble", "неполадки сети"},
    Phrase{"refused without a reason", "отклонено без объяснения"},
    Phrase{"refused for good", "отклонено окончательно"},
    Phrase{"given up without a reason", "отправка прекращена без объяснения"},
    Phrase{"something is wrong with the address", "с адресом что-то не так"},
    Phrase{"something is wrong with the mailbox", "с почтовым ящиком что-то не так"},
    Phrase{"the address is not valid", "адрес неверен"},
    Phrase{"the transaction failed", "почтовая система получателя не приняла письмо"}};

}  // namespace

std::string Words::reason(std::string_view code) const {
    const auto* known = std::ranges::find(reasons, code, &Reason::code);
    if (known != reasons.end()) return std::string{(*this)(known->words)};
    // "there is no such mailbox (5.1.1)": the words and the mail system's code.
    const auto bracket = code.rfind(" (");
    const auto* bounce = std::ranges::find(bounces, code.substr(0, bracket), &Phrase::english);
    if (bounce == bounces.end()) return std::string{code};
    const auto rest = bracket == std::string_view::npos ? std::string_view{} : code.substr(bracket);
    return std::string{(*this)(*bounce)} + std::string{rest};
}

}  // namespace carillon::reports
