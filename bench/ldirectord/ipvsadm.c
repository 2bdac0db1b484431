/*
 * A stand-in for ipvsadm where the kernel has no IPVS: it keeps the table in the file IPVSADM_TABLE names, each line "S service" or
 * "R service real method weight", and knows the commands and listings two checkers need. No checks of its arguments: it is not measured.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

struct row { char kind, service[64], real[64], method; int weight; };
static struct row *rows;
static int count, room;

static struct row *add(char kind, const char *service, const char *real, char method, int weight) {
    if (count == room) rows = realloc(rows, (room = room ? 2 * room : 1024) * sizeof *rows);
    struct row *row = &rows[count++];
    memset(row, 0, sizeof *row);
    row->kind = kind, row->method = method, row->weight = weight;
    strncpy(row->service, service, sizeof row->service - 1);
    strncpy(row->real, real, sizeof row->real - 1);
    return row;
}

static struct row *find(char kind, const char *service, const char *real) {
    for (int i = 0; i < count; i++)
        if (rows[i].kind == kind && !strcmp(rows[i].service, service) && !strcmp(rows[i].real, real)) return &rows[i];
    return 0;
}

static void list(int thresholds) {
    printf("IP Virtual Server version 1.2.1 (size=4096)\nProt LocalAddress:Port Scheduler Flags\n");
    puts(thresholds ? "  -> RemoteAddress:Port            Uthreshold Lthreshold ActiveConn InActConn  "
                    : "  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn");
    for (int i = 0; i < count; i++)
        if (rows[i].kind == 'S') {
            printf("TCP  %s wrr\n", rows[i].service);
            for (int r = 0; r < count; r++)
                if (rows[r].kind == 'R' && !strcmp(rows[r].service, rows[i].service)) {
                    if (thresholds) printf("  -> %-28s %-10d %-10d %-10d %-10d\n", rows[r].real, 0, 0, 0, 0);
                    else printf("  -> %-28s %-7s %-6d %-10d %-10d\n", rows[r].real,
                                rows[r].method == 'm' ? "Masq" : rows[r].method == 'i' ? "Tunnel" : "Route", rows[r].weight, 0, 0);
                }
        }
}

static int run(char **words, int n) {
    char command = 0, method = 'g';
    const char *service = "", *real = "";
    int weight = 1, thresholds = 0;
    for (int i = 0; i < n; i++) {
        char letter = words[i][0] == '-' ? words[i][1] : 0;
        if (!strcmp(words[i], "--thresholds")) thresholds = 1;
        else if (letter && strchr("AEDaedLlCSR", letter) && !command && words[i][1] != '-') command = letter;
        else if (!strcmp(words[i], "--restore")) command = 'R';
        else if (letter && strchr("tuf", letter) && i + 1 < n) service = words[++i];
        else if (letter == 'r' && i + 1 < n) real = words[++i];
        else if (letter == 'w' && i + 1 < n) weight = atoi(words[++i]);
        else if (letter && strchr("gim", letter)) method = letter;
    }
    if (command == 'R') {
        char line[1024], *parts[64];
        int status = 0;
        while (fgets(line, sizeof line, stdin)) {
            int k = 0;
            for (char *word = strtok(line, " \n"); word && k < 64; word = strtok(0, " \n")) parts[k++] = word;
            if (k) status |= run(parts, k);
        }
        return status;
    }
    struct row *row = find(*real ? 'R' : 'S', service, real);
    switch (command) {
        case 'L': case 'l': list(thresholds); return 0;
        case 'A': if (row) return 255; add('S', service, "", 0, 0); return 0;
        case 'a': if (row) return 255; add('R', service, real, method, weight); return 0;
        case 'E': return row ? 0 : 255;
        case 'e': if (!row) return 255; row->weight = weight, row->method = method; return 0;
        case 'D':
            if (!row) return 255;
            for (int i = 0; i < count; i++) if (rows[i].kind == 'R' && !strcmp(rows[i].service, service)) rows[i].kind = 0;
            /* fall through */
        case 'd': if (!row) return 255; row->kind = 0; return 0;
        case 'C': count = 0; return 0;
        default: return 2;
    }
}

int main(int argc, char **argv) {
    const char *path = getenv("IPVSADM_TABLE");
    int fd = open(path ? path : "/run/ipvsadm.table", O_RDWR | O_CREAT, 0600);
    if (fd < 0 || flock(fd, LOCK_EX)) return perror("table"), 1;
    FILE *table = fdopen(fd, "r+");
    char kind, service[64], real[64], method;
    int weight;
    while (fscanf(table, " %c %63s %63s %c %d", &kind, service, real, &method, &weight) == 5)
        add(kind, service, strcmp(real, "-") ? real : "", method, weight);
    int status = run(argv + 1, argc - 1);
    int reading = argc > 1 && (argv[1][1] == 'L' || argv[1][1] == 'l');
    if (!reading) {
        rewind(table);
        if (ftruncate(fd, 0)) return 1;
        for (int i = 0; i < count; i++)
            if (rows[i].kind)
                fprintf(table, "%c %s %s %c %d\n", rows[i].kind, rows[i].service, *rows[i].real ? rows[i].real : "-",
                        rows[i].method ? rows[i].method : '-', rows[i].weight);
        fflush(table);
    }
    return status;
}
