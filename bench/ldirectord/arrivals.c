/*
 * A web server on all addresses that writes down when it was asked at which of them: so two checkers are measured alike, from outside.
 *
 *   arrivals PORT INTERVAL-MILLISECONDS
 *
 * Lines of standard input: "begin" forgets what was seen; "figures" answers with one line
 *   checks SECONDS late50 late90 late99 latemax silent
 * in which a check is a request, and lateness is the time between two requests at one address less the interval, in milliseconds, not
 * below 0. An address that has been silent for longer than the interval counts with that silence, which is then a lower bound.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define ADDRESSES (1 << 16)
#define SAMPLES (1 << 22)

static const char ANSWER[] = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 51\r\nConnection: close\r\n\r\n"
                             "<html><body><h1>Test Page</h1>1234567</body></html>";
static double last[ADDRESSES]; /* by the lower 16 bits of the address; 0: not seen since the last begin */
static float samples[SAMPLES];
static long count, checks;
static double begun, interval;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static void sample(double gap) {
    double late = gap - interval;
    if (count < SAMPLES) samples[count++] = late > 0 ? late * 1e3 : 0;
}

static void arrived(int socket) {
    struct sockaddr_in own;
    socklen_t length = sizeof own;
    if (getsockname(socket, (void *)&own, &length)) return;
    int index = ntohl(own.sin_addr.s_addr) & (ADDRESSES - 1);
    double t = now();
    if (last[index] > 0) sample(t - last[index]);
    last[index] = t;
    checks++;
}

static int ascending(const void *a, const void *b) {
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

static double share(double part) {
    return count ? samples[(long)((count - 1) * part)] : -1;
}

static void command(const char *word) {
    if (!strcmp(word, "begin")) {
        memset(last, 0, sizeof last);
        count = checks = 0;
        begun = now();
    } else if (!strcmp(word, "figures")) {
        double t = now();
        int silent = 0;
        for (int i = 0; i < ADDRESSES; i++)
            if (last[i] > 0 && t - last[i] > 1.5 * interval) {
                sample(t - last[i]);
                silent++;
            }
        qsort(samples, count, sizeof *samples, ascending);
        printf("%ld %.2f %.2f %.2f %.2f %.2f %d\n", checks, t - begun, share(.5), share(.9), share(.99), share(1), silent);
        fflush(stdout);
    }
}

static void commands(void) {
    char text[256];
    ssize_t n = read(0, text, sizeof text - 1);
    if (n <= 0) exit(0);
    text[n] = 0;
    for (char *word = strtok(text, "\n"); word; word = strtok(0, "\n")) command(word);
}

static void answer(int socket) {
    char request[4096];
    ssize_t n = read(socket, request, sizeof request);
    if (n < 0 && errno == EAGAIN) return;
    if (n > 0 && write(socket, ANSWER, sizeof ANSWER - 1) < 0) perror("write");
    close(socket);
}

int main(int argc, char **argv) {
    if (argc != 3) return 2;
    struct rlimit files = {1 << 16, 1 << 16};
    setrlimit(RLIMIT_NOFILE, &files);
    interval = atoi(argv[2]) / 1e3;
    int one = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), poll = epoll_create1(0);
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[1]))};
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(listener, (void *)&any, sizeof any) || listen(listener, 65535)) return perror("arrivals"), 1;
    struct epoll_event event = {EPOLLIN, {.fd = listener}}, events[512];
    epoll_ctl(poll, EPOLL_CTL_ADD, listener, &event);
    event.data.fd = 0;
    epoll_ctl(poll, EPOLL_CTL_ADD, 0, &event);
    for (;;) {
        int n = epoll_wait(poll, events, 512, -1);
        for (int i = 0; i < n; i++) {
            int fd = events[i].data.fd;
            if (fd == 0) commands();
            else if (fd != listener) answer(fd);
            else
                for (int s; (s = accept4(listener, 0, 0, SOCK_NONBLOCK)) >= 0;) {
                    arrived(s);
                    event.data.fd = s;
                    epoll_ctl(poll, EPOLL_CTL_ADD, s, &event);
                }
        }
    }
}
