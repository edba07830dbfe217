// A small SMTP server for tests on a free loopback port: strict about line ends, and misbehaves
// where asked.
#pragma once

#include <Poco/Net/Context.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/SSLManager.h>
#include <Poco/Net/SecureStreamSocket.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/SocketAddress.h>

#include <atomic>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "certificates.h"

namespace carillon::testing {

struct ServerWish {
    bool pipelining{true};
    bool offer_starttls{false};
    bool implicit_tls{false};
    bool offer_auth{false};
    PemFiles certificate{};
    // Where to cut the connection: banner, EHLO, STARTTLS, AUTH, MAIL, RCPT, DATA, body, dot,
    // after-dot.
    std::string drop_at{};
    // Plaintext sent in one write with "220 go ahead" to STARTTLS.
    std::string injection{};
    // Reply to a command ("RCPT") by its whole line and the message that follows; "" for the usual
    // one.
    std::function<std::string(const std::string& command, const std::string& line)> answer{};
    std::chrono::milliseconds before_dot_reply{0};
};

class SmtpServer {
public:
    explicit SmtpServer(ServerWish wish)
        : wish_(std::move(wish)), listener_(Poco::Net::SocketAddress{"127.0.0.1", 0}) {
        Poco::Net::initializeSSL();
        if (!wish_.certificate.key.empty()) {
            Poco::Net::Context::Params params;
            params.privateKeyFile = wish_.certificate.key;
            params.certificateFile = wish_.certificate.certificate;
            params.verificationMode = Poco::Net::Context::VERIFY_NONE;
            context_ = new Poco::Net::Context(Poco::Net::Context::TLS_SERVER_USE, params);
        }
        acceptor_ = std::thread{[this] { accept(); }};
    }
    ~SmtpServer() {
        stopping_ = true;
        acceptor_.join();
        for (auto& worker : workers_) worker.join();
    }

    int port() const { return listener_.address().port(); }

    struct Mail {
        std::string from{};
        std::string to{};
        std::string data{};
    };
    // Whatever came with a complete dot, whether or not it was answered.
    std::vector<Mail> received() const {
        const std::scoped_lock lock{mutex_};
        return received_;
    }
    std::vector<std::string> commands() const {
        const std::scoped_lock lock{mutex_};
        return commands_;
    }
    int connections() const { return connections_; }

private:
    struct Dropped {};

    class Peer {
    public:
        Peer(SmtpServer& server, const Poco::Net::StreamSocket& socket)
            : server_(server), socket_(socket) {
            socket_.setReceiveTimeout(Poco::Timespan(0, 50'000));
        }
        void serve();

    private:
        std::string read_line();
        void say(const std::string& bytes) {
            socket_.sendBytes(bytes.data(), static_cast<int>(bytes.size()));
        }
        void drop_if(const std::string& stage) {
            if (server_.wish_.drop_at == stage) throw Dropped{};
        }
        void start_tls();
        bool obey(const std::string& line);
        void hello();
        void take_data();

        SmtpServer& server_;
        Poco::Net::StreamSocket socket_;
        std::string buffer_;
        Mail mail_;
    };

    void accept() {
        while (!stopping_) {
            if (!listener_.poll(Poco::Timespan(0, 20'000), Poco::Net::Socket::SELECT_READ))
                continue;
            ++connections_;
            // From here on the socket belongs to the worker alone.
            auto socket = std::make_unique<Poco::Net::StreamSocket>(listener_.acceptConnection());
            workers_.emplace_back([this, socket = std::move(socket)] {
                socket->setNoDelay(true);
                Peer{*this, *socket}.serve();
            });
        }
    }

    ServerWish wish_;
    Poco::Net::ServerSocket listener_;
    Poco::Net::Context::Ptr context_;
    std::atomic<bool> stopping_{false};
    std::atomic<int> connections_{0};
    mutable std::mutex mutex_;
    std::vector<Mail> received_;
    std::vector<std::string> commands_;
    std::list<std::thread> workers_;
    std::thread acceptor_;
};

inline void SmtpServer::Peer::serve() try {
    if (server_.wish_.implicit_tls) start_tls();
    drop_if("banner");
    say("220 test ESMTP\r\n");
    while (obey(read_line())) {
    }
} catch (const Dropped&) {
    socket_.close();
} catch (const Poco::Exception&) {
    socket_.close();
}

inline std::string SmtpServer::Peer::read_line() {
    while (true) {
        if (const auto end = buffer_.find("\r\n"); end != std::string::npos) {
            auto line = buffer_.substr(0, end);
            buffer_.erase(0, end + 2);
            return line;
        }
        char bytes[4096];
        try {
            const int size = socket_.receiveBytes(bytes, sizeof bytes);
            if (size <= 0) throw Dropped{};
            buffer_.append(bytes, static_cast<std::size_t>(size));
        } catch (const Poco::TimeoutException&) {
            if (server_.stopping_) throw Dropped{};
        }
    }
}

inline void SmtpServer::Peer::start_tls() {
    socket_.setReceiveTimeout(Poco::Timespan(5, 0));
    auto secure = Poco::Net::SecureStreamSocket::attach(socket_, server_.context_);
    socket_ = secure;
    buffer_.clear();
    socket_.setReceiveTimeout(Poco::Timespan(5, 0));
}

inline bool SmtpServer::Peer::obey(const std::string& line) {
    const auto command = line.substr(0, line.find(' '));
    {
        const std::scoped_lock lock{server_.mutex_};
        server_.commands_.push_back(line);
    }
    drop_if(command);
    auto answer = server_.wish_.answer ? server_.wish_.answer(command, line) : std::string{};
    if (!answer.empty()) {
        say(answer + "\r\n");
        return answer.substr(0, 3) != "421";
    }
    if (command == "EHLO") {
        hello();
    } else if (command == "STARTTLS") {
        say("220 go ahead\r\n" + server_.wish_.injection);
        start_tls();
    } else if (command == "AUTH") {
        say("235 2.7.0 welcome\r\n");
    } else if (command == "MAIL") {
        mail_ = {.from = line, .to = {}, .data = {}};
        say("250 2.1.0 ok\r\n");
    } else if (command == "RCPT") {
        mail_.to = line;
        say("250 2.1.5 ok\r\n");
    } else if (command == "DATA") {
        if (mail_.to.empty()) {
            say("503 5.5.1 no recipient\r\n");
            return true;
        }
        say("354 go ahead\r\n");
        take_data();
    } else if (command == "QUIT") {
        say("221 bye\r\n");
        return false;
    } else {
        mail_ = {};
        say("250 ok\r\n");
    }
    return true;
}

inline void SmtpServer::Peer::hello() {
    std::string text = "250-test\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n";
    if (server_.wish_.pipelining) text += "250-PIPELINING\r\n";
    const bool secure = socket_.secure();
    if (server_.wish_.offer_starttls && !secure) text += "250-STARTTLS\r\n";
    if (server_.wish_.offer_auth) text += "250-AUTH PLAIN LOGIN\r\n";
    say(text + "250 ENHANCEDSTATUSCODES\r\n");
}

inline void SmtpServer::Peer::take_data() {
    std::string data;
    for (auto line = read_line(); line != "."; line = read_line()) {
        drop_if("body");
        data += (line.starts_with('.') ? line.substr(1) : line) + "\r\n";
    }
    mail_.data = data;
    {
        const std::scoped_lock lock{server_.mutex_};
        server_.received_.push_back(mail_);
    }
    drop_if("dot");
    if (server_.wish_.before_dot_reply.count() > 0)
        std::this_thread::sleep_for(server_.wish_.before_dot_reply);
    const auto answer = server_.wish_.answer ? server_.wish_.answer(".", data) : std::string{};
    say(answer.empty() ? "250 2.0.0 queued\r\n" : answer + "\r\n");
    mail_ = {};
    drop_if("after-dot");
}

}  // namespace carillon::testing
