/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A client of the daemon's, that says how many nanoseconds each of its calls took, a line each.
 *
 *   events page COUNT UNIT   asks for the newest 100 refusals of a unit
 *   events walk COUNT        asks for so many of all events, from the oldest on, 1000 at a time; says how
 * many there were events ask COUNT         asks for a property, with pauses of 2 ms between events crowd
 * COUNT UNIT  asks for so many pages at once, and waits for all of them */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-bus.h>
#include <time.h>
#include <unistd.h>

#define NAME "org.enforced1"
#define PATH "/org/enforced1"
#define MANAGER "org.enforced1.Manager"

static void fail(const char* what, int error) {
    fprintf(stderr, "events: %s: %s\n", what, strerror(-error));
    exit(1);
}

static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

/* The events of an answer, where to go on, and whether there are more. */
static int read_page(sd_bus_message* answer, char cursor[512], int* more) {
    const char* text;
    int count = 0, result = sd_bus_message_enter_container(answer, 'a', "a{sv}");

    while (result >= 0 && (result = sd_bus_message_skip(answer, "a{sv}")) > 0)
        count++;
    if (result == -ENXIO || result == 0)
        result = sd_bus_message_exit_container(answer);
    if (result >= 0)
        result = sd_bus_message_read(answer, "sb", &text, more);
    if (result < 0)
        fail("the answer", result);
    snprintf(cursor, 512, "%s", text);
    return count;
}

static sd_bus_message* query_of(sd_bus* bus, const char* unit, const char* cursor) {
    sd_bus_message* call;
    int result = sd_bus_message_new_method_call(bus, &call, NAME, PATH, MANAGER, "QueryEvents");

    if (result >= 0 && unit)
        result = sd_bus_message_append(call, "a{sv}a{sv}", 2, "unit", "s", unit, "verdict", "s", "deny", 1,
                                       "limit", "u", 100);
    else if (result >= 0 && *cursor)
        result = sd_bus_message_append(call, "a{sv}a{sv}", 0, 3, "limit", "u", 1000, "order", "s", "oldest",
                                       "cursor", "s", cursor);
    else if (result >= 0)
        result = sd_bus_message_append(call, "a{sv}a{sv}", 0, 2, "limit", "u", 1000, "order", "s", "oldest");
    if (result < 0)
        fail("the question", result);
    return call;
}

static int ask(sd_bus* bus, const char* unit, char cursor[512], int* more) {
    sd_bus_error error = SD_BUS_ERROR_NULL;
    sd_bus_message *call = query_of(bus, unit, cursor), *answer;
    const int64_t begin = now();
    const int result = sd_bus_call(bus, call, 0, &error, &answer);
    int count;

    if (result < 0) {
        fprintf(stderr, "events: %s\n", error.message);
        exit(1);
    }
    count = read_page(answer, cursor, more);
    printf("%lld\n", (long long)(now() - begin));
    sd_bus_message_unref(answer);
    sd_bus_message_unref(call);
    return count;
}

static int waiting;

static int take(sd_bus_message* answer, void* begin, sd_bus_error* unused) {
    (void)unused;
    if (sd_bus_message_is_method_error(answer, NULL))
        fail(sd_bus_message_get_error(answer)->message, -EIO);
    printf("%lld\n", (long long)(now() - *(int64_t*)begin));
    waiting--;
    return 0;
}

static void crowd(sd_bus* bus, int count, const char* unit) {
    int64_t begin = now();

    for (waiting = 0; waiting < count; waiting++) {
        sd_bus_message* call = query_of(bus, unit, "");
        const int result = sd_bus_call_async(bus, NULL, call, take, &begin, 0);
        if (result < 0)
            fail("ask", result);
        sd_bus_message_unref(call);
    }
    while (waiting > 0) {
        const int result = sd_bus_process(bus, NULL);
        if (result < 0)
            fail("the bus", result);
        if (result == 0)
            sd_bus_wait(bus, UINT64_MAX);
    }
}

static void ask_others(sd_bus* bus, int count) {
    while (count-- > 0) {
        char* state;
        const int64_t begin = now();
        const int result = sd_bus_get_property_string(bus, NAME, PATH, MANAGER, "State", NULL, &state);
        if (result < 0)
            fail("State", result);
        printf("%lld\n", (long long)(now() - begin));
        free(state);
        usleep(2000);
    }
}

int main(int argc, char** argv) {
    const char* what = argc > 1 ? argv[1] : "";
    const int count = argc > 2 ? atoi(argv[2]) : 0;
    char cursor[512] = "";
    int more = 1, all = 0, result;
    sd_bus* bus;

    result = sd_bus_open_system(&bus);
    if (result < 0)
        fail("the bus", result);
    if (!strcmp(what, "page") && argc == 4) {
        for (int i = 0; i < count; i++, *cursor = 0)
            if (ask(bus, argv[3], cursor, &more) != 100)
                fail("a page of 100", -EIO);
    } else if (!strcmp(what, "walk") && argc == 3) {
        while (more && all < count)
            all += ask(bus, NULL, cursor, &more);
        printf("events %d\n", all);
    } else if (!strcmp(what, "ask") && argc == 3) {
        ask_others(bus, count);
    } else if (!strcmp(what, "crowd") && argc == 4) {
        crowd(bus, count, argv[3]);
    } else {
        fprintf(stderr, "usage: events page COUNT UNIT | walk COUNT | ask COUNT | crowd COUNT UNIT\n");
        return 2;
    }
    sd_bus_unref(bus);
    return 0;
}
