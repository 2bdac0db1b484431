/*
 * The first and only program of a virtual machine: it asks a real kernel what it does with a script of `halvs replay`.
 *
 * The kernel is given in /modules the modules it needs, in /scripts the scripts. Each script runs in a network namespace of its own, which
 * begins with an empty table and default settings. An interface of a script is a TAP device: a frame written to it has gone through the whole
 * stack when write() returns, and what the kernel sent can be read from it. Marks are set by a program of six instructions at the ingress of
 * each interface.
 *
 * What comes out goes to the debug port of the machine, each script after a line "=== NAME", in the form of `halvs replay --script --echo`:
 *
 *   > e1 HEX        a frame left by an interface
 *   > local         the director's own stack has got it
 *   > routed e0 HEX it was routed like a frame no virtual service is concerned with
 *   > drop          nothing came of it
 *   > drop no_neighbour e1 ADDR   the kernel asked for the Ethernet address of a next hop
 *   # stack e0 HEX  what the director's own stack answered
 *   | TEXT          what ipvsadm printed
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/fib_rules.h>
#include <linux/if_link.h>
#include <linux/if_tun.h>
#include <linux/neighbour.h>
#include <linux/netlink.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <sched.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/io.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    DEBUG_PORT = 0xe9,
    EXIT_PORT = 0xf4,
    MAX_FRAME = 65535 + 14 + 8,
    MAX_INTERFACES = 8,
    MAX_WORDS = 64,
    ETHERNET_HEADER = 14,
};

/* ---- output ---- */

static FILE *out; /* of the script that runs; memory, because writing takes (virtual) time */

static void fail(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));

static void fail(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fputs("! ", out);
    vfprintf(out, format, arguments);
    fprintf(out, ": %s\n", strerror(errno));
    va_end(arguments);
    fclose(out);
    _exit(1);
}

static void to_host(const char *text, size_t length) {
    for (size_t i = 0; i < length; i++) {
        outb((unsigned char)text[i], DEBUG_PORT);
    }
}

static void print_hex(const unsigned char *bytes, size_t length) {
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < length; i++) {
        putc(digits[bytes[i] >> 4], out);
        putc(digits[bytes[i] & 15], out);
    }
}

/* ---- files ---- */

static bool write_file(const char *path, const char *text) {
    int file = open(path, O_WRONLY);
    if (file < 0) {
        return false;
    }
    bool done = write(file, text, strlen(text)) >= 0;
    close(file);
    return done;
}

static void set(const char *path, const char *text) {
    if (!write_file(path, text)) {
        fail("%s", path);
    }
}

static bool sysctl(const char *key, const char *value) {
    char path[256];
    snprintf(path, sizeof path, "/proc/sys/%s", key);
    for (char *at = path; *at; at++) {
        if (*at == '.') {
            *at = '/';
        }
    }
    return write_file(path, value);
}

/* The beginning of a file of /proc/net. */
static const char *proc_net(const char *name) {
    static char text[16384];
    char path[64];
    snprintf(path, sizeof path, "/proc/self/net/%s", name);
    int file = open(path, O_RDONLY);
    ssize_t length = file < 0 ? 0 : read(file, text, sizeof text - 1);
    close(file);
    text[length > 0 ? length : 0] = 0;
    return text;
}

/* Counters of IPv6: the value follows the name. */
static unsigned long counter6(const char *text, const char *name) {
    const char *at = strstr(text, name);
    return at ? strtoul(at + strlen(name), NULL, 10) : 0;
}

/* Counters of IPv4: the first line has the names, the second the values. */
static unsigned long counter4(const char *text, const char *name) {
    const char *at = strstr(text, name);
    const char *values = strchr(text, '\n');
    if (!at || !values || at > values) {
        return 0;
    }
    values++;
    for (const char *passed = text; passed < at; passed++) {
        if (*passed == ' ') {
            values = strchr(values, ' ') + 1;
        }
    }
    return strtoul(values, NULL, 10);
}

/* ---- time ---- */

static int64_t now_nanos(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static void sleep_until(int64_t nanos) {
    struct timespec end = {.tv_sec = nanos / 1000000000LL, .tv_nsec = nanos % 1000000000LL};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &end, NULL) == EINTR) {
    }
}

/* ---- netlink ---- */

struct request {
    struct nlmsghdr header;
    char body[1024];
};

static void *add(struct request *request, const void *data, size_t length) {
    void *at = (char *)request + NLMSG_ALIGN(request->header.nlmsg_len);
    memset(at, 0, NLMSG_ALIGN(length));
    if (data) {
        memcpy(at, data, length);
    }
    request->header.nlmsg_len = NLMSG_ALIGN(request->header.nlmsg_len) + NLMSG_ALIGN(length);
    return at;
}

static struct rtattr *attribute(struct request *request, int type, const void *data, size_t length) {
    struct rtattr *head = add(request, NULL, RTA_LENGTH(0));
    head->rta_type = type;
    head->rta_len = RTA_LENGTH(length);
    if (length) {
        add(request, data, length);
    }
    return head;
}

static void close_nest(struct request *request, struct rtattr *nest) {
    nest->rta_len = (char *)request + request->header.nlmsg_len - (char *)nest;
}

static void begin(struct request *request, int type, int flags, const void *body, size_t length) {
    memset(request, 0, sizeof *request);
    request->header = (struct nlmsghdr){
        .nlmsg_len = NLMSG_LENGTH(0), .nlmsg_type = type, .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags};
    add(request, body, length);
}

static int ask(struct request *request) {
    int s = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
    if (s < 0) {
        fail("netlink");
    }
    struct {
        struct nlmsghdr header;
        struct nlmsgerr error;
        char rest[2048];
    } answer;
    if (send(s, request, request->header.nlmsg_len, 0) < 0 || recv(s, &answer, sizeof answer, 0) < 0) {
        fail("netlink");
    }
    close(s);
    errno = -answer.error.error;
    return answer.error.error;
}

/* ---- addresses ---- */

struct address {
    int family;
    int length;
    unsigned char bytes[16];
    int prefix;
};

static struct address parse_address(const char *text) {
    struct address address = {.family = strchr(text, ':') ? AF_INET6 : AF_INET};
    char copy[64];
    snprintf(copy, sizeof copy, "%s", text);
    char *slash = strchr(copy, '/');
    if (slash) {
        *slash = 0;
    }
    address.length = address.family == AF_INET ? 4 : 16;
    address.prefix = slash ? atoi(slash + 1) : address.length * 8;
    if (inet_pton(address.family, copy, address.bytes) != 1) {
        errno = EINVAL;
        fail("address %s", text);
    }
    return address;
}

static void parse_mac(const char *text, unsigned char mac[6]) {
    if (sscanf(text, "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", &mac[0], &mac[1], &mac[2], &mac[3], &mac[4], &mac[5]) != 6) {
        errno = EINVAL;
        fail("MAC %s", text);
    }
}

/* ---- interfaces ---- */

static struct interface {
    char name[IFNAMSIZ];
    int index;
    int tap;
    uint32_t mark; /* of the frame that is written next */
} interfaces[MAX_INTERFACES];
static int interface_count;
static int marks = -1; /* an array of one mark */

static struct interface *interface_named(const char *name) {
    for (int i = 0; i < interface_count; i++) {
        if (strcmp(interfaces[i].name, name) == 0) {
            return &interfaces[i];
        }
    }
    return NULL;
}

static long bpf(int command, union bpf_attr *attributes) {
    return syscall(SYS_bpf, command, attributes, sizeof *attributes);
}

static void make_marks(void) {
    union bpf_attr map = {.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 1};
    marks = bpf(BPF_MAP_CREATE, &map);
    if (marks < 0) {
        fail("map of marks");
    }
}

static void put_mark(uint32_t mark) {
    uint32_t key = 0;
    union bpf_attr element = {
        .map_fd = marks, .key = (uintptr_t)&key, .value = (uintptr_t)&mark, .flags = BPF_ANY};
    if (bpf(BPF_MAP_UPDATE_ELEM, &element) < 0) {
        fail("mark");
    }
}

/* Loads the program that copies the mark of the map to a packet. */
static int marking_program(void) {
    struct bpf_insn program[] = {
        {.code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = 6, .src_reg = 1},
        {.code = BPF_LD | BPF_DW | BPF_IMM, .dst_reg = 1, .src_reg = BPF_PSEUDO_MAP_VALUE, .imm = marks},
        {0},
        {.code = BPF_LDX | BPF_MEM | BPF_W, .dst_reg = 2, .src_reg = 1},
        {.code = BPF_STX | BPF_MEM | BPF_W, .dst_reg = 6, .src_reg = 2, .off = offsetof(struct __sk_buff, mark)},
        {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .imm = TC_ACT_UNSPEC},
        {.code = BPF_JMP | BPF_EXIT},
    };
    union bpf_attr load = {
        .prog_type = BPF_PROG_TYPE_SCHED_CLS,
        .insns = (uintptr_t)program,
        .insn_cnt = sizeof program / sizeof program[0],
        .license = (uintptr_t) "Dual BSD/GPL",
    };
    int loaded = bpf(BPF_PROG_LOAD, &load);
    if (loaded < 0) {
        fail("marking program");
    }
    return loaded;
}

static void mark_at_ingress(int index) {
    struct request request;
    struct tcmsg message = {.tcm_ifindex = index, .tcm_parent = TC_H_CLSACT, .tcm_handle = TC_H_MAKE(TC_H_CLSACT, 0)};
    begin(&request, RTM_NEWQDISC, NLM_F_CREATE | NLM_F_EXCL, &message, sizeof message);
    attribute(&request, TCA_KIND, "clsact", 7);
    if (ask(&request)) {
        fail("clsact");
    }
    message.tcm_handle = 0;
    message.tcm_parent = TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS);
    message.tcm_info = TC_H_MAKE(1 << 16, htons(0x0003)); /* all protocols */
    begin(&request, RTM_NEWTFILTER, NLM_F_CREATE | NLM_F_EXCL, &message, sizeof message);
    attribute(&request, TCA_KIND, "bpf", 4);
    struct rtattr *options = attribute(&request, TCA_OPTIONS, NULL, 0);
    uint32_t program = marking_program();
    uint32_t flags = TCA_BPF_FLAG_ACT_DIRECT;
    attribute(&request, TCA_BPF_FD, &program, sizeof program);
    attribute(&request, TCA_BPF_NAME, "mark", 5);
    attribute(&request, TCA_BPF_FLAGS, &flags, sizeof flags);
    close_nest(&request, options);
    if (ask(&request)) {
        fail("bpf filter");
    }
    close(program);
}

static void link_up(int index, const unsigned char *mac, int mtu) {
    struct request request;
    struct ifinfomsg message = {.ifi_index = index, .ifi_flags = IFF_UP, .ifi_change = IFF_UP};
    begin(&request, RTM_NEWLINK, 0, &message, sizeof message);
    if (mac) {
        attribute(&request, IFLA_ADDRESS, mac, 6);
    }
    if (mtu) {
        attribute(&request, IFLA_MTU, &mtu, sizeof mtu);
    }
    if (ask(&request)) {
        fail("link %d", index);
    }
}

static void interface_setting(const char *family, const char *name, const char *key, const char *value) {
    char path[256];
    snprintf(path, sizeof path, "/proc/sys/net/%s/conf/%s/%s", family, name, key);
    set(path, value);
}

static void add_address(int index, const struct address *address) {
    struct request request;
    struct ifaddrmsg message = {
        .ifa_family = address->family, .ifa_prefixlen = address->prefix, .ifa_flags = IFA_F_NODAD, .ifa_index = index};
    begin(&request, RTM_NEWADDR, NLM_F_CREATE, &message, sizeof message);
    attribute(&request, IFA_LOCAL, address->bytes, address->length);
    if (address->family == AF_INET) {
        attribute(&request, IFA_ADDRESS, address->bytes, address->length);
    }
    if (ask(&request) && errno != EEXIST) {
        fail("address of interface %d", index);
    }
}

static struct interface *new_interface(const char *name) {
    if (interface_count == MAX_INTERFACES) {
        fail("too many interfaces");
    }
    struct interface *made = &interfaces[interface_count++];
    snprintf(made->name, sizeof made->name, "%s", name);
    made->tap = open("/dev/net/tun", O_RDWR | O_NONBLOCK);
    struct ifreq request = {.ifr_flags = IFF_TAP | IFF_NO_PI};
    snprintf(request.ifr_name, IFNAMSIZ, "%s", name);
    if (made->tap < 0 || ioctl(made->tap, TUNSETIFF, &request) < 0) {
        fail("TAP %s", name);
    }
    made->index = if_nametoindex(name);
    interface_setting("ipv6", name, "accept_dad", "0");
    interface_setting("ipv6", name, "accept_ra", "0");
    interface_setting("ipv6", name, "router_solicitations", "0");
    interface_setting("ipv6", name, "addr_gen_mode", "1"); /* no link-local address of the MAC */
    interface_setting("ipv4", name, "rp_filter", "0");
    interface_setting("ipv4", name, "send_redirects", "0");
    interface_setting("ipv4", name, "accept_redirects", "0");
    return made;
}

static void do_interface(char **words) {
    struct interface *interface = interface_named(words[1]);
    bool fresh = interface == NULL;
    if (fresh) {
        interface = new_interface(words[1]);
    }
    unsigned char mac[6];
    parse_mac(words[2], mac);
    link_up(interface->index, mac, 0);
    if (fresh) {
        mark_at_ingress(interface->index);
    }
    char *rest;
    for (char *each = strtok_r(words[3], ",", &rest); each; each = strtok_r(NULL, ",", &rest)) {
        struct address address = parse_address(each);
        add_address(interface->index, &address);
    }
}

static void do_route(char **words, int count) {
    struct request request;
    bool via = strcmp(words[2], "via") == 0;
    struct address gateway = {.family = AF_INET};
    if (via) {
        gateway = parse_address(words[3]);
    }
    struct address prefix = {.family = gateway.family};
    if (strcmp(words[1], "default") != 0) {
        prefix = parse_address(words[1]);
    }
    struct rtmsg message = {
        .rtm_family = prefix.family,
        .rtm_dst_len = prefix.prefix,
        .rtm_table = RT_TABLE_MAIN,
        .rtm_protocol = RTPROT_BOOT,
        .rtm_scope = via || prefix.family == AF_INET6 ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK,
        .rtm_type = RTN_UNICAST,
    };
    begin(&request, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_APPEND, &message, sizeof message);
    if (prefix.length) {
        attribute(&request, RTA_DST, prefix.bytes, prefix.length);
    }
    if (via) {
        attribute(&request, RTA_GATEWAY, gateway.bytes, gateway.length);
    }
    const char *device = via ? count == 6 ? words[5] : NULL : words[3];
    if (device) {
        struct interface *interface = interface_named(device);
        if (!interface) {
            fail("no interface %s", device);
        }
        attribute(&request, RTA_OIF, &interface->index, sizeof interface->index);
    }
    if (ask(&request)) {
        fail("route %s", words[1]);
    }
}

static void do_neighbour(char **words) {
    struct interface *interface = interface_named(words[1]);
    if (!interface) {
        fail("no interface %s", words[1]);
    }
    struct address address = parse_address(words[2]);
    unsigned char mac[6];
    parse_mac(words[3], mac);
    struct request request;
    struct ndmsg message = {.ndm_family = address.family, .ndm_ifindex = interface->index, .ndm_state = NUD_PERMANENT};
    begin(&request, RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE, &message, sizeof message);
    attribute(&request, NDA_DST, address.bytes, address.length);
    attribute(&request, NDA_LLADDR, mac, sizeof mac);
    if (ask(&request)) {
        fail("neighbour %s", words[2]);
    }
}

/* Makes the destination of every packet with a mark local, which is how packets reach a service of a firewall mark. */
static void marked_is_local(int family) {
    enum { TABLE = 100 };
    struct request request;
    struct fib_rule_hdr rule = {
        .family = family, .table = TABLE, .action = FR_ACT_TO_TBL, .flags = FIB_RULE_INVERT};
    uint32_t mark = 0, mask = 0xffffffff, priority = 10, loopback = 1;
    begin(&request, RTM_NEWRULE, NLM_F_CREATE | NLM_F_EXCL, &rule, sizeof rule);
    attribute(&request, FRA_PRIORITY, &priority, sizeof priority);
    attribute(&request, FRA_FWMARK, &mark, sizeof mark);
    attribute(&request, FRA_FWMASK, &mask, sizeof mask);
    if (ask(&request)) {
        fail("rule for marks");
    }
    struct rtmsg route = {
        .rtm_family = family,
        .rtm_table = TABLE,
        .rtm_protocol = RTPROT_BOOT,
        .rtm_scope = RT_SCOPE_HOST,
        .rtm_type = RTN_LOCAL,
    };
    begin(&request, RTM_NEWROUTE, NLM_F_CREATE, &route, sizeof route);
    attribute(&request, RTA_OIF, &loopback, sizeof loopback);
    if (ask(&request)) {
        fail("local route for marks");
    }
}

/* ---- frames ---- */

static struct counts {
    unsigned long local;
    unsigned long routed;
} before[2]; /* of IPv4, of IPv6 */

static struct counts counts(bool ipv6) {
    if (ipv6) {
        const char *text = proc_net("snmp6");
        return (struct counts){
            .local = counter6(text, "Ip6InDelivers") + counter6(text, "Ip6InUnknownProtos"),
            .routed = counter6(text, "Ip6OutForwDatagrams"),
        };
    }
    const char *text = proc_net("snmp");
    return (struct counts){
        .local = counter4(text, "InDelivers") + counter4(text, "InUnknownProtos"),
        .routed = counter4(text, "ForwDatagrams"),
    };
}

static unsigned word(const unsigned char *at) {
    return at[0] << 8 | at[1];
}

static bool ipv6_multicast_housekeeping(const unsigned char *frame, size_t length) {
    if (length < 54 || word(frame + 12) != 0x86dd || frame[0] != 0x33) {
        return false;
    }
    int next = frame[20];
    return next == 0 || (next == 58 && (frame[54] == 143 || frame[54] == 133)); /* MLD behind hop-by-hop options */
}

/* Prints the address that is asked for when a frame is an ARP request or a neighbour solicitation. */
static bool asks_for_neighbour(const char *name, const unsigned char *frame, size_t length) {
    char text[INET6_ADDRSTRLEN];
    if (word(frame + 12) == 0x0806 && length >= 42 && word(frame + 20) == 1) {
        inet_ntop(AF_INET, frame + 38, text, sizeof text);
    } else if (word(frame + 12) == 0x86dd && length >= 78 && frame[20] == 58 && frame[54] == 135) {
        inet_ntop(AF_INET6, frame + 62, text, sizeof text);
    } else {
        return false;
    }
    fprintf(out, "> drop no_neighbour %s %s\n", name, text);
    return true;
}

/* Whether a frame that was sent is the one that arrived, one hop later. */
static bool passed_on(const unsigned char *in, size_t in_length, const unsigned char *sent, size_t length) {
    if (word(sent + 12) == 0x0800 && in_length >= 34) {
        size_t bytes = word(in + 16);
        return length >= ETHERNET_HEADER + bytes && memcmp(in + 14, sent + 14, 8) == 0 && in[22] == sent[22] + 1
                && in_length >= 14 + bytes && memcmp(in + 26, sent + 26, bytes - 12) == 0;
    }
    if (word(sent + 12) == 0x86dd && in_length >= 54) {
        size_t bytes = 40 + word(in + 18);
        return length >= ETHERNET_HEADER + bytes && memcmp(in + 14, sent + 14, 7) == 0 && in[21] == sent[21] + 1
                && in_length >= 14 + bytes && memcmp(in + 22, sent + 22, bytes - 8) == 0;
    }
    return false;
}

/* Reads what the kernel has sent and prints it; in may be NULL. */
static void collect(const unsigned char *in, size_t in_length) {
    static unsigned char frame[MAX_FRAME];
    bool ipv6 = in && word(in + 12) == 0x86dd;
    struct counts after = in ? counts(ipv6) : before[0];
    bool local = in && after.local != before[ipv6].local;
    bool routed = in && after.routed != before[ipv6].routed;
    bool any = local;
    if (local) {
        fputs("> local\n", out);
    }
    for (int i = 0; i < interface_count; i++) {
        ssize_t length;
        while ((length = read(interfaces[i].tap, frame, sizeof frame)) > 0) {
            if (ipv6_multicast_housekeeping(frame, length)) {
                continue;
            }
            any = true;
            if (asks_for_neighbour(interfaces[i].name, frame, length)) {
                continue;
            }
            if (routed && passed_on(in, in_length, frame, length)) {
                fprintf(out, "> routed %s ", interfaces[i].name);
            } else {
                fprintf(out, "%s %s ", local ? "# stack" : ">", interfaces[i].name);
            }
            print_hex(frame, length);
            putc('\n', out);
        }
    }
    if (in && !any) {
        fputs("> drop\n", out);
    }
    before[ipv6] = after;
}

static void do_frame(char **words, int count) {
    static unsigned char frame[MAX_FRAME];
    struct interface *interface = interface_named(words[1]);
    if (!interface) {
        fail("no interface %s", words[1]);
    }
    size_t length = strlen(words[2]) / 2;
    for (size_t i = 0; i < length; i++) {
        sscanf(words[2] + 2 * i, "%2hhx", &frame[i]);
    }
    put_mark(count == 5 ? strtoul(words[4], NULL, 0) : 0);
    collect(NULL, 0);
    if (write(interface->tap, frame, length) < 0) {
        fprintf(out, "> refused %s\n", strerror(errno));
    }
    collect(frame, length);
}

/* ---- ipvsadm ---- */

static void print_lines(int from) {
    FILE *lines = fdopen(from, "r");
    char *line = NULL;
    size_t size = 0;
    ssize_t length;
    while ((length = getline(&line, &size, lines)) > 0) {
        if (line[length - 1] == '\n') {
            line[length - 1] = 0;
        }
        fprintf(out, "| %s\n", line);
    }
    free(line);
    fclose(lines);
}

static void do_ipvsadm(char **words) {
    int standard = memfd_create("stdout", 0);
    int error = memfd_create("stderr", 0);
    words[0] = "/sbin/ipvsadm";
    fflush(out);
    pid_t child = fork();
    if (child == 0) {
        dup2(standard, 1);
        dup2(error, 2);
        execv(words[0], words);
        _exit(127);
    }
    int status;
    waitpid(child, &status, 0);
    lseek(standard, 0, SEEK_SET);
    lseek(error, 0, SEEK_SET);
    print_lines(standard);
    print_lines(error);
    if (status) {
        fprintf(out, "| exit %d\n", WEXITSTATUS(status));
    }
}

/* ---- scripts ---- */

static int64_t nanos(const char *text) {
    char *unit;
    double value = strtod(text, &unit);
    static const struct {
        const char *name;
        double nanos;
    } units[] = {{"ns", 1}, {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}, {"m", 60e9}, {"h", 3600e9}, {"d", 86400e9}};
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (strcmp(unit, units[i].name) == 0) {
            return value * units[i].nanos;
        }
    }
    errno = EINVAL;
    fail("duration %s", text);
}

static void prepare_namespace(void) {
    if (unshare(CLONE_NEWNET) < 0) {
        fail("network namespace");
    }
    link_up(1, NULL, 0); /* loopback */
    sysctl("net.ipv4.ip_forward", "1");
    sysctl("net.ipv6.conf.all.forwarding", "1");
    sysctl("net.ipv4.icmp_ratelimit", "0");
    sysctl("net.ipv6.icmp.ratelimit", "0");
    sysctl("net.ipv4.conf.all.send_redirects", "0");
    sysctl("net.ipv4.conf.all.rp_filter", "0");
    sysctl("net.ipv6.conf.default.accept_dad", "0");
    make_marks();
    marked_is_local(AF_INET);
    marked_is_local(AF_INET6);
}

static void execute(char *line, int64_t start, int64_t *elapsed) {
    static char copy[4 * MAX_FRAME];
    char *words[MAX_WORDS + 1];
    int count = 0;
    char *rest;
    snprintf(copy, sizeof copy, "%s", line);
    for (char *word = strtok_r(copy, " \t", &rest); word && count < MAX_WORDS; word = strtok_r(NULL, " \t", &rest)) {
        words[count++] = word;
    }
    words[count] = NULL;
    if (count == 0) {
        return;
    }
    if (strcmp(words[0], "frame") == 0 && count >= 3) {
        do_frame(words, count);
    } else if (strcmp(words[0], "ipvsadm") == 0) {
        do_ipvsadm(words);
    } else if (strcmp(words[0], "advance") == 0 && count == 2) {
        *elapsed += nanos(words[1]);
        sleep_until(start + *elapsed);
        collect(NULL, 0);
        before[0] = counts(false);
        before[1] = counts(true);
    } else if (strcmp(words[0], "interface") == 0 && count == 4) {
        do_interface(words);
    } else if (strcmp(words[0], "mtu") == 0 && count == 3) {
        struct interface *interface = interface_named(words[1]);
        link_up(interface ? interface->index : 0, NULL, atoi(words[2]));
    } else if (strcmp(words[0], "route") == 0 && count >= 4) {
        do_route(words, count);
    } else if (strncmp(words[0], "neighbo", 7) == 0 && count == 4) {
        do_neighbour(words);
    } else if (strcmp(words[0], "sysctl") == 0) {
        char *assignment = line + strspn(line + 6, " \t") + 6;
        char *equals = strchr(assignment, '=');
        if (!equals) {
            errno = EINVAL;
            fail("%s", line);
        }
        *equals = 0;
        if (!sysctl(assignment, equals + 1)) {
            fail("sysctl %s", assignment);
        }
    } else if (strcmp(words[0], "proc") == 0 && count == 2) { /* for finding out: what a file of /proc/net says */
        char path[256];
        snprintf(path, sizeof path, "/proc/self/net/%s", words[1]);
        int file = open(path, O_RDONLY);
        if (file >= 0) {
            print_lines(file);
        }
    } else {
        errno = EINVAL;
        fail("%s", line);
    }
}

static void run_script(FILE *script) {
    prepare_namespace();
    char *line = NULL;
    size_t size = 0;
    ssize_t length;
    int64_t start = now_nanos();
    int64_t elapsed = 0;
    while ((length = getline(&line, &size, script)) > 0) {
        if (line[length - 1] == '\n') {
            line[--length] = 0;
        }
        if (length == 0 || strchr("#>|!", line[0])) {
            if (line[0] == '#') {
                fprintf(out, "%s\n", line);
            }
            continue;
        }
        fprintf(out, "%s\n", line);
        execute(line, start, &elapsed);
    }
    /* entries that wait for their timers would keep the namespace, and the memory of all of them is limited */
    fclose(out);
    _exit(0);
}

static void run_one(const char *name) {
    char path[512];
    snprintf(path, sizeof path, "/scripts/%s", name);
    FILE *script = fopen(path, "r");
    int text = memfd_create("output", 0);
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        out = fdopen(text, "w");
        if (!script) {
            fail("%s", path);
        }
        run_script(script);
    }
    int status;
    waitpid(child, &status, 0);
    to_host("=== ", 4);
    to_host(name, strlen(name));
    to_host("\n", 1);
    static char buffer[1 << 16];
    ssize_t length;
    lseek(text, 0, SEEK_SET);
    while ((length = read(text, buffer, sizeof buffer)) > 0) {
        to_host(buffer, length);
    }
    if (WIFSIGNALED(status)) {
        length = snprintf(buffer, sizeof buffer, "! signal %d\n", WTERMSIG(status));
        to_host(buffer, length);
    }
    close(text);
    if (script) {
        fclose(script);
    }
}

/* Loads all modules, those first that need no other one: what fails for a missing symbol is tried again after the rest. */
static void load_modules(void) {
    struct dirent **names;
    int count = scandir("/modules", &names, NULL, alphasort);
    bool progress = true;
    while (progress) {
        progress = false;
        for (int i = 0; i < count; i++) {
            if (names[i] == NULL) {
                continue;
            }
            char path[512];
            snprintf(path, sizeof path, "/modules/%s", names[i]->d_name);
            int file = open(path, O_RDONLY);
            bool loaded = names[i]->d_name[0] != '.' && syscall(SYS_finit_module, file, "", 0) == 0;
            close(file);
            if (loaded || names[i]->d_name[0] == '.' || errno == EEXIST) {
                progress |= loaded;
                names[i] = NULL;
            }
        }
    }
    for (int i = 0; i < count; i++) {
        if (names[i]) {
            char text[512];
            int length = snprintf(text, sizeof text, "! module %s is not loaded\n", names[i]->d_name);
            to_host(text, length);
        }
    }
}

int main(void) {
    if (ioperm(DEBUG_PORT, 1, 1) < 0 || ioperm(EXIT_PORT, 1, 1) < 0) {
        return 1;
    }
    out = stderr;
    mkdir("/proc", 0755);
    mkdir("/dev", 0755);
    mkdir("/sys", 0755);
    mount("proc", "/proc", "proc", 0, NULL);
    mount("sys", "/sys", "sysfs", 0, NULL);
    mount("dev", "/dev", "devtmpfs", 0, NULL);
    load_modules();
    sysctl("net.ipv4.icmp_msgs_per_sec", "1000000");
    sysctl("net.ipv4.icmp_msgs_burst", "1000000");
    struct dirent **names;
    int count = scandir("/scripts", &names, NULL, alphasort);
    for (int i = 0; i < count; i++) {
        if (names[i]->d_name[0] != '.') {
            run_one(names[i]->d_name);
        }
    }
    to_host("=== end\n", 8);
    outb(0, EXIT_PORT);
    reboot(RB_POWER_OFF);
    return 0;
}
