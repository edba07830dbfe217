// A small hfaxd for tests on a free loopback port: one queue, in which every submitted job is done
// at once, and which misbehaves where asked.
#pragma once

#include <Poco/Net/NetException.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/StreamSocket.h>

#include <atomic>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace carillon::testing {

class FaxServer {
public:
    struct Job {
        std::string tag{};
        std::string state{"T"};
        std::string owner{};
        std::size_t bytes{};
    };
    // What to do at a command ("JSUBM"): answer so instead, or nothing, or hang up after obeying.
    struct Wish {
        std::string answer{};
        bool mute{false};
        bool hang_up{false};
        bool then_gone{false};
    };

    FaxServer() : listener_(Poco::Net::SocketAddress{"127.0.0.1", 0}) {
        acceptor_ = std::thread{[this] { accept(); }};
    }
    ~FaxServer() {
        stopping_ = true;
        acceptor_.join();
        for (auto& worker : workers_) worker.join();
    }
    int port() const { return listener_.address().port(); }

    void wish(const std::string& command, Wish wish) {
        const std::scoped_lock lock{mutex_};
        wishes_[command] = std::move(wish);
    }
    void fulfil_nothing() {
        const std::scoped_lock lock{mutex_};
        wishes_.clear();
        gone_ = false;
    }
    std::map<int, Job> jobs() {
        const std::scoped_lock lock{mutex_};
        return jobs_;
    }
    void add(int id, Job job) {
        const std::scoped_lock lock{mutex_};
        jobs_[id] = std::move(job);
    }
    std::vector<std::string> commands() {
        const std::scoped_lock lock{mutex_};
        return commands_;
    }

private:
    using Socket = Poco::Net::StreamSocket;

    struct Session {
        Socket socket;
        std::string user{};
        std::string tag{};
        std::size_t bytes{};
        std::optional<Poco::Net::ServerSocket> data{};
        std::optional<int> begun{};
    };

    void accept() {
        while (!stopping_) {
            if (!listener_.poll(Poco::Timespan{0, 20'000}, Socket::SELECT_READ)) continue;
            // Shared by a count that ThreadSanitizer can see; Poco's own lies inside its library.
            const auto socket = std::make_shared<Socket>(listener_.acceptConnection());
            if (gone_) continue;
            workers_.emplace_back([this, socket] { serve(Session{*socket}); });
        }
    }

    void serve(Session session) {
        try {
            if (obey(session, "greeting", "220 ready.")) converse(session);
        } catch (const Poco::Exception&) {
            // The client left.
        }
        const std::scoped_lock lock{mutex_};
        if (session.begun && jobs_[*session.begun].state == "T") jobs_.erase(*session.begun);
    }

    void converse(Session& session) {
        std::string pending;
        while (!stopping_) {
            const auto end = pending.find("\r\n");
            if (end == std::string::npos) {
                if (!session.socket.poll(Poco::Timespan{0, 20'000}, Socket::SELECT_READ)) continue;
                char bytes[4096];
                const int size = session.socket.receiveBytes(bytes, sizeof bytes);
                if (size <= 0) return;
                pending.append(bytes, static_cast<std::size_t>(size));
                continue;
            }
            const auto line = pending.substr(0, end);
            pending.erase(0, end + 2);
            if (!act(session, line)) return;
        }
    }

    // False: the connection is over.
    bool obey(Session& session, const std::string& command, const std::string& answer) {
        std::optional<Wish> wish;
        {
            const std::scoped_lock lock{mutex_};
            if (const auto found = wishes_.find(command); found != wishes_.end())
                wish = found->second;
        }
        if (wish && wish->then_gone) gone_ = true;
        if (wish && wish->hang_up) return false;
        if (wish && wish->mute) return true;
        say(session.socket, wish ? wish->answer : answer);
        return true;
    }

    bool act(Session& session, const std::string& line) {
        auto command = line.substr(0, line.find(' '));
        const auto rest = line.substr(std::min(line.size(), command.size() + 1));
        if (command == "JPARM") command += " " + rest.substr(0, rest.find(' '));
        {
            const std::scoped_lock lock{mutex_};
            commands_.push_back(line);
        }
        if (command == "USER") session.user = rest.substr(1, rest.size() - 2);
        if (command == "USER") return obey(session, command, "230 in.");
        if (command == "JPARM JOBINFO") session.tag = rest.substr(9, rest.size() - 10);
        if (command == "STOT") return store(session);
        if (command == "LIST") return list(session, rest);
        if (command == "PASV") {
            session.data.emplace(Poco::Net::SocketAddress{"127.0.0.1", 0});
            const auto port = session.data->address().port();
            // An address elsewhere: nobody may follow it.
            return obey(session, command,
                        "227 Entering passive mode (192,0,2,1," + std::to_string(port / 256) + "," +
                            std::to_string(port % 256) + ")");
        }
        if (command == "JNEW") return create(session);
        if (command == "JSUBM") return submit(session);
        return obey(session, command, "200 ok.");
    }

    bool create(Session& session) {
        const std::scoped_lock lock{mutex_};
        const int id = next_++;
        jobs_[id] = {session.tag, "T", session.user, session.bytes};
        session.begun = id;
        say(session.socket, "200 New job created: jobid: " + std::to_string(id) + " groupid: 1.");
        return true;
    }

    bool submit(Session& session) {
        bool refused = false;
        {
            const std::scoped_lock lock{mutex_};
            const auto found = wishes_.find("JSUBM");
            refused = found != wishes_.end() && !found->second.answer.empty();
            if (!refused) jobs_[*session.begun].state = "D";
        }
        return obey(session, "JSUBM", "200 submitted.");
    }

    bool store(Session& session) {
        if (!obey(session, "STOT", "150 FILE: /tmp/doc1.tif (Opening).")) return false;
        auto data = session.data->acceptConnection();
        char bytes[4096];
        session.bytes = 0;
        for (int size = 1; size > 0;) {
            size = data.receiveBytes(bytes, sizeof bytes);
            session.bytes += static_cast<std::size_t>(std::max(size, 0));
        }
        say(session.socket, "226 complete.");
        return true;
    }

    bool list(Session& session, const std::string& queue) {
        std::string lines;
        {
            const std::scoped_lock lock{mutex_};
            for (const auto& [id, job] : jobs_) {
                const bool done = job.state == "D" || job.state == "F";
                if (done == (queue == "doneq"))
                    lines += std::to_string(id) + "|" + job.state + "|2|2|1|" + job.owner + "|" +
                             job.tag + "|\r\n";
            }
        }
        if (!obey(session, "LIST", "150 Opening.")) return false;
        auto data = session.data->acceptConnection();
        if (!lines.empty()) data.sendBytes(lines.data(), static_cast<int>(lines.size()));
        data.close();
        say(session.socket, "226 complete.");
        return true;
    }

    static void say(Socket& socket, const std::string& line) {
        const auto bytes = line + "\r\n";
        socket.sendBytes(bytes.data(), static_cast<int>(bytes.size()));
    }

    Poco::Net::ServerSocket listener_;
    std::atomic<bool> stopping_{false};
    std::atomic<bool> gone_{false};
    std::mutex mutex_;
    std::map<std::string, Wish> wishes_;  // guarded by mutex_
    std::map<int, Job> jobs_;             // guarded by mutex_
    std::vector<std::string> commands_;   // guarded by mutex_
    int next_{1};                         // guarded by mutex_
    std::list<std::thread> workers_;
    std::thread acceptor_;
};

}  // namespace carillon::testing
