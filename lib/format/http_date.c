#include "format/http_date.h"

#include "base/text.h"

#include <string.h>
#include <time.h>

#define YEAR_10000 253402300800

static const char *const day_names[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                        "Thursday", "Friday", "Saturday"};
static const char *const month_names[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

/* A date that is being read, and what is left of its text; NULL once something was wrong. */
struct reading {
    const char *rest;
    int weekday; /* 0 is Sunday */
    int day, month, year;
    int hour, minute, second;
};

static struct tm utc_of(int64_t when) {
    time_t seconds = (time_t)when;
    struct tm utc;
    gmtime_r(&seconds, &utc);
    return utc;
}

char *http_date_format(struct arena *arena, int64_t when) {
    if (when < 0)
        when = 0;
    if (when >= YEAR_10000)
        when = YEAR_10000 - 1;
    struct tm utc = utc_of(when);
    return arena_format(arena, "%.3s, %02d %s %04d %02d:%02d:%02d GMT", day_names[utc.tm_wday],
                        utc.tm_mday, month_names[utc.tm_mon], utc.tm_year + 1900, utc.tm_hour,
                        utc.tm_min, utc.tm_sec);
}

/* ---- pieces ---------------------------------------------------------------------------------- */

static void expect(struct reading *reading, const char *text) {
    if (reading->rest == NULL)
        return;
    reading->rest = text_starts_with(reading->rest, text) ? reading->rest + strlen(text) : NULL;
}

/* Exactly so many digits. */
static int read_number(struct reading *reading, int digits) {
    int number = 0;
    for (; digits > 0 && reading->rest != NULL; digits--) {
        if (ascii_is_digit(*reading->rest))
            number = number * 10 + (*reading->rest++ - '0');
        else
            reading->rest = NULL;
    }
    return number;
}

/* The place of the name that comes next, of which only the first `length` bytes count. */
static int read_name(struct reading *reading, const char *const names[], int count, size_t length) {
    for (int i = 0; i < count && reading->rest != NULL; i++) {
        size_t name = strnlen(names[i], length);
        if (strncmp(reading->rest, names[i], name) == 0) {
            reading->rest += name;
            return i;
        }
    }
    reading->rest = NULL;
    return 0;
}

static void read_weekday(struct reading *reading, size_t length) {
    reading->weekday = read_name(reading, day_names, 7, length);
}

static void read_month(struct reading *reading) {
    reading->month = read_name(reading, month_names, 12, 3);
}

static void read_time(struct reading *reading) {
    reading->hour = read_number(reading, 2);
    expect(reading, ":");
    reading->minute = read_number(reading, 2);
    expect(reading, ":");
    reading->second = read_number(reading, 2);
}

/* ---- the three notations --------------------------------------------------------------------- */

/* Sun, 06 Nov 1994 08:49:37 GMT */
static void read_fixdate(struct reading *reading) {
    read_weekday(reading, 3);
    expect(reading, ", ");
    reading->day = read_number(reading, 2);
    expect(reading, " ");
    read_month(reading);
    expect(reading, " ");
    reading->year = read_number(reading, 4);
    expect(reading, " ");
    read_time(reading);
    expect(reading, " GMT");
}

/* Sunday, 06-Nov-94 08:49:37 GMT */
static void read_rfc850_date(struct reading *reading) {
    read_weekday(reading, sizeof("Wednesday"));
    expect(reading, ", ");
    reading->day = read_number(reading, 2);
    expect(reading, "-");
    read_month(reading);
    expect(reading, "-");
    reading->year = read_number(reading, 2);
    expect(reading, " ");
    read_time(reading);
    expect(reading, " GMT");
}

/* Sun Nov  6 08:49:37 1994 */
static void read_asctime_date(struct reading *reading) {
    read_weekday(reading, 3);
    expect(reading, " ");
    read_month(reading);
    expect(reading, " ");
    bool one_digit = reading->rest != NULL && *reading->rest == ' ';
    if (one_digit)
        expect(reading, " ");
    reading->day = read_number(reading, one_digit ? 1 : 2);
    expect(reading, " ");
    read_time(reading);
    expect(reading, " ");
    reading->year = read_number(reading, 4);
}

/* ---- what it means --------------------------------------------------------------------------- */

static bool is_leap(int year) {
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int days_of(int month, int year) {
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 1 && is_leap(year) ? 29 : days[month];
}

/* A leap second is allowed at the end of any minute: nobody knows here when there was one. */
static bool is_time(const struct reading *reading) {
    return reading->day >= 1 && reading->day <= days_of(reading->month, reading->year) &&
           reading->hour <= 23 && reading->minute <= 59 && reading->second <= 60;
}

static int64_t moment_of(const struct reading *reading, int *weekday) {
    struct tm utc = {
        .tm_mday = reading->day,
        .tm_mon = reading->month,
        .tm_year = reading->year - 1900,
        .tm_hour = reading->hour,
        .tm_min = reading->minute,
    };
    int64_t minute = (int64_t)timegm(&utc); /* fills in the day of the week */
    *weekday = utc.tm_wday;
    return minute + reading->second;
}

/* "[…] MUST interpret a timestamp that appears to be more than 50 years in the future as
 * representing the most recent year in the past that had the same last two digits." */
static void complete_year(struct reading *reading, int64_t now) {
    struct tm limit = utc_of(now);
    int weekday = 0;
    limit.tm_year += 50;
    int last_year = limit.tm_year + 1900;
    reading->year += last_year - last_year % 100;
    if (reading->year > last_year || moment_of(reading, &weekday) > (int64_t)timegm(&limit))
        reading->year -= 100;
}

static bool take(const struct reading *reading, int64_t *when) {
    int weekday = 0;
    if (reading->rest == NULL || *reading->rest != '\0' || !is_time(reading))
        return false;
    *when = moment_of(reading, &weekday);
    return weekday == reading->weekday;
}

bool http_date_parse(const char *text, int64_t now, int64_t *when) {
    if (text == NULL)
        return false;
    struct reading fixdate = {.rest = text};
    struct reading rfc850 = {.rest = text};
    struct reading asctime = {.rest = text};
    read_fixdate(&fixdate);
    read_rfc850_date(&rfc850);
    complete_year(&rfc850, now);
    read_asctime_date(&asctime);
    return take(&fixdate, when) || take(&rfc850, when) || take(&asctime, when);
}
