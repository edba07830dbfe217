#include "channels/fax_mail_channel.h"

#include <utility>

namespace carillon::channels {

FaxMailChannel::FaxMailChannel(FaxMailSettings settings, EmailComposer composer,
                               const base::Clock& clock, OutcomeSink sink)
    : settings_(std::move(settings)),
      composer_(std::move(composer)),
      clock_(clock),
      sink_(std::move(sink)),
      text_{settings_.text, {}} {}

FaxMailChannel::~FaxMailChannel() = default;

base::Result<std::unique_ptr<Channel>> FaxMailChannel::create(FaxMailSettings settings,
                                                              EmailComposer composer,
                                                              const base::Clock& clock,
                                                              OutcomeSink sink,
                                                              const MakeChannel& make_email) {
    std::unique_ptr<FaxMailChannel> channel{
        new FaxMailChannel{std::move(settings), std::move(composer), clock, std::move(sink)}};
    auto email = make_email(
        [raw = channel.get()](std::vector<Report> reports) { raw->report(std::move(reports)); });
    if (!email) return base::fail(std::move(email.error()));
    channel->email_ = std::move(*email);
    return channel;
}

base::Result<void> FaxMailChannel::make_email(Message& message) const {
    const auto& fax = std::get<FaxPayload>(message.payload);
    auto number = dial_string(settings_.dial_rules, message.to);
    if (!number) return base::fail(std::move(number.error()));
    std::erase(*number, '+');
    const auto address = *number + "@" + settings_.gateway_domain;
    base::Pieces text;
    text.add(text_);
    auto email = composer_.compose(
        {.key = message.key,
         .envelope_from = settings_.from.address,
         .from = settings_.from,
         .to = {.name = {}, .address = address},
         .subject = settings_.subject,
         .text = &text,
         .date = clock_.now(),
         .attachments = {
             {.file_name = "fax.pdf", .content_type = "application/pdf", .bytes = fax.pdf}}});
    if (!email) return base::fail(std::move(email.error()));
    email->dsn_failure_only = true;
    message.to = address;
    message.payload = std::move(*email);
    return {};
}

void FaxMailChannel::send(std::vector<Message> batch) {
    std::vector<Message> emails;
    std::vector<Report> refused;
    for (auto& message : batch) {
        const auto* fax = std::get_if<FaxPayload>(&message.payload);
        if (fax == nullptr || fax->pdf.empty()) {
            refused.push_back({message.id, Rejected{"the payload is no fax"}});
            continue;
        }
        const int pages = fax->pages;
        if (const auto made = make_email(message); !made) {
            const bool bad = made.error().code == "fax.number_invalid";
            refused.push_back({message.id, Rejected{made.error().detail, bad}});
            continue;
        }
        {
            const std::scoped_lock lock{mutex_};
            pages_.emplace(message.id.value, pages);
        }
        emails.push_back(std::move(message));
    }
    if (!refused.empty()) sink_(std::move(refused));
    if (!emails.empty()) email_->send(std::move(emails));
}

void FaxMailChannel::report(std::vector<Report> reports) {
    for (auto& report : reports) {
        int pages = 1;
        {
            const std::scoped_lock lock{mutex_};
            if (const auto known = pages_.find(report.id.value); known != pages_.end())
                pages = pages_.extract(known).mapped();
        }
        if (auto* accepted = std::get_if<Accepted>(&report.outcome)) accepted->units = pages;
    }
    sink_(std::move(reports));
}

}  // namespace carillon::channels
