# named-jail: build, install, package. For GNU make and BSD make.
#
#     make                        the program, manual pages, completions, examples
#     make install                prefix=/usr/local, and DESTDIR= before it
#     make deb rpm                packages of both kinds, in build/
#     make deb GOARCH=arm64       for another machine
#     make check                  all tests, as root
#     make dist                   the source archive, in build/
#
# What is installed is put together in build/ and only copied by install, which
# so needs neither Go nor Git: make && sudo make install.

prefix      = /usr/local
exec_prefix = $(prefix)
sbindir     = $(exec_prefix)/sbin
datarootdir = $(prefix)/share
mandir      = $(datarootdir)/man
man8dir     = $(mandir)/man8
docdir      = $(datarootdir)/doc/named-jail
exampledir  = $(docdir)/examples
bashcompdir = $(datarootdir)/bash-completion/completions
zshcompdir  = $(datarootdir)/zsh/site-functions
fishcompdir = $(datarootdir)/fish/vendor_completions.d

GO              = go
INSTALL         = install
INSTALL_PROGRAM = $(INSTALL) -m 755
INSTALL_DATA    = $(INSTALL) -m 644
BUILD           = build

VERSION  != sh packaging/version.sh version
REVISION != sh packaging/version.sh revision
EPOCH    != sh packaging/version.sh epoch
SOURCES  != find *.go go.mod go.sum parser rewrite zones launcher jail command -type f ! -name '*_test.go' ! -path '*/testdata/*'
EXAMPLES != find packaging/examples.sh packaging/systems examples -type f

# The same bytes wherever it is built: no paths, no time, no C.
LDFLAGS = -s -w -buildid= -X named-jail/command.Version=$(VERSION) -X named-jail/command.Revision=$(REVISION)
BUILDGO = CGO_ENABLED=0 $(GO) build -trimpath -buildvcs=false -ldflags '$(LDFLAGS)'

all: $(BUILD)/named-jail $(BUILD)/made

# It is built anew when it is to be something else than it was.
$(BUILD)/what: FORCE
	@mkdir -p $(BUILD)
	@echo '$(VERSION) $(REVISION) $(GOOS) $(GOARCH) $(sbindir)' >$@.new
	@if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi

$(BUILD)/named-jail: $(SOURCES) $(BUILD)/what
	GOOS=$(GOOS) GOARCH=$(GOARCH) $(BUILDGO) -o $@ .

# What the program itself writes. It has to run here, whatever it is built for.
$(BUILD)/made: $(BUILD)/named-jail $(EXAMPLES)
	rm -rf $(BUILD)/man $(BUILD)/completion $(BUILD)/examples
	mkdir -p $(BUILD)/man $(BUILD)/completion $(BUILD)/examples
	if [ "$$(GOOS=$(GOOS) GOARCH=$(GOARCH) $(GO) env GOOS GOARCH)" = "$$($(GO) env GOHOSTOS GOHOSTARCH)" ]; \
		then cp $(BUILD)/named-jail $(BUILD)/here; else GOOS= GOARCH= $(BUILDGO) -o $(BUILD)/here .; fi
	SOURCE_DATE_EPOCH=$(EPOCH) $(BUILD)/here generate man $(BUILD)/man
	$(BUILD)/here completion bash >$(BUILD)/completion/bash
	$(BUILD)/here completion zsh >$(BUILD)/completion/zsh
	$(BUILD)/here completion fish >$(BUILD)/completion/fish
	sh packaging/examples.sh $(BUILD)/here $(sbindir) $(BUILD)/examples
	touch $@

install: all
	$(INSTALL) -d -m 755 $(DESTDIR)$(sbindir) $(DESTDIR)$(man8dir) $(DESTDIR)$(docdir)/docs \
		$(DESTDIR)$(bashcompdir) $(DESTDIR)$(zshcompdir) $(DESTDIR)$(fishcompdir)
	$(INSTALL_PROGRAM) $(BUILD)/named-jail $(DESTDIR)$(sbindir)/named-jail
	$(INSTALL_DATA) $(BUILD)/man/*.8 $(DESTDIR)$(man8dir)
	$(INSTALL_DATA) $(BUILD)/completion/bash $(DESTDIR)$(bashcompdir)/named-jail
	$(INSTALL_DATA) $(BUILD)/completion/zsh $(DESTDIR)$(zshcompdir)/_named-jail
	$(INSTALL_DATA) $(BUILD)/completion/fish $(DESTDIR)$(fishcompdir)/named-jail.fish
	sh packaging/tree.sh $(BUILD)/examples $(DESTDIR)$(exampledir)
	sh packaging/tree.sh docs $(DESTDIR)$(docdir)/docs
	$(INSTALL_DATA) README.md CHANGELOG.md SECURITY.md LICENSE $(DESTDIR)$(docdir)

# The jail, its backups and the drop-in stay: named-jail rollback, before this,
# takes them back.
uninstall:
	rm -f $(DESTDIR)$(sbindir)/named-jail $(DESTDIR)$(man8dir)/named-jail.8 $(DESTDIR)$(man8dir)/named-jail-*.8
	rm -f $(DESTDIR)$(bashcompdir)/named-jail $(DESTDIR)$(zshcompdir)/_named-jail $(DESTDIR)$(fishcompdir)/named-jail.fish
	rm -rf $(DESTDIR)$(docdir)

# The packages. What goes into them is what install puts below DESTDIR.
deb rpm: stage
	here=$$(pwd); cd $(BUILD) && out=$$(pwd) && cd "$$here/packaging" && \
		GOOS= GOARCH= CGO_ENABLED=0 $(GO) run . -kind $@ -tree "$$out/stage" -out "$$out" -version '$(VERSION)' -epoch '$(EPOCH)' -arch '$(GOARCH)'

stage:
	rm -rf $(BUILD)/stage
	$(MAKE) install GOOS=linux GOARCH=$(GOARCH) BUILD=$(BUILD)/linux DESTDIR=$(BUILD)/stage prefix=/usr
	gzip -9nf $(BUILD)/stage/usr/share/man/man8/*.8
	gzip -9nc CHANGELOG.md >$(BUILD)/stage/usr/share/doc/named-jail/changelog.gz
	chmod 644 $(BUILD)/stage/usr/share/doc/named-jail/changelog.gz

check:
	sh test.sh

# The source archive says what it is, because Git is not there to ask.
dist:
	mkdir -p $(BUILD)
	git archive --prefix=named-jail-$(VERSION)/ --add-virtual-file=named-jail-$(VERSION)/packaging/release:'$(VERSION) $(REVISION) $(EPOCH)' HEAD | \
		gzip -9n >$(BUILD)/named-jail-$(VERSION).tar.gz

clean:
	rm -rf $(BUILD)

FORCE:

.PHONY: all install uninstall deb rpm stage check dist clean FORCE
