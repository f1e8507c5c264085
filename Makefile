# Latchkey: build · run · test · bench · install.
#
#   make            the programs, in build/cgi-bin
#   make run        the demo site on http://localhost:8080 (PORT), until Ctrl-C; FASTCGI=1
#   make test       every test; the last line is "N passed, N failed"
#   make fuzz       every fuzz target for FUZZ_SECONDS (60) each
#   make bench      what it costs, beside an empty program and others' (tests/bench/RESULTS.md); make bench-check: more than it did?
#   make install    DESTDIR, PREFIX, CGIDIR, WWWDIR, SYSCONFDIR, STATEDIR, LIBDIR, INCLUDEDIR; and make uninstall
#
# CC, CFLAGS, CPPFLAGS and LDFLAGS are the builder's; what the code needs stands in OUR_*, so that
# `make CFLAGS="-O1 -g -fsanitize=address,undefined"` works. Own settings can live in config.mk.

-include config.mk

CFLAGS ?= -O2 -g
OBJCOPY ?= objcopy
PREFIX ?= /usr/local
CGIDIR ?= $(PREFIX)/lib/cgi-bin
WWWDIR ?= $(PREFIX)/share/latchkey/www
SYSCONFDIR ?= /etc
STATEDIR ?= /var/lib/latchkey
BUILD ?= build
FUZZ_SECONDS ?= 60

BINDIR = $(PREFIX)/bin
LIBDIR ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
MAN1DIR = $(PREFIX)/share/man/man1
DOCDIR = $(PREFIX)/share/doc/latchkey
TEMPLATESDIR = $(PREFIX)/share/latchkey/templates
CONF_PATH = $(SYSCONFDIR)/latchkey.conf

OUR_CPPFLAGS = -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -Ilib -I$(BUILD)/generated
OUR_CFLAGS = -std=gnu11 -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes \
	-Wpointer-arith -Wwrite-strings -Wvla -fstack-protector-strong -fvisibility=hidden -ffunction-sections -fdata-sections -MMD -MP
LIBS = -lsqlite3 -lb64 -lcrypto -lpthread -ldl -lm
NETWORK_LIBS = -lcurl

# The hot path is linked statically where the system has the archives: starting it is then twice as
# quick. STATIC= turns that off.
STATIC ?= $(if $(findstring sanitize,$(CFLAGS)),,$(shell tests/run/static-link "$(CC)"))

LIB_SOURCES = $(wildcard lib/*/*.c)
LIBRARY = $(BUILD)/liblatchkey.a
# The one that is installed, for other people's programs.
SEALED = $(BUILD)/lib/liblatchkey.a

existing = $(foreach name,$(1),$(if $(wildcard cgi-bin/$(name).c),$(name)))
# Those that call out themselves link libcurl and are linked dynamically; the others are not, and do not.
NETWORK_PROGRAMS = $(call existing,account callback fetch api)
LOCAL_PROGRAMS = $(call existing,login me logout check files jwks token)
# The operator's command, which is no program for a web server.
COMMAND = $(BUILD)/bin/latchkey
# The interpreter on the first line of a closed script.
SIGNED_IN = $(BUILD)/bin/signed-in
PROGRAMS = $(NETWORK_PROGRAMS:%=$(BUILD)/cgi-bin/%.cgi) $(LOCAL_PROGRAMS:%=$(BUILD)/cgi-bin/%.cgi)

UNIT_TESTS = $(patsubst tests/unit/test_%.c,$(BUILD)/tests/unit/%,$(wildcard tests/unit/test_*.c))
FUZZ_TARGETS = $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
REPLAYS = $(FUZZ_TARGETS:%=$(BUILD)/tests/replay/%)
PROVIDER_SOURCES = $(wildcard tests/provider/*.c)
PROVIDER = $(if $(PROVIDER_SOURCES),$(BUILD)/tests/provider/provider)
SOURCES = $(LIB_SOURCES) $(wildcard cgi-bin/*.c) $(PROVIDER_SOURCES) $(wildcard tests/unit/*.c tests/fuzz/*.c tests/bench/*.c tests/preload/*.c)

# What to do at each provider: made from its record, index.html last, so that it stands for all.
PAGES = $(BUILD)/www/providers/index.html
PAGES_SOURCES = lib/providers.ini www/providers/notes.ini
PAGES_NAMES = index.html providers.css marks.css $(shell sed -n 's/^\[provider \(.*\)\]$$/\1.html/p' lib/providers.ini)

object = $(1:%.c=$(BUILD)/obj/%.o)
quoted = '$(subst ','\'',$(1))'
, := ,

.PHONY: all
all: $(PROGRAMS) $(COMMAND) $(SIGNED_IN) $(SEALED) $(PAGES)

# ---- building -----------------------------------------------------------------------------------

# A text as a C string literal, to be included where it is needed.
MIGRATIONS = $(patsubst lib/edge/migrations/%.sql,$(BUILD)/generated/migration-%.inc,$(wildcard lib/edge/migrations/*.sql))
GENERATED = $(BUILD)/generated/schema.inc $(MIGRATIONS) $(BUILD)/generated/providers.inc
$(BUILD)/generated/%.inc:
	@mkdir -p $(@D)
	@sed 's/\\/\\\\/g; s/"/\\"/g; s/^/"/; s/$$/\\n"/' $< >$@
$(BUILD)/generated/schema.inc: schema.sql
$(MIGRATIONS): $(BUILD)/generated/migration-%.inc: lib/edge/migrations/%.sql
$(BUILD)/generated/providers.inc: lib/providers.ini

$(PAGES): www/providers/pages.awk www/providers/providers.css $(PAGES_SOURCES)
	@rm -rf $(@D)
	@mkdir -p $(@D)
	@cp www/providers/providers.css $(@D)
	@LC_ALL=C awk -v out=$(@D) -f $< $(PAGES_SOURCES)

# What everything was built with, and the paths compiled in: when they change, what depends on them is
# built again, so that `make && make install PREFIX=/usr` installs programs that look below /etc.
.PHONY: always
$(BUILD)/flags: text = $(CC) $(CPPFLAGS) $(OUR_CPPFLAGS) $(OUR_CFLAGS) $(CFLAGS) $(LDFLAGS)
$(BUILD)/paths: text = $(CONF_PATH) $(TEMPLATESDIR)
$(BUILD)/flags $(BUILD)/paths: always
	@mkdir -p $(@D)
	@printf '%s\n' $(call quoted,$(text)) | cmp -s - $@ || printf '%s\n' $(call quoted,$(text)) >$@
PATHS_CPPFLAGS = -DLATCHKEY_CONF_PATH='"$(CONF_PATH)"' -DLATCHKEY_TEMPLATES_PATH='"$(TEMPLATESDIR)"'
$(BUILD)/obj/lib/edge/config.o: private OUR_CPPFLAGS += $(PATHS_CPPFLAGS)
$(BUILD)/obj/lib/edge/config.o: $(BUILD)/paths
$(BUILD)/obj/lib/edge/preset.o: $(BUILD)/generated/providers.inc
$(BUILD)/obj/lib/edge/schema.o: $(BUILD)/generated/schema.inc $(MIGRATIONS)

# Says what to install, once, instead of a compiler's error in the middle.
$(BUILD)/headers:
	@tests/run/packages --only-tell build
	@mkdir -p $(@D) && touch $@

$(BUILD)/obj/%.o: %.c $(BUILD)/flags | $(GENERATED) $(BUILD)/headers
	@mkdir -p $(@D)
	@echo "CC $<"
	@$(CC) $(OUR_CPPFLAGS) $(CPPFLAGS) $(OUR_CFLAGS) $(CFLAGS) -c -o $@ $<

$(LIBRARY): $(call object,$(LIB_SOURCES))
	@rm -f $@
	@$(AR) rcs $@ $^

# One object of what lib/library needs, in which no name but its own is left to be seen: nothing of ours
# can meet a name of the program's.
$(SEALED): $(BUILD)/obj/lib/library/latchkey.o $(LIBRARY)
	@mkdir -p $(@D)
	@echo "LD $@"
	@$(CC) $(filter-out -fsanitize%,$(CFLAGS)) -r -nostdlib $(if $(findstring -flto,$(CFLAGS)),-flinker-output=nolto-rel) -o $(@D)/whole.o $^
	@$(OBJCOPY) --wildcard --keep-global-symbol='latchkey_*' $(@D)/whole.o $(@D)/latchkey.o
	@rm -f $@
	@$(AR) rcs $@ $(@D)/latchkey.o

link = @mkdir -p $(@D) && echo "LD $@" && $(CC) $(CFLAGS) -Wl,--gc-sections $(LDFLAGS) $(1) -o $@ $(filter %.o %.a,$^) $(2)

# The linker has long notes on dlopen() and getaddrinfo() in static programs: SQLite and OpenSSL have them for what we
# never do. They are shown only when linking fails.
$(LOCAL_PROGRAMS:%=$(BUILD)/cgi-bin/%.cgi): $(BUILD)/cgi-bin/%.cgi: $(BUILD)/obj/cgi-bin/%.o $(LIBRARY)
$(SIGNED_IN): $(BUILD)/obj/cgi-bin/signed_in.o $(LIBRARY)
$(LOCAL_PROGRAMS:%=$(BUILD)/cgi-bin/%.cgi) $(SIGNED_IN):
	$(call link,$(filter-out -l%,$(STATIC)),$(LIBS) $(filter -l%,$(STATIC))) 2>$(BUILD)/$(@F).link || { cat $(BUILD)/$(@F).link; exit 1; }
$(NETWORK_PROGRAMS:%=$(BUILD)/cgi-bin/%.cgi): $(BUILD)/cgi-bin/%.cgi: $(BUILD)/obj/cgi-bin/%.o $(LIBRARY)
	$(call link,,$(NETWORK_LIBS) $(LIBS))
$(COMMAND): $(BUILD)/bin/%: $(BUILD)/obj/cgi-bin/%.o $(LIBRARY)
	$(call link,,$(NETWORK_LIBS) $(LIBS))

# ---- running ------------------------------------------------------------------------------------

# Packages come first, in a make of their own: what they bring decides how the rest is built.
.PHONY: run
run:
	@tests/run/packages build run
	@$(MAKE) -s all $(PROVIDER)
	@BUILD=$(BUILD) tests/run/demo

# ---- tests --------------------------------------------------------------------------------------

$(BUILD)/tests/unit/%: $(BUILD)/obj/tests/unit/test_%.o $(BUILD)/obj/tests/unit/unit.o $(LIBRARY)
	$(call link,,-lcmocka $(NETWORK_LIBS) $(LIBS))

$(BUILD)/tests/replay/%: $(BUILD)/obj/tests/fuzz/fuzz_%.o $(BUILD)/obj/tests/fuzz/replay.o $(LIBRARY)
	$(call link,,$(NETWORK_LIBS) $(LIBS))

$(BUILD)/tests/provider/provider: $(call object,$(PROVIDER_SOURCES)) $(LIBRARY)
	$(call link,,$(LIBS))

# Loaded into programs as they are, so without sanitizers of its own.
PRELOAD = $(BUILD)/tests/preload/resolve.so
$(PRELOAD): $(BUILD)/tests/preload/%.so: tests/preload/%.c $(BUILD)/flags
	@mkdir -p $(@D)
	@echo "LD $@"
	@$(CC) $(OUR_CPPFLAGS) $(CPPFLAGS) $(filter-out -MMD -MP,$(OUR_CFLAGS)) $(filter-out -fsanitize% -fno-sanitize%,$(CFLAGS)) -fPIC -shared -o $@ $< -ldl

# c-tests: those that the sanitizers look into; everything else is in `test` alone.
.PHONY: test c-tests tests-built unit-tests objects
test:
	@tests/run/packages build run test
	@BUILD=$(BUILD) tests/run/suite all
c-tests:
	@BUILD=$(BUILD) tests/run/suite c
tests-built: all $(UNIT_TESTS) $(REPLAYS) $(PROVIDER) $(PRELOAD)
unit-tests: $(UNIT_TESTS)
objects: $(call object,$(SOURCES))

# Pinned by the lock file, fetched once; nothing of theirs is run by installing them.
NODE_PACKAGES = tests/e2e/node_modules/.package-lock.json
$(NODE_PACKAGES): tests/e2e/package-lock.json
	npm --prefix tests/e2e ci --ignore-scripts --no-audit --no-fund
	@touch $@
.PHONY: node-packages
node-packages: $(NODE_PACKAGES)

# A source is looked at again when it, or a header it includes, has changed: just like its object.
ANALYSED_CPPFLAGS = $(OUR_CPPFLAGS) $(PATHS_CPPFLAGS) $(CPPFLAGS) -include tests/house/analyser.h
.PHONY: tidy cppcheck
tidy: $(SOURCES:%.c=$(BUILD)/tidy/%.done)
$(BUILD)/tidy/%.done: %.c $(BUILD)/obj/%.o .clang-tidy tests/.clang-tidy tests/house/analyser.h
	@mkdir -p $(@D)
	@echo "TIDY $<"
	@clang-tidy --quiet --warnings-as-errors='*' $< -- $(ANALYSED_CPPFLAGS) -std=gnu11 >$@.log 2>&1 || { cat $@.log; exit 1; }
	@touch $@
cppcheck: $(GENERATED)
	@mkdir -p $(BUILD)/cppcheck
	@cppcheck --quiet --std=c11 --enable=warning,performance,portability --inline-suppr --error-exitcode=1 \
		--library=posix --library=gnu --suppressions-list=tests/house/cppcheck.suppressions \
		--cppcheck-build-dir=$(BUILD)/cppcheck -j 2 --include=tests/house/analyser.h -D_GNU_SOURCE $(PATHS_CPPFLAGS) \
		-Ilib -I$(BUILD)/generated -Itests/unit -Itests/provider $(SOURCES)

# ---- fuzzing ------------------------------------------------------------------------------------

.PHONY: fuzz fuzz-targets
fuzz:
	@tests/run/packages build fuzz
	@$(MAKE) -s BUILD=$(BUILD)/fuzz CC=clang STATIC= \
		CFLAGS="-O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all" fuzz-targets
	@FUZZ_SECONDS=$(FUZZ_SECONDS) BUILD=$(BUILD)/fuzz tests/run/fuzz $(FUZZ_TARGETS)
fuzz-targets: $(FUZZ_TARGETS:%=$(BUILD)/%)
$(FUZZ_TARGETS:%=$(BUILD)/%): $(BUILD)/%: $(BUILD)/obj/tests/fuzz/fuzz_%.o $(LIBRARY)
	$(call link,-fsanitize=fuzzer,$(NETWORK_LIBS) $(LIBS))

# ---- benchmarks ---------------------------------------------------------------------------------

# What measures is static, too, where it is measured itself; see processes.c.
BENCHES_ALONE = $(BUILD)/tests/bench/empty $(BUILD)/tests/bench/processes
BENCHES_LOADING = $(BUILD)/tests/bench/load $(BUILD)/tests/bench/logins
BENCHES_OURS = $(BUILD)/tests/bench/instant_provider $(BUILD)/tests/bench/fill
$(BENCHES_ALONE): $(BUILD)/tests/bench/%: $(BUILD)/obj/tests/bench/%.o
	$(call link,$(if $(findstring sanitize,$(CFLAGS)),,-static))
$(BENCHES_LOADING): $(BUILD)/tests/bench/%: $(BUILD)/obj/tests/bench/%.o $(BUILD)/obj/tests/bench/crowd.o
	$(call link)
$(BENCHES_OURS): $(BUILD)/tests/bench/%: $(BUILD)/obj/tests/bench/%.o $(LIBRARY)
	$(call link,,$(LIBS))

.PHONY: bench bench-check benches
bench bench-check:
	@tests/run/packages build bench
	@$(MAKE) -s benches
	@BUILD=$(BUILD) node tests/bench/$(subst bench-,,$@).mjs
benches: all $(BENCHES_ALONE) $(BENCHES_LOADING) $(BENCHES_OURS)
# What measures is tested, too.
tests-built: $(BENCHES_ALONE) $(BENCHES_LOADING)

# ---- installing ---------------------------------------------------------------------------------

# The sample configuration and the servers' snippets name the paths of this installation.
SUBSTITUTE = sed -e 's|@CGIDIR@|$(CGIDIR)|g' -e 's|@WWWDIR@|$(WWWDIR)|g' -e 's|@SYSCONFDIR@|$(SYSCONFDIR)|g' -e 's|@STATEDIR@|$(STATEDIR)|g' \
	-e 's|@TEMPLATESDIR@|$(TEMPLATESDIR)|g' -e 's|@BINDIR@|$(BINDIR)|g' -e 's|@PREFIX@|$(PREFIX)|g' \
	-e 's|@LIBDIR@|$(LIBDIR)|g' -e 's|@INCLUDEDIR@|$(INCLUDEDIR)|g' -e 's|@VERSION@|$(VERSION)|g'
VERSION = $(shell sed -n 's/^.define LATCHKEY_VERSION "\(.*\)"$$/\1/p' lib/base/version.h)
TEMPLATES = $(wildcard www/templates/*)
SITE = $(wildcard www/site/*) $(wildcard www/*.d.ts)
SNIPPETS = $(wildcard www/examples/*.conf www/examples/*.yml www/examples/latchkey@.* www/examples/*.c)
CLOSED = $(wildcard www/examples/signed-in/*)
MANUALS = cgi-bin/latchkey.1 cgi-bin/signed-in.1

.PHONY: install uninstall
install: all
	@install -d $(DESTDIR)$(BINDIR) $(DESTDIR)$(MAN1DIR) $(DESTDIR)$(LIBDIR)/pkgconfig $(DESTDIR)$(INCLUDEDIR) $(DESTDIR)$(DOCDIR)/signed-in
	@install -d $(DESTDIR)$(CGIDIR) $(DESTDIR)$(TEMPLATESDIR) $(DESTDIR)$(WWWDIR)/providers $(DESTDIR)$(SYSCONFDIR) $(DESTDIR)$(DOCDIR)
	@install -d -m 0700 $(DESTDIR)$(STATEDIR)
	install -m 0755 $(PROGRAMS) $(DESTDIR)$(CGIDIR)
	install -m 0755 $(COMMAND) $(SIGNED_IN) $(DESTDIR)$(BINDIR)
	install -m 0644 $(MANUALS) $(DESTDIR)$(MAN1DIR)
	install -m 0644 $(SEALED) $(DESTDIR)$(LIBDIR)
	install -m 0644 lib/library/latchkey.h $(DESTDIR)$(INCLUDEDIR)
	@$(SUBSTITUTE) lib/library/latchkey.pc >$(BUILD)/latchkey.pc
	install -m 0644 $(BUILD)/latchkey.pc $(DESTDIR)$(LIBDIR)/pkgconfig
	install -m 0644 $(TEMPLATES) $(DESTDIR)$(TEMPLATESDIR)
	install -m 0644 $(SITE) $(DESTDIR)$(WWWDIR)
	@install -m 0644 $(PAGES_NAMES:%=$(dir $(PAGES))%) $(DESTDIR)$(WWWDIR)/providers
	@set -e; for file in $(notdir $(SNIPPETS)); do \
		$(SUBSTITUTE) www/examples/$$file >$(BUILD)/$$file; install -m 0644 $(BUILD)/$$file $(DESTDIR)$(DOCDIR); done
	@set -e; for file in $(notdir $(CLOSED)); do \
		$(SUBSTITUTE) www/examples/signed-in/$$file >$(BUILD)/$$file; install -m 0755 $(BUILD)/$$file $(DESTDIR)$(DOCDIR)/signed-in; done
	@$(SUBSTITUTE) www/examples/latchkey.conf.sample >$(BUILD)/latchkey.conf.sample
	install -m 0644 $(BUILD)/latchkey.conf.sample $(DESTDIR)$(SYSCONFDIR)
	@echo "Installed. Next: copy $(CONF_PATH).sample to $(CONF_PATH) and fill it in;"
	@echo "give $(STATEDIR) to the user that runs CGI programs (on Debian: chown www-data);"
	@echo "tell your web server: see $(DOCDIR)."

# The configuration and the state stay: they are not ours to throw away.
uninstall:
	rm -f $(PROGRAMS:$(BUILD)/cgi-bin/%=$(DESTDIR)$(CGIDIR)/%)
	rm -f $(DESTDIR)$(BINDIR)/latchkey $(DESTDIR)$(BINDIR)/signed-in $(MANUALS:cgi-bin/%=$(DESTDIR)$(MAN1DIR)/%)
	rm -f $(DESTDIR)$(LIBDIR)/liblatchkey.a $(DESTDIR)$(INCLUDEDIR)/latchkey.h $(DESTDIR)$(LIBDIR)/pkgconfig/latchkey.pc
	rm -f $(CLOSED:www/examples/%=$(DESTDIR)$(DOCDIR)/%)
	rm -f $(TEMPLATES:www/templates/%=$(DESTDIR)$(TEMPLATESDIR)/%) $(addprefix $(DESTDIR)$(WWWDIR)/,$(notdir $(SITE)))
	@rm -f $(PAGES_NAMES:%=$(DESTDIR)$(WWWDIR)/providers/%)
	rm -f $(SNIPPETS:www/examples/%=$(DESTDIR)$(DOCDIR)/%) $(DESTDIR)$(SYSCONFDIR)/latchkey.conf.sample
	@rmdir -p --ignore-fail-on-non-empty $(DESTDIR)$(TEMPLATESDIR) $(DESTDIR)$(WWWDIR)/providers $(DESTDIR)$(DOCDIR)/signed-in 2>/dev/null || :

# ---- housekeeping -------------------------------------------------------------------------------

.PHONY: format clean
format:
	clang-format -i $$(git ls-files '*.c' '*.h')
clean:
	rm -rf $(BUILD)

.SECONDARY:
-include $(shell find $(BUILD)/obj -name '*.d' 2>/dev/null)
