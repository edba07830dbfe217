// The words of stop_words.cpp, case-folded, parted by spaces; "отпис*" is any word that begins so.
#pragma once

#include <array>
#include <string_view>

namespace carillon::responses::lists {

// An order by themselves. Of the first line also with up to two unknown words behind them ("стоп
// спамить", "STOP OFFERS2"), where that cannot be a matter of money.
inline constexpr std::string_view keywords =
    "stop stopall stopp unsubscri* optout стоп отписка отписать отписаться отпишите отпиши "
    "отпишись відпис* відпиш* abmelden "
    "abbestell* afmelden desabonn* désabonn* disiscriv*";
// An order with politeness and what it is about around it, and nothing else.
inline constexpr std::string_view orders =
    "отпис* отпиш* otpis* arret arrêt arrêtez arretez désinscri* desinscri* austragen abmeld* baja "
    "darmebaja desuscri* "
    "cancellami cancellatemi descadastr* uitschrij* afmeld avmeld* avregistrera wypis* zrušit "
    "zrusit odhlás* odhlas* leiratkoz* dezabon* abonelikten хватит прекратите отменитеподписку "
    "тоқтату тоқтат тоқтатыңыз 退订 退訂 διαγραφή";
// An order only beside a word of what it is about: "cancel my card" is none.
inline constexpr std::string_view removals =
    "remove delete exclude cancel take end quit streichen löschen entfernen nehmen supprim* "
    "retir* enlev* elimin* borr* quitar quite cancelar cancella* rimuov* togli* remov* exclu* "
    "verwijder* usuń usunąć usun* удал* убер* убрать исключ* вычеркн* отмен* отказ* откаж* "
    "прекрат* перестань* видал* приберіть";
// An order where nothing else is said, not even politeness.
inline constexpr std::string_view lone =
    "remove cancel end quit revoke konec alto отмена нет remover cancelar iptal";
// What the orders are about.
inline constexpr std::string_view subjects =
    "list lists mailing mailings newsletter newsletters mail mails email emails subscription "
    "messages sms ads spam advertising offers verteiler werbung liste courriels abonnement lista "
    "correos suscripción boletín iscrizione inscrição inscricao assinatura lijst nieuwsbrief listy "
    "newslettera рассыл* подписк* письм* писем сообщени* смс спам* реклам* баз* спис* розсил* "
    "розсилк* листів";
// Turn the order or request behind them around.
inline constexpr std::string_view negations =
    "not don dont doesn never nicht keine kein keinen ne pas não nie не нету ні";
// "No" begins answers too: it turns a request to get something around, but no order.
inline constexpr std::string_view soft_negations = "no non";
// Orders when negated: "не присылайте".
inline constexpr std::string_view requests =
    "send sending contact write text присылайте присылать присылай шлите слать шли пишите писать "
    "отправляйте отправлять отсылайте беспокоить беспокойте надсилайте надсилати пишіть schicken "
    "senden schicke schickt envoyez envoyer écrivez envíen enviar manden mandar inviate inviare "
    "inviatemi wysyłajcie wysyłać przysyłać przysyłajcie posílejte zasílejte posílat stuur sturen";
// Orders when negated and wished: "не хочу получать".
inline constexpr std::string_view receipts =
    "receive get have получать erhalten bekommen recevoir recibir ricevere receber otrzymywać "
    "dostawać отримувати ontvangen dostávat";
inline constexpr std::string_view wishes =
    "want wish like need хочу хотим желаю хотел хотела нужн* möchte will wünsche veux souhaite "
    "quiero deseo quero chcę życzę voglio desidero wil chci хочемо";
// What people say around an order without changing it.
inline constexpr std::string_view fillers =
    "t m n l d s do again interested please pls kindly thanks thank you me my address addresses "
    "from your the this "
    "that these of "
    "all any to with message more now immediately at once off out up i would am we us our in very "
    "much again anymore emailing mailen texting it bitte mich mir danke vom von der dem den aus "
    "ihrem ihrer ihren sie mehr ich weiteren ab çık iste svp merci moi vos de la le les des je "
    "plus vous "
    "s'il plaît plait cette por favor gracias mi mis su sus el los del más mas dar darme darse per "
    "favore dalla dalle dal mia mio grazie proszę o z mnie dziękuję prosím děkuji mě uit van mij "
    "alstublieft пожалуйста прошу спасибо меня мне мой мою нам нас от из с со всех вашей ваших "
    "вашего ваши ваш ваша вашу эту эти этой этих это данн* моего моей моя адрес адреса почт* "
    "электронн* "
    "эл e больше более впредь надо нужно никогда всего все банк* присылать присылайте слать "
    "спамить срочно немедленно "
    "предложени* оферт* мені мене будь ласка від вашої дякую menya pojaluista pozhaluysta rassilki "
    "ot "
    "hello hi dear sir madam sirs bank guten tag hallo bonjour здравствуйте добрый доброе день "
    "вечер утро банк и and und et y уважаем* sehr geehrte damen herren";
// Money and contracts: "stop my card" is for a person, at once.
inline constexpr std::string_view matters =
    "card* cheque* check* payment* pay paying transfer* account* order* deposit* loan* credit* "
    "debit* direct* fee* charg* autopay* loss limit* contract* карт* плат* оплат* перевод* счет* "
    "счёт* вклад* кредит* заявк* списан* автоплат* услуг* лист* договор* процент* операци* "
    "zahlung* karte* konto* tarjeta* pago* cuenta* carte* paiement* virement* compte* кошел*";
inline constexpr std::string_view starts = "start unstop старт подписка подписаться подпишите";

inline constexpr std::array<std::string_view, 25> phrases{"opt me out",
                                                          "opt out",
                                                          "sign off",
                                                          "sign me off",
                                                          "remove me",
                                                          "take me off",
                                                          "delete me",
                                                          "no more",
                                                          "leave me alone",
                                                          "dar de baja",
                                                          "darme de baja",
                                                          "melden sie mich ab",
                                                          "melden sie mich vom newsletter ab",
                                                          "keine weiteren",
                                                          "keine werbung mehr",
                                                          "streichen sie mich",
                                                          "ne plus recevoir",
                                                          "ne m envoyez plus",
                                                          "no me envíen más",
                                                          "no me mandes más",
                                                          "удалите меня",
                                                          "уберите меня",
                                                          "исключите меня",
                                                          "оставьте меня в покое",
                                                          "больше не пишите"};
inline constexpr std::array<std::string_view, 16> closings{
    "best regards", "kind regards",      "regards",       "best wishes",
    "sincerely",    "с уважением",       "всего доброго", "mit freundlichen grüßen",
    "viele grüße",  "freundliche grüße", "cordialement",  "bien cordialement",
    "saludos",      "cordiali saluti",   "pozdrawiam",    "s pozdravem"};
inline constexpr std::string_view greetings =
    "hello hi dear guten hallo bonjour здравствуйте здравствуй добрый доброе уважаем* sehr "
    "вітаю buenos hola dobrý dzień";

}  // namespace carillon::responses::lists
