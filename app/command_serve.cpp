// serve: the HTTP server with everything its routes need, and beside it what `run` does.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <iterator>
#include <mutex>

#include "app/commands.h"
#include "app/duties.h"
#include "app/errands.h"
#include "app/side_front.h"
#include "app/stop_signal.h"
#include "app/webhook_commands.h"
#include "base/local_date.h"
#include "base/text.h"
#include "campaigns/pictures.h"
#include "server/api.h"
#include "server/endpoints.h"
#include "server/preview_shelf.h"
#include "server/tracking_writer.h"
#include "server/web_assets.h"

namespace carillon::app {

namespace {

using namespace std::chrono_literals;

constexpr std::chrono::seconds stop_patience{10};

std::vector<std::string> trusted_proxies(const Config& config) {
    std::vector<std::string> addresses;
    for (const auto one : base::split(config.text("server.trusted_proxies"), ','))
        if (const auto address = base::trim(one); !address.empty()) addresses.emplace_back(address);
    return addresses;
}

base::Result<server::HttpServerSettings> server_settings(const Config& config) {
    server::HttpServerSettings settings;
    settings.address = config.text("server.address");
    settings.port = static_cast<int>(config.integer("server.port"));
    settings.limits.body_bytes = static_cast<std::size_t>(config.integer("server.body_bytes"));
    settings.limits.uploads = {
        {{"/api/v1/imports", static_cast<std::size_t>(config.integer("server.import_bytes"))},
         {"/api/v1/pictures", campaigns::picture_bytes_max}}};
    settings.connections_max = static_cast<std::size_t>(config.integer("server.connections"));
    settings.idle_time = std::chrono::seconds{config.integer("server.idle_seconds")};
    settings.head_time = std::chrono::seconds{config.integer("server.head_seconds")};
    settings.body_time = std::chrono::seconds{config.integer("server.body_seconds")};
    const auto certificate = config.text("server.tls_certificate");
    if (certificate.empty()) return settings;
    auto identity = server::TlsIdentity::load(certificate, config.text("server.tls_key"));
    if (!identity) return base::fail(identity.error());
    settings.tls = std::move(*identity);
    return settings;
}

// The built app: where the settings say, else beside the program as it was built, else where it was
// installed. Empty: there is none.
std::string web_root(const Config& config) {
    namespace fs = std::filesystem;
    if (const auto& given = config.text("server.web_root"); !given.empty()) return given;
    std::error_code failed;
    const auto program = fs::read_symlink("/proc/self/exe", failed).parent_path();
    for (const auto* place : {"web", "../share/carillon/web"})
        if (const auto folder = program / place; fs::exists(folder / "index.html", failed))
            return folder.lexically_normal().string();
    return {};
}

access::PasswordCost password_cost(const Config& config) {
    return {static_cast<std::size_t>(config.integer("access.password_memory")),
            static_cast<unsigned>(config.integer("access.password_passes"))};
}

access::SessionSettings session_settings(const Config& config) {
    return {.idle = std::chrono::minutes{config.integer("access.session_idle_minutes")},
            .longest = std::chrono::hours{config.integer("access.session_hours")},
            .free_tries = static_cast<int>(config.integer("access.free_tries"))};
}

bool secure_cookies(const Config& config) {
    const auto wanted = config.text("access.secure_cookies");
    return wanted == "yes" || (wanted == "auto" && !config.text("server.tls_certificate").empty());
}

// A report takes two connections at one time: enough must be left for it to get its second.
int heavy_workers(const Config& config) {
    return static_cast<int>(std::max<std::int64_t>(
        1, std::min(config.integer("server.workers"), config.integer("database.connections") / 2)));
}

// Everything the routes borrow, in the order in which it may be destroyed backwards.
class WebFront {
public:
    explicit WebFront(Program& program)
        : program_(program),
          composer_(program.instance_secret(), program.config().text("public.url")),
          receipts_(program.migrated_database(), program.clock(), composer_.keys()),
          passwords_(password_cost(program.config())),
          sessions_(program.migrated_database(), program.real_clock(), passwords_, on_door(),
                    session_settings(program.config())),
          office_(office_parts()),
          api_{office_,
               sessions_,
               passwords_,
               secure_cookies(program.config()),
               program.config().text("bank.name"),
               [&program] { return program.checkpoint(); },
               [this](const server::Request& request, const std::string& html) {
                   return frame(request, html);
               },
               webhook_limits(program.config())},
          shelf_(program.real_clock()),
          logs_(program.config().text("server.access_log") == "yes"),
          router_(routes(),
                  {.workers = static_cast<int>(program.config().integer("server.workers")),
                   .trusted_proxies = trusted_proxies(program.config()),
                   .heavy_workers = heavy_workers(program.config())},
                  [this](const server::Access& access) { note(access); }) {}

    base::Result<void> start() {
        if (failure_) return base::fail(*failure_);
        auto settings = server_settings(program_.config());
        if (!settings) return base::fail(settings.error());
        auto started = server::HttpServer::start(
            std::move(*settings), program_.real_clock(),
            [this](server::Request request, server::Responder responder) {
                router_.dispatch(std::move(request), std::move(responder));
            },
            [](int status) { return server::problem(status); });
        if (!started) return base::fail(started.error());
        server_ = std::move(*started);
        return {};
    }
    void stop() {
        server_->stop(stop_patience);
        for (auto* side : {&previews_, &public_})
            if (*side) (*side)->stop(stop_patience);
    }
    // Receipts that came while another process was still recording the outcome.
    void apply_waiting() {
        try {
            receipts_.apply_waiting();
        } catch (const db::DbError& error) {
            if (error.what() == last_trouble_) return;
            last_trouble_ = error.what();
            std::cerr << "carillon: receipts: " << last_trouble_ << '\n';
        }
    }
    // Launches that were not taken back, where nothing else in this process plans.
    void start_due() {
        try {
            start_due_launches(program_);
        } catch (const db::DbError& error) {
            if (error.what() == last_trouble_) return;
            last_trouble_ = error.what();
            std::cerr << "carillon: launches: " << last_trouble_ << '\n';
        }
    }
    std::string url() const { return address_at(server_->port()); }

private:
    std::vector<server::Route> routes() {
        std::vector<server::Route> all;
        const auto add = [&](std::vector<server::Route> more) {
            std::ranges::move(more, std::back_inserter(all));
        };
        auto& database = program_.migrated_database();
        add(server::health_routes(
            {database, program_.clock(), metrics_, [this] { return server_->counts(); }}));
        add(server::callback_routes(
            {database, program_.clock(), receipts_, composer_, program_.data_folder()}));
        auto for_clients =
            server::public_routes({database, program_.clock(), composer_.keys(), program_.bank()});
        std::ranges::move(
            server::tracking_routes({database, program_.clock(), composer_.keys(), metrics_}),
            std::back_inserter(for_clients));
        if (const auto port = program_.config().integer("server.public_port"); port != 0)
            public_ = beside(static_cast<int>(port), with_pictures(std::move(for_clients)));
        else
            add(std::move(for_clients));
        previews_ = beside(static_cast<int>(program_.config().integer("server.preview_port")),
                           with_pictures(server::preview_routes(shelf_)));
        all = with_pictures(std::move(all));  // the app shows them, too
        add(server::api_routes(api_));
        add(web_app_routes());
        return all;
    }

    std::vector<server::Route> with_pictures(std::vector<server::Route> routes) {
        std::ranges::move(server::picture_routes({program_.migrated_database(), program_.bank()}),
                          std::back_inserter(routes));
        return routes;
    }

    std::vector<server::Route> web_app_routes() {
        const auto folder = web_root(program_.config());
        if (folder.empty()) return {};
        auto assets = server::WebAssets::load(folder);
        if (!assets) {
            failure_ = assets.error();
            return {};
        }
        if (previews_) assets->allow_frames(preview_origin());
        return server::web_routes(std::make_shared<server::WebAssets>(std::move(*assets)));
    }

    // Another listener, or nothing and `failure_`.
    std::unique_ptr<SideFront> beside(int port, std::vector<server::Route> routes) {
        auto settings = server_settings(program_.config());
        if (!settings) {
            failure_ = settings.error();
            return {};
        }
        settings->port = port;
        auto started =
            SideFront::start(std::move(*settings),
                             {.workers = 2, .trusted_proxies = trusted_proxies(program_.config())},
                             std::move(routes), program_.real_clock(),
                             [this](const server::Access& access) { note(access); });
        if (!started) {
            failure_ = started.error();
            return {};
        }
        return std::move(*started);
    }

    std::string address_at(int port) const {
        const bool tls = !program_.config().text("server.tls_certificate").empty();
        return fmt::format("{}://{}:{}", tls ? "https" : "http",
                           program_.config().text("server.address"), port);
    }
    std::string preview_origin() const {
        auto given = program_.config().text("server.preview_url");
        while (given.ends_with('/')) given.pop_back();
        return given.empty() ? address_at(previews_->port()) : given;
    }
    // A browser that reaches the API under another name than our own address (through a proxy)
    // would not find the preview's port either: then the settings have to say where it is.
    std::string frame(const server::Request& request, const std::string& html) {
        const auto& config = program_.config();
        if (config.text("server.preview_url").empty()) {
            const auto host = request.header("Host");
            const auto name = host.substr(0, host.rfind(':'));
            const bool is_here =
                name == config.text("server.address") ||
                (name == "localhost" && config.text("server.address") == "127.0.0.1");
            if (request.through_proxy || !is_here) return {};
        }
        const auto ticket = shelf_.put(
            server::without_foreign_pictures(html, config.text("public.url"), preview_origin()));
        return ticket.empty() ? ticket : preview_origin() + "/v/" + ticket;
    }

    access::OnDoor on_door() {
        return [key = program_.audit_key(), this](
                   db::Connection& connection, const std::string& user, std::string_view action) {
            db::append_audit(
                connection, key,
                {.actor = user, .action = std::string{action}, .object = "user " + user},
                program_.real_clock().now());
        };
    }
    desk::Office::Parts office_parts() {
        const auto& config = program_.config();
        return {
            .database = program_.migrated_database(),
            .clock = program_.clock(),
            .real_clock = program_.real_clock(),
            .audit_key = program_.audit_key(),
            .on_commit =
                [this] {
                    program_.events().ring();
                    program_.keep_checkpoint();
                },
            .workshop = program_.workshop(composer_),
            .settings = {.launch_sample = config.integer("launch.sample"),
                         .unmakeable_percent =
                             static_cast<int>(config.integer("launch.unmakeable_percent")),
                         .count_limit =
                             std::chrono::seconds{config.integer("server.count_seconds")},
                         .upload_folder = program_.state_folder() + "/uploads",
                         .undo_time = std::chrono::seconds{config.integer("launch.undo_seconds")}},
            .errands = errands_of(program_)};
    }

    void note(const server::Access& access) {
        metrics_.count(access);
        if (access.problem.empty() && (!logs_ || !access.is_logged)) return;
        const auto line =
            fmt::format("{} {} {} {} {} B {} us{}{}\n", base::to_text(program_.real_clock().now()),
                        access.method, access.pattern, access.status, access.bytes,
                        access.took.count(), access.problem.empty() ? "" : " ", access.problem);
        const std::scoped_lock lock{log_mutex_};
        std::cerr << line;
    }

    Program& program_;
    scheduler::Composer composer_;
    responses::Receipts receipts_;
    access::Passwords passwords_;
    access::Sessions sessions_;
    desk::Office office_;
    server::ApiServices api_;
    server::PreviewShelf shelf_;
    bool logs_;
    std::string last_trouble_;
    std::mutex log_mutex_;
    server::Metrics metrics_;
    std::optional<base::Failure> failure_;
    std::unique_ptr<SideFront> previews_;
    std::unique_ptr<SideFront> public_;
    server::Router router_;
    std::unique_ptr<server::HttpServer> server_;
};

}  // namespace

ExitCode serve(Program& program, const Output& output, const ServeArgs& args) {
    const StopSignal stop;
    if (!args.now.empty()) {
        const auto now = base::parse_instant(args.now);
        if (!now) return output.refuse({now.error().code, now.error().detail, "--now"});
        program.simulate_time(*now);
    }
    WebFront front{program};
    if (const auto started = front.start(); !started) return output.refuse(started.error());
    output.line("listening on " + front.url());
    std::cout << std::flush;
    if (args.roles.find("send") != std::string::npos) {
        RunArgs sending;
        sending.now = args.now;
        const auto code = run_until(stop, program, output, sending);
        if (code != ExitCode::done) return code;
    } else {
        while (!stop.requested()) {
            std::this_thread::sleep_for(250ms);
            front.apply_waiting();
            front.start_due();
        }
    }
    front.stop();
    return ExitCode::done;
}

}  // namespace carillon::app
