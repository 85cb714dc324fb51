/* A relay board and meter on Debian's libmodbus, so that the driver meets code that nobody here wrote.
 *
 *   modbus_server tcp PORT UNITS [OPTION...]          PORT 0: a free one, printed
 *   modbus_server rtu DEVICE BAUD UNITS [OPTION...]
 *
 * UNITS: "1" or "1,2,5-8". Every unit has 16 coils, 16 discrete inputs and 65536 input and holding registers.
 * OPTION: "input ADDR WORD...", "holding ADDR WORD..." (one argument each: preset of every unit),
 *   "flash": FC05 at 0x0200+n closes coil n for value x 100 ms (Waveshare),
 *   "watchdog": holding 8 is a time-out in s; without a request for longer, every coil of the unit opens (Wiren Board),
 *   "count8": FC01 always answers eight coils (Waveshare V1 firmware).
 * Lines on stdin, each may begin with "unit N"; without it every unit is meant:
 *   input|holding|coil|contact ADDR VALUE...    silent on|off    nan on|off    delay MS    exception CODE (0: none)
 *   stuck ADDR on|off (coil echoes writes and does not move)    unknown silent|CODE (answer of units that do not exist)
 *   drop (close every connection)    sync (answers "synced")    End of file ends the program.
 * Lines on stdout: "listening PORT", then for every coil that moves "coil UNIT ADDR 0|1 MILLISECONDS" (CLOCK_MONOTONIC).
 */
#include <arpa/inet.h>
#include <errno.h>
#include <modbus.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { UNITS = 248, COILS = 16, CLIENTS = 64 };

struct unit {
    modbus_mapping_t *map;
    uint8_t shown[COILS];          /* coils as last reported on stdout */
    uint8_t stuck[COILS];
    long long off_at[COILS];       /* flash timers, 0: none */
    long long heard_at;
    int silent, exception;
};

static struct unit *units[UNITS];
static modbus_mapping_t *nan_map;
static int nan_on, delay_ms, unknown_code, flash, watchdog, count8;
static int clients[CLIENTS], n_clients;

static long long now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

static void report(int n)
{
    struct unit *u = units[n];
    for (int i = 0; i < COILS; i++)
        if (u->map->tab_bits[i] != u->shown[i]) {
            u->shown[i] = u->map->tab_bits[i];
            printf("coil %d %d %d %lld\n", n, i, u->shown[i], now_ms());
        }
}

static void poke(struct unit *u, const char *table, int at, char *values)
{
    for (char *word = strtok(values, " "); word; word = strtok(NULL, " "), at++) {
        int value = (int)strtol(word, NULL, 0);
        if (!strcmp(table, "input")) u->map->tab_input_registers[at] = (uint16_t)value;
        else if (!strcmp(table, "holding")) u->map->tab_registers[at] = (uint16_t)value;
        else if (!strcmp(table, "coil") && at < COILS) u->map->tab_bits[at] = value != 0;
        else if (!strcmp(table, "contact") && at < COILS) u->map->tab_input_bits[at] = value != 0;
    }
}

static int each(const char *table, int only, int at, const char *values)
{
    for (int n = 0; n < UNITS; n++)
        if (units[n] && (only < 0 || only == n)) {
            char copy[4096];
            snprintf(copy, sizeof copy, "%s", values);
            poke(units[n], table, at, copy);
            report(n);
        }
    return 0;
}

static void drop(void)
{
    while (n_clients) close(clients[--n_clients]);
}

static void command(char *line)
{
    int only = -1, used = 0, at = 0;
    char verb[16] = "", rest[4096] = "";
    line[strcspn(line, "\r\n")] = 0;
    if (sscanf(line, "unit %d %n", &only, &used) == 1) line += used;
    sscanf(line, "%15s %4095[^\n]", verb, rest);
    int on = !strcmp(rest, "on");
    if (!strcmp(verb, "nan")) nan_on = on;
    else if (!strcmp(verb, "delay")) delay_ms = atoi(rest);
    else if (!strcmp(verb, "drop")) drop();
    else if (!strcmp(verb, "sync")) puts("synced");
    else if (!strcmp(verb, "unknown")) unknown_code = atoi(rest);
    else if (!strcmp(verb, "silent") || !strcmp(verb, "exception")) {
        for (int n = 0; n < UNITS; n++)
            if (units[n] && (only < 0 || only == n)) {
                if (verb[0] == 's') units[n]->silent = on;
                else units[n]->exception = atoi(rest);
            }
    } else if (!strcmp(verb, "stuck")) {
        char state[8] = "";
        sscanf(rest, "%d %7s", &at, state);
        for (int n = 0; n < UNITS; n++)
            if (units[n] && (only < 0 || only == n) && at < COILS) units[n]->stuck[at] = !strcmp(state, "on");
    } else if (sscanf(rest, "%d %n", &at, &used) == 1) each(verb, only, at, rest + used);
}

/* Answer the request in `req`; its function code stands at `offset`, the unit id before it. */
static void answer(modbus_t *ctx, uint8_t *req, int length, int offset)
{
    int n = req[offset - 1], fc = req[offset], at = req[offset + 1] << 8 | req[offset + 2];
    int value = req[offset + 3] << 8 | req[offset + 4];
    struct unit *u = n < UNITS ? units[n] : NULL;
    modbus_set_slave(ctx, n);
    if (!u) {
        if (unknown_code) modbus_reply_exception(ctx, req, unknown_code);
        return;
    }
    if (u->silent) return;
    if (delay_ms) usleep(delay_ms * 1000);
    u->heard_at = now_ms();
    if (u->exception) {
        modbus_reply_exception(ctx, req, u->exception);
        return;
    }
    if (flash && fc == 5 && at >= 0x0200 && at < 0x0200 + COILS) {
        /* libmodbus refuses values but 0xFF00 and 0x0000, so this echo is written by hand. */
        int i = at - 0x0200;
        uint8_t raw[] = {(uint8_t)n, 5, req[offset + 1], req[offset + 2], req[offset + 3], req[offset + 4]};
        if (!u->stuck[i]) u->map->tab_bits[i] = 1;
        u->off_at[i] = now_ms() + value * 100LL;
        report(n);
        if (offset == 1) { modbus_send_raw_request(ctx, raw, sizeof raw); return; }
        uint8_t adu[] = {req[0], req[1], 0, 0, 0, 6, raw[0], raw[1], raw[2], raw[3], raw[4], raw[5]};
        if (write(modbus_get_socket(ctx), adu, sizeof adu) < 0) perror("write");
        return;
    }
    uint8_t before[COILS];
    memcpy(before, u->map->tab_bits, COILS);
    if (count8 && fc == 1) req[offset + 3] = 0, req[offset + 4] = 8;
    modbus_reply(ctx, req, length, nan_on && (fc == 3 || fc == 4) ? nan_map : u->map);
    for (int i = 0; i < COILS; i++) {
        if (u->stuck[i]) u->map->tab_bits[i] = before[i];
        if (fc == 5 && i == at) u->off_at[i] = 0;
    }
    report(n);
}

/* libmodbus listens to one unit of a serial line only, so the request is collected here; the reply is libmodbus's. */
static void serial(modbus_t *ctx)
{
    static uint8_t buf[260];
    static int have;
    static long long last;
    if (now_ms() - last > 50) have = 0;
    last = now_ms();
    ssize_t got = read(modbus_get_socket(ctx), buf + have, sizeof buf - have);
    if (got > 0) have += (int)got;
    int need = have > 6 && (buf[1] == 15 || buf[1] == 16) ? 9 + buf[6] : 8;
    if (have < need) return;
    uint16_t crc = 0xFFFF;
    for (int i = 0; i < need; i++) {
        crc ^= buf[i];
        for (int k = 0; k < 8; k++) crc = crc & 1 ? crc >> 1 ^ 0xA001 : crc >> 1;
    }
    if (crc == 0) answer(ctx, buf, need, 1);
    have = 0;
}

static void tick(void)
{
    long long t = now_ms();
    for (int n = 0; n < UNITS; n++) {
        struct unit *u = units[n];
        if (!u) continue;
        for (int i = 0; i < COILS; i++)
            if (u->off_at[i] && t >= u->off_at[i]) u->off_at[i] = 0, u->map->tab_bits[i] = 0;
        if (watchdog && u->map->tab_registers[8] && t - u->heard_at > u->map->tab_registers[8] * 1000LL)
            memset(u->map->tab_bits, 0, COILS);
        report(n);
    }
}

static void declare(char *list)
{
    for (char *part = strtok(list, ","); part; part = strtok(NULL, ",")) {
        int lo = atoi(part), hi = strchr(part, '-') ? atoi(strchr(part, '-') + 1) : lo;
        for (int n = lo; n <= hi && n < UNITS; n++) {
            units[n] = calloc(1, sizeof(struct unit));
            units[n]->map = modbus_mapping_new(COILS, COILS, 65536, 65536);
        }
    }
}

int main(int argc, char **argv)
{
    int rtu = argc > 1 && !strcmp(argv[1], "rtu"), first = rtu ? 5 : 4, listener = -1;
    if (argc < first) return fprintf(stderr, "usage: see the head of modbus_server.c\n"), 2;
    signal(SIGPIPE, SIG_IGN);
    setvbuf(stdout, NULL, _IOLBF, 0);
    declare(argv[first - 1]);
    for (int i = first; i < argc; i++) {
        if (!strcmp(argv[i], "flash")) flash = 1;
        else if (!strcmp(argv[i], "watchdog")) watchdog = 1;
        else if (!strcmp(argv[i], "count8")) count8 = 1;
        else command(argv[i]);
    }
    nan_map = modbus_mapping_new(COILS, COILS, 65536, 65536);
    for (int i = 0; i < 65536; i += 2) nan_map->tab_registers[i] = nan_map->tab_input_registers[i] = 0x7FC0;

    modbus_t *ctx = rtu ? modbus_new_rtu(argv[2], atoi(argv[3]), 'N', 8, 1) : modbus_new_tcp("127.0.0.1", atoi(argv[2]));
    modbus_set_response_timeout(ctx, 0, 1000);
    if (rtu) {
        modbus_set_slave(ctx, 1);
        if (modbus_connect(ctx)) return perror(argv[2]), 1;
        puts("listening 0");
    } else {
        struct sockaddr_in where;
        socklen_t size = sizeof where;
        if ((listener = modbus_tcp_listen(ctx, 8)) < 0) return perror("listen"), 1;
        getsockname(listener, (struct sockaddr *)&where, &size);
        printf("listening %d\n", ntohs(where.sin_port));
    }
    for (;;) {
        struct pollfd fds[CLIENTS + 2] = {{0, POLLIN, 0}, {rtu ? modbus_get_socket(ctx) : listener, POLLIN, 0}};
        int watched = n_clients;
        for (int i = 0; i < watched; i++) fds[i + 2] = (struct pollfd){clients[i], POLLIN, 0};
        if (poll(fds, watched + 2, 10) < 0 && errno != EINTR) return 1;
        tick();
        if (fds[0].revents) {
            static char inbox[65536];
            static size_t held;
            ssize_t got = read(0, inbox + held, sizeof inbox - held - 1);
            if (got <= 0) return 0;
            inbox[held += got] = 0;
            char *line = inbox, *end;
            for (; (end = strchr(line, '\n')); line = end + 1) *end = 0, command(line);
            held = strlen(line);
            memmove(inbox, line, held + 1);
        }
        if (fds[1].revents && rtu) serial(ctx);
        else if (fds[1].revents) {
            int fd = accept(listener, NULL, NULL);
            if (fd >= 0 && n_clients < CLIENTS) clients[n_clients++] = fd;
            else if (fd >= 0) close(fd);
        }
        for (int i = 0; i < watched; i++) {
            uint8_t req[MODBUS_TCP_MAX_ADU_LENGTH];
            if (!fds[i + 2].revents || n_clients < watched) continue;   /* "drop" changed the list: next round */
            modbus_set_socket(ctx, fds[i + 2].fd);
            int length = modbus_receive(ctx, req);
            if (length > 0) answer(ctx, req, length, modbus_get_header_length(ctx));
            else if (length < 0) {
                close(fds[i + 2].fd);
                for (int k = 0; k < n_clients; k++)
                    if (clients[k] == fds[i + 2].fd) { clients[k] = clients[--n_clients]; break; }
                break;
            }
        }
    }
}
