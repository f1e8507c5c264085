# Latchkey: build · run · test · bench · install.
#
#   make            the programs, in build/cgi-bin
#   make run        the demo site on http://localhost:8080 (PORT), until Ctrl-C
#   make test       every test; the last line is "N passed, N failed"
#   make install    DESTDIR, PREFIX, CGIDIR, WWWDIR, SYSCONFDIR, STATEDIR
#
# CC, CFLAGS, CPPFLAGS and LDFLAGS are the builder's; what the code needs stands in OUR_*, so that
# `make CFLAGS="-O1 -g -fsanitize=address,undefined"` works. Own settings can live in config.mk.

-include config.mk

CFLAGS ?= -O2 -g
PREFIX ?= /usr/local
CGIDIR ?= $(PREFIX)/lib/cgi-bin
WWWDIR ?= $(PREFIX)/share/latchkey/www
SYSCONFDIR ?= /etc
STATEDIR ?= /var/lib/latchkey
BUILD ?= build

CONF_PATH = $(SYSCONFDIR)/latchkey.conf
TEMPLATES_PATH = $(PREFIX)/share/latchkey/templates

OUR_CPPFLAGS = -D_GNU_SOURCE -Ilib -I$(BUILD)/generated \
	-DLATCHKEY_CONF_PATH='"$(CONF_PATH)"' -DLATCHKEY_TEMPLATES_PATH='"$(TEMPLATES_PATH)"'
OUR_CFLAGS = -std=gnu11 -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes \
	-Wpointer-arith -Wwrite-strings -Wvla -fstack-protector-strong -fvisibility=hidden -MMD -MP

# The hot path is linked statically where the system has the archives: starting it is then twice as
# quick. STATIC= turns that off.
STATIC ?= $(shell echo 'int main(void){return 0;}' | $(CC) -x c -static -o /dev/null - -lsqlite3 -lcrypto -lb64 -lfcgi 2>/dev/null && case "$(CFLAGS)" in *sanitize*) ;; *) echo -static ;; esac)
LIBS = -lfcgi -lsqlite3 -lb64 -lcrypto -lpthread -ldl -lm
NETWORK_LIBS = -lcurl

LIB_SOURCES = $(wildcard lib/*/*.c)
LIB_OBJECTS = $(LIB_SOURCES:%.c=$(BUILD)/obj/%.o)
LIBRARY = $(BUILD)/liblatchkey.a
GENERATED = $(BUILD)/generated/schema.inc $(BUILD)/generated/providers.inc

# Those that call out themselves link libcurl and are linked dynamically; the others are not, and do not.
NETWORK_PROGRAMS = callback fetch
LOCAL_PROGRAMS = login me logout
PROGRAMS = $(NETWORK_PROGRAMS:%=$(BUILD)/cgi-bin/%.cgi) $(LOCAL_PROGRAMS:%=$(BUILD)/cgi-bin/%.cgi)

.PHONY: all
all: $(PROGRAMS)

# ---- building ---------------------------------------------------------------------------------

# A text as a C string literal, to be included where it is needed.
$(BUILD)/generated/%.inc:
	@mkdir -p $(@D)
	sed 's/\\/\\\\/g; s/"/\\"/g; s/^/"/; s/$$/\\n"/' $< >$@
$(BUILD)/generated/schema.inc: schema.sql
$(BUILD)/generated/providers.inc: lib/providers.ini

$(BUILD)/obj/%.o: %.c | $(GENERATED)
	@mkdir -p $(@D)
	$(CC) $(OUR_CPPFLAGS) $(CPPFLAGS) $(OUR_CFLAGS) $(CFLAGS) -c -o $@ $<
$(BUILD)/obj/lib/edge/database.o: $(BUILD)/generated/schema.inc
$(BUILD)/obj/lib/edge/config.o: $(BUILD)/generated/providers.inc

$(LIBRARY): $(LIB_OBJECTS)
	rm -f $@
	$(AR) rcs $@ $^

# -w: glibc warns of dlopen() in static programs; SQLite and OpenSSL have it for extensions we never load.
$(LOCAL_PROGRAMS:%=$(BUILD)/cgi-bin/%.cgi): $(BUILD)/cgi-bin/%.cgi: $(BUILD)/obj/cgi-bin/%.o $(LIBRARY)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) $(if $(STATIC),$(STATIC) -Wl$(,)-w) -o $@ $^ $(LIBS)
$(NETWORK_PROGRAMS:%=$(BUILD)/cgi-bin/%.cgi): $(BUILD)/cgi-bin/%.cgi: $(BUILD)/obj/cgi-bin/%.o $(LIBRARY)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(NETWORK_LIBS) $(LIBS)
, := ,

# ---- tests --------------------------------------------------------------------------------------

UNIT_TESTS = $(patsubst tests/unit/test_%.c,$(BUILD)/tests/unit/%,$(wildcard tests/unit/test_*.c))

$(BUILD)/tests/unit/%: $(BUILD)/obj/tests/unit/test_%.o $(BUILD)/obj/tests/unit/unit.o $(LIBRARY)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ -lcmocka $(NETWORK_LIBS) $(LIBS)

.PHONY: unit-tests
unit-tests: $(UNIT_TESTS)

# ---- housekeeping -------------------------------------------------------------------------------

.PHONY: format clean
format:
	clang-format -i $$(git ls-files '*.c' '*.h')
clean:
	rm -rf $(BUILD)

.SECONDARY:
-include $(shell find $(BUILD)/obj -name '*.d' 2>/dev/null)
