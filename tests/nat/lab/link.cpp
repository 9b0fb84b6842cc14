// One emulated link between two network namespaces: delay, jitter, loss, a bottleneck, silence.
//
// Usage: link NAMESPACE:DEVICE NAMESPACE:DEVICE
//
// Makes a TUN device at each end and carries packets between them. Kernels without netem need it.
// Each line of standard input sets one direction, "up" (entering at the first end) or "down":
//
//   up delay=15 jitter=3 loss=1 rate=2000 queue=200 cut=0
//
// delay, jitter and queue are in ms, loss in percent, rate in kbit/s (0 for no bound); queue is the
// longest wait at the bottleneck before packets are dropped; cut=1 drops everything, also what is
// under way. What a line leaves out has its default. Each line is answered with "ok" once it holds;
// the first "ok" says that the devices are there. The end of standard input ends the link.
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <map>
#include <random>
#include <sstream>
#include <string>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;
using Milliseconds = std::chrono::duration<double, std::milli>;

constexpr std::size_t kMaxPacketBytes = 65'536;
/// Packets taken from one end before the other has its turn.
constexpr int kBurst = 64;

[[noreturn]] void give_up(const std::string& what) {
    std::fprintf(stderr, "link: %s: %s\n", what.c_str(), std::strerror(errno));
    std::exit(1);
}

int open_end(const std::string& end) {
    const auto colon = end.find(':');
    if (colon == std::string::npos) give_up("NAMESPACE:DEVICE expected, not " + end);
    const int ns = open(("/run/netns/" + end.substr(0, colon)).c_str(), O_RDONLY | O_CLOEXEC);
    if (ns < 0 || setns(ns, CLONE_NEWNET) < 0) give_up("namespace of " + end);
    close(ns);
    const int device = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (device < 0) give_up("/dev/net/tun");
    ifreq request{};
    request.ifr_flags = IFF_TUN | IFF_NO_PI;
    end.copy(request.ifr_name, IFNAMSIZ - 1, colon + 1);
    if (ioctl(device, TUNSETIFF, &request) < 0) give_up("device of " + end);
    return device;
}

struct Shape {
    double delay_ms = 0;
    double jitter_ms = 0;
    double loss_percent = 0;
    double rate_kbps = 0;
    double queue_ms = 200;
    bool cut = false;
};

struct Packet {
    Clock::time_point due;
    std::vector<std::uint8_t> bytes;
};

class Direction {
public:
    Direction(int from, int to, unsigned seed) : from_(from), to_(to), random_(seed) {}

    void set(const Shape& shape) { shape_ = shape; }

    void take() {
        static std::array<std::uint8_t, kMaxPacketBytes> buffer;
        for (int i = 0; i < kBurst; ++i) {
            const ssize_t size = read(from_, buffer.data(), buffer.size());
            if (size <= 0) return;
            admit({buffer.begin(), buffer.begin() + size});
        }
    }

    void deliver(Clock::time_point now) {
        while (!under_way_.empty() && under_way_.front().due <= now) {
            if (!shape_.cut) send(under_way_.front().bytes);
            under_way_.pop_front();
        }
    }

    /// The latest time `otherwise` allows, or earlier when a packet is due.
    Clock::time_point next_due(Clock::time_point otherwise) const {
        return under_way_.empty() ? otherwise : std::min(otherwise, under_way_.front().due);
    }

private:
    void send(const std::vector<std::uint8_t>& bytes) const {
        // A device that is full or down loses the packet, as a real one does.
        [[maybe_unused]] const ssize_t sent = write(to_, bytes.data(), bytes.size());
    }

    void admit(std::vector<std::uint8_t> bytes) {
        if (shape_.cut || uniform(0, 100) < shape_.loss_percent) return;
        const auto now = Clock::now();
        auto leaves = now;
        if (shape_.rate_kbps > 0) {
            const auto start = std::max(now, bottleneck_free_);
            if (start - now > Milliseconds(shape_.queue_ms)) return;
            const double bits = 8.0 * static_cast<double>(bytes.size());
            bottleneck_free_ = start + rounded(Milliseconds(bits / shape_.rate_kbps));
            leaves = bottleneck_free_;
        }
        const double jitter_ms = uniform(-shape_.jitter_ms, shape_.jitter_ms);
        const auto wait = Milliseconds(std::max(0.0, shape_.delay_ms + jitter_ms));
        // Jitter never reorders: a queue keeps its order.
        last_due_ = std::max(leaves + rounded(wait), last_due_);
        under_way_.push_back({last_due_, std::move(bytes)});
    }

    static Clock::duration rounded(Milliseconds time) {
        return std::chrono::duration_cast<Clock::duration>(time);
    }

    double uniform(double least, double most) {
        return std::uniform_real_distribution<>(least, most)(random_);
    }

    int from_;
    int to_;
    std::mt19937 random_;
    Shape shape_;
    std::deque<Packet> under_way_;
    Clock::time_point bottleneck_free_{};
    Clock::time_point last_due_{};
};

Shape read_shape(std::istringstream& words) {
    Shape shape;
    double cut = 0;
    const std::map<std::string, double*> places{
        {"delay", &shape.delay_ms},    {"jitter", &shape.jitter_ms}, {"rate", &shape.rate_kbps},
        {"loss", &shape.loss_percent}, {"queue", &shape.queue_ms},   {"cut", &cut}};
    for (std::string word; words >> word;) {
        const auto equals = word.find('=');
        const auto place = places.find(word.substr(0, equals));
        if (equals == std::string::npos || place == places.end()) give_up("unknown " + word);
        *place->second = std::atof(&word[equals + 1]);
    }
    shape.cut = cut != 0;
    return shape;
}

void acknowledge() {
    std::puts("ok");
    std::fflush(stdout);
}

/// Carries out the whole lines of standard input.  Returns false at its end.
bool read_orders(std::string& pending, Direction& up, Direction& down) {
    std::array<char, 4096> buffer;
    const ssize_t size = read(STDIN_FILENO, buffer.data(), buffer.size());
    if (size <= 0) return size < 0 && errno == EINTR;
    pending.append(buffer.data(), static_cast<std::size_t>(size));
    for (auto end = pending.find('\n'); end != std::string::npos; end = pending.find('\n')) {
        std::istringstream words(pending.substr(0, end));
        pending.erase(0, end + 1);
        std::string way;
        words >> way;
        (way == "up" ? up : down).set(read_shape(words));
        acknowledge();
    }
    return true;
}

timespec until(Clock::time_point then) {
    const auto wait = std::max(then - Clock::now(), Clock::duration::zero());
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(wait);
    return {.tv_sec = seconds.count(), .tv_nsec = (wait - seconds).count()};
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) {
        std::fputs("usage: link NAMESPACE:DEVICE NAMESPACE:DEVICE\n", stderr);
        return 2;
    }
    const int first = open_end(argv[1]);
    const int second = open_end(argv[2]);
    Direction up(first, second, 1);  // fixed seeds: the same losses in every run
    Direction down(second, first, 2);
    std::string pending;
    acknowledge();

    std::array<pollfd, 3> sources{
        {{first, POLLIN, 0}, {second, POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}}};
    for (;;) {
        const auto next = up.next_due(down.next_due(Clock::now() + std::chrono::seconds(1)));
        const timespec wait = until(next);
        if (ppoll(sources.data(), sources.size(), &wait, nullptr) < 0 && errno != EINTR) {
            give_up("poll");
        }
        if (sources[2].revents != 0 && !read_orders(pending, up, down)) return 0;
        up.take();
        down.take();
        const auto now = Clock::now();
        up.deliver(now);
        down.deliver(now);
    }
}
