#include "app/program.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/digest.h"
#include "base/text.h"
#include "db/queries.h"
#include "responses/inbound.h"
#include "scheduler/dispatcher_identity.h"

namespace carillon::app {

namespace {

namespace fs = std::filesystem;

std::optional<std::string> read_line(const fs::path& path) {
    std::ifstream file{path};
    std::string line;
    if (!std::getline(file, line)) return std::nullopt;
    return std::string{base::trim(line)};
}

// Readable by the owner only, and whole or not there at all.
void write_private(const fs::path& path, const std::string& content) {
    const auto temporary = path.string() + ".new";
    const int file = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0) throw std::runtime_error{"cannot write " + temporary};
    const auto written = ::write(file, content.data(), content.size());
    const bool good = written == static_cast<ssize_t>(content.size()) && ::fsync(file) == 0;
    ::close(file);
    if (!good) throw std::runtime_error{"cannot write " + temporary};
    fs::rename(temporary, path);
}

// The folder of a print house and the memory of a fax server have one opener at a time.
void set_folder_apart(base::Json& settings) {
    if (const auto* folder = settings.find("folder");
        folder != nullptr && folder->text() != nullptr)
        settings.set("folder", *folder->text() + "-test");
}

}  // namespace

std::string user_of_the_system() {
    for (const char* variable : {"CARILLON_USER", "USER", "LOGNAME"})
        if (const char* name = std::getenv(variable); name != nullptr && *name != '\0') return name;
    return "uid" + std::to_string(getuid());
}

Program::Program(Config config, std::string actor)
    : config_(std::move(config)), actor_(std::move(actor)), clock_(&real_clock_) {}

Program::~Program() = default;

base::ManualClock& Program::simulate_time(base::Instant start) {
    if (simulated_) {  // others may hold it already
        simulated_->set(start);
        return *simulated_;
    }
    simulated_ = std::make_unique<base::ManualClock>(start);
    clock_ = simulated_.get();
    return *simulated_;
}

db::DatabaseSettings Program::database_settings() const {
    db::DatabaseSettings settings;
    settings.engine =
        config_.text("database.engine") == "mariadb" ? db::Engine::mariadb : db::Engine::sqlite;
    settings.path = config_.text("database.path");
    settings.host = config_.text("database.host");
    settings.port = static_cast<int>(config_.integer("database.port"));
    settings.socket = config_.text("database.socket");
    settings.schema = config_.text("database.schema");
    settings.user = config_.text("database.user");
    settings.tls_ca_file = config_.text("database.tls_ca");
    settings.connections_max = static_cast<int>(config_.integer("database.connections"));
    // Whoever takes over from a frozen process finds its locks gone.
    settings.idle_transaction_seconds =
        std::min(settings.idle_transaction_seconds,
                 static_cast<int>(config_.integer("dispatch.heartbeat_seconds")));
    if (const auto file = config_.text("database.password_file"); !file.empty()) {
        const auto password = read_line(file);
        if (!password || password->empty())
            throw db::DbError{db::DbFault::other, "database.password_file",
                              "'" + file + "' cannot be read or its first line is empty"};
        settings.password = *password;
    }
    return settings;
}

db::Database& Program::database() {
    if (!database_) database_ = std::make_unique<db::Database>(database_settings());
    return *database_;
}

db::Database& Program::migrated_database() {
    const bool first = !database_;
    auto& database = this->database();
    if (first && !database.is_migrated())
        throw db::DbError{db::DbFault::other, "open",
                          "the database is not up to date; run `carillon migrate` first"};
    return database;
}

std::string Program::data_folder() const {
    if (config_.text("database.engine") == "mariadb") return fs::current_path().string();
    return fs::absolute(config_.text("database.path")).parent_path().string();
}

std::string Program::state_folder() const {
    const auto folder = config_.text("state.folder");
    return folder.empty() ? data_folder() : folder;
}

const std::string& Program::audit_key() {
    if (!audit_key_.empty()) return audit_key_;
    const auto path = fs::path{state_folder()} / "audit.key";
    if (auto known = read_line(path)) return audit_key_ = *known;
    fs::create_directories(state_folder());
    write_private(path, base::to_hex(base::random_bytes(32)) + "\n");
    return audit_key_ = read_line(path).value();
}

std::string Program::instance_secret() {
    return migrated_database().read()->value<std::string>(db::queries::instance_secret).value();
}

std::optional<db::AuditHead> Program::checkpoint() const {
    const auto line = read_line(fs::path{state_folder()} / "audit.checkpoint");
    if (!line) return std::nullopt;
    std::istringstream words{*line};
    db::AuditHead head;
    if (!(words >> head.seq >> head.hash)) return std::nullopt;
    return head;
}

void Program::keep_checkpoint() {
    const std::scoped_lock lock{checkpoint_mutex_};
    const auto head =
        database().read()->one<db::AuditHead>(db::queries::audit_last, {}, [](const db::Row& row) {
            return db::AuditHead{row.get<std::int64_t>(0), row.get<std::string>(1)};
        });
    if (head && head != checkpoint())
        write_private(fs::path{state_folder()} / "audit.checkpoint",
                      std::to_string(head->seq) + " " + head->hash + "\n");
}

scheduler::BankIdentity Program::bank() const {
    return {config_.text("bank.name"), config_.text("bank.phone"), config_.text("bank.url"),
            config_.text("bank.currency"), config_.text("public.url")};
}

base::Result<void> Program::keep_flights() {
    auto made = scheduler::FlightLog::create(fs::path{state_folder()} / "flights",
                                             scheduler::own_process());
    if (!made) return base::fail(made.error());
    flights_ = std::move(*made);
    return {};
}

desk::Workshop Program::workshop(const scheduler::Composer& composer) {
    return {bank(), composer,
            [this](const db::Document& channel) { return this->composer(channel); }, data_folder(),
            [this](const db::Document& channel, channels::OutcomeSink outcomes) {
                return open_apart(channel, std::move(outcomes));
            }};
}

base::Result<channels::OpenedChannel> Program::open_apart(const db::Document& channel,
                                                          channels::OutcomeSink outcomes) {
    auto json = base::Json::parse(channel.content, channel.name);
    if (!json) return base::fail(json.error());
    set_folder_apart(*json);
    for (const char* part : {"print_house", "hylafax", "ipp"})
        if (const auto* found = json->find(part); found != nullptr && found->object() != nullptr) {
            auto apart = *found;
            set_folder_apart(apart);
            json->set(part, std::move(apart));
        }
    const auto config = channels::parse_channel(*json, data_folder());
    if (!config) return base::fail(config.error().front());
    channels::ChannelSinks sinks;
    sinks.outcomes = std::move(outcomes);
    // Not ours to take in: the provider gives it to the one that sends.
    sinks.receipts = [](const auto&) { return false; };
    sinks.inbound = [](const auto&) { return false; };
    return channels::open_channel(*config, *clock_, std::move(sinks),
                                  {instance_secret(), config_.text("sandbox.durable") != "no"});
}

scheduler::Outlet* Program::outlet(const db::Document& channel) {
    const auto known = outlets_.find(channel.id.value);
    if (known != outlets_.end()) {
        only_listening_.erase(channel.id.value);
        return known->second.get();
    }
    // Two versions of the same folder or account cannot always be open together.
    std::erase_if(only_listening_, [&](std::int64_t id) {
        return outlets_.at(id)->facts.name == channel.name && outlets_.erase(id) == 1;
    });
    auto opened = open_outlet(channel);
    if (!opened) {
        problem_ = "channel " + channel.name + ": " + opened.error().text();
        return nullptr;
    }
    return outlets_.emplace(channel.id.value, std::move(*opened)).first->second.get();
}

bool Program::listen_to(const db::Document& channel) {
    const bool is_open = std::ranges::any_of(
        outlets_, [&](const auto& entry) { return entry.second->facts.name == channel.name; });
    if (is_open) return true;
    if (outlet(channel) == nullptr) return false;
    only_listening_.insert(channel.id.value);
    return true;
}

// What was in doubt when a process died is asked for as soon as another one has taken over: the fax
// server's memory must last until then, and for the asking.
base::Result<void> Program::check_memory(const channels::ChannelConfig& config) const {
    const auto* fax = std::get_if<channels::FaxSettings>(&config.settings);
    if (fax == nullptr || fax->transport != channels::FaxTransport::hfaxd) return {};
    const std::chrono::seconds takeover{config_.integer("dispatch.heartbeat_seconds")};
    constexpr std::chrono::minutes asking{1};
    if (fax->hfaxd.sender.forgets_after > takeover + asking) return {};
    return base::fail("fax.forgets_too_soon",
                      "forgets_after_minutes must be longer than dispatch.heartbeat_seconds (" +
                          std::to_string(takeover.count()) +
                          ") and a minute: a fax that was in doubt would be asked for too late");
}

base::Result<std::unique_ptr<scheduler::Outlet>> Program::open_outlet(const db::Document& channel) {
    const auto json = base::Json::parse(channel.content, channel.name);
    if (!json) return base::fail(json.error());
    const auto config = channels::parse_channel(*json, data_folder());
    if (!config) return base::fail(config.error().front());
    if (auto done = check_memory(*config); !done) return base::fail(std::move(done.error()));
    if (!receipts_) {
        keys_ = std::make_unique<campaigns::MessageKeys>(instance_secret());
        receipts_ = std::make_unique<responses::Receipts>(database(), *clock_, *keys_);
    }
    channels::ChannelSinks sinks;
    sinks.outcomes = [this](std::vector<channels::Report> reports) {
        inbox_.push(std::move(reports));
    };
    sinks.receipts = [this, name = config->facts.name](const auto& receipts) {
        return receipts_->take(name, receipts);
    };
    if (flights_) sinks.begins = [this](base::MessageId id) { flights_->begin(id); };
    sinks.inbound = [this, facts = config->facts](const auto& messages) {
        return responses::take_inbound(database(), *clock_, facts.name, facts.kind, messages);
    };
    auto opened =
        channels::open_channel(*config, *clock_, std::move(sinks),
                               {instance_secret(), config_.text("sandbox.durable") != "no"});
    if (!opened) return base::fail(opened.error());
    return std::make_unique<scheduler::Outlet>(scheduler::Outlet{
        channel.id, std::move(opened->channel), std::move(opened->compose), opened->facts});
}

base::Result<channels::ContentComposer> Program::composer(const db::Document& channel) {
    const auto json = base::Json::parse(channel.content, channel.name);
    if (!json) return base::fail(json.error());
    const auto config = channels::parse_channel(*json, data_folder());
    if (!config) return base::fail(config.error().front());
    return channels::open_composer(*config, {instance_secret()});
}

std::vector<scheduler::Outlet*> Program::outlets() const {
    std::vector<scheduler::Outlet*> all;
    for (const auto& [id, outlet] : outlets_) all.push_back(outlet.get());
    return all;
}

}  // namespace carillon::app
