#!/bin/sh
# All tests of named-jail: sh test.sh, as root, with Go installed.
#
# What the tests need besides Go is BIND and a few tools of the system; where
# apt-get is there, what is missing is installed, and it says so. The live
# tests start the real named in namespaces of their own, on a copy of the
# system that lies in memory: the system itself is not changed by them.
#
# The servers and named-checkconf of BIND 9.16, 9.18 and 9.20 are tested: each in
# the Debian that has it, bullseye, bookworm and trixie, which debootstrap makes in
# a temporary folder (0.6 GB below TMPDIR or /var/tmp) where this system is not
# that one. NAMED_JAIL_BIND916, NAMED_JAIL_BIND918 and NAMED_JAIL_BIND920 name
# folders that have them already; NAMED_JAIL_SKIP_TREES=1 leaves them out.
# NAMED_JAIL_SKIP_LIVE=1 leaves the live tests out (a container that forbids
# mounts). NAMED_JAIL_ORACLES=installed compares with the installed BIND alone; the
# live tests start each one all the same. NAMED_JAIL_TESTS takes the tests that it
# matches, as go test -run does, and nothing else. FUZZ_RUNS is the number of inputs
# that each fuzz target tries, 0 leaves them out. NAMED_JAIL_LONG=1 and
# NAMED_JAIL_ORACLE=all take the whole of the sets of which a part is enough here;
# NAMED_JAIL_CRASH_POINTS=kills kills the commands at every system call that changes
# something, and =all lets each of them fail in every way too,
# instead of a sample: go test -run TestCrashProcess -timeout 0 .
set -eu
cd "$(dirname "$0")"

say() { printf '== %s\n' "$*"; }
fail() {
	printf 'test.sh: %s\n' "$*" >&2
	exit 1
}

[ "$(id -u)" -eq 0 ] || fail "root is needed: the tests chroot, mount and change owners. Run: sudo sh test.sh"
PATH=$PATH:/usr/local/go/bin:/usr/sbin:/sbin
export PATH
command -v go >/dev/null || fail "go is not in PATH: install Go 1.26 or newer from https://go.dev/dl/"
# As the Makefile builds, so that the packages of the tests compile nothing anew.
GOFLAGS="$(go env GOFLAGS) -trimpath"
export GOFLAGS

# --- what the tests need -------------------------------------------------

missing() {
	list=
	for tool in named named-checkconf named-checkzone named-compilezone dnssec-keygen dnssec-signzone dnssec-verify rndc dig nsupdate setpriv unshare getfattr setfacl getfacl ps ip strace gcc openssl make git dpkg-deb rpm lintian man groff mandoc zsh fish; do
		command -v "$tool" >/dev/null || list="$list $tool"
	done
	[ -e /usr/share/bash-completion/bash_completion ] || list="$list bash-completion"
	printf '%s' "$list"
}

need=$(missing)
if [ -n "$need" ]; then
	command -v apt-get >/dev/null || fail "missing:$need. Install BIND 9 with its tools, util-linux, attr, acl, procps, iproute2, strace, gcc, openssl, make, git, dpkg, rpm, lintian, man-db, groff, mandoc, zsh, fish and bash-completion"
	say "installing with apt-get, because these are missing:$need"
	# The package must not start a server: a policy says so while it is being
	# installed, where the system has no policy of its own.
	policy=/usr/sbin/policy-rc.d
	made=
	if [ ! -e "$policy" ]; then
		say "no service is started meanwhile ($policy)"
		made=yes
		trap 'rm -f "$policy"' EXIT
		trap 'exit 1' HUP INT TERM
		printf '#!/bin/sh\nexit 101\n' >"$policy"
		chmod 755 "$policy"
	fi
	DEBIAN_FRONTEND=noninteractive
	export DEBIAN_FRONTEND
	apt-get update
	apt-get install -y --no-install-recommends bind9 bind9-utils bind9-dnsutils \
		util-linux attr acl procps iproute2 strace \
		gcc libc6-dev openssl \
		make git rpm lintian man-db groff-base mandoc zsh fish bash-completion
	if [ -n "$made" ]; then
		rm -f "$policy"
		trap - EXIT HUP INT TERM
	fi
	need=$(missing)
	[ -z "$need" ] || fail "still missing after apt-get:$need"
fi
say "$(named -v), $(go version)"

# --- the other releases of BIND -------------------------------------------

# The mirror of Debian that apt uses here, "" for debootstrap's own, and its proxy.
mirror() {
	apt-get indextargets --format '$(REPO_URI)' 2>/dev/null | grep -E '^https?://.*/debian/*$' | head -n 1
}
proxy() { (
	eval "$(apt-config shell uri Acquire::http::Proxy)"
	[ "${uri:-DIRECT}" = DIRECT ] || printf '%s' "$uri"
); }

# tree SUITE: a Debian with BIND in $trees/SUITE. Its mounts end with it.
tree() {
	say "BIND of Debian $1 with debootstrap"
	from=$(proxy) at=$(mirror)
	unshare --mount --propagation private env ${from:+"http_proxy=$from"} \
		debootstrap --variant=minbase --include=bind9,bind9-utils,bind9-dnsutils \
		"$1" "$trees/$1" ${at:+"$at"} >"$trees/$1.log" 2>&1 || {
		tail -n 20 "$trees/$1.log" >&2
		fail "debootstrap cannot make a Debian $1. Name a folder that has one (see the head of this script), or set NAMED_JAIL_SKIP_TREES=1"
	}
}

trees=
making=
out=
trap 'wait; rm -rf "$out" "$trees"' EXIT
trap 'exit 1' HUP INT TERM
if [ -z "${NAMED_JAIL_SKIP_TREES:-}" ]; then
	suites=
	[ -n "${NAMED_JAIL_BIND916:-}" ] || suites="bullseye"
	case $(named -v) in
	"BIND 9.18."*) ;;
	*) [ -n "${NAMED_JAIL_BIND918:-}" ] || suites="$suites bookworm" ;;
	esac
	[ -n "${NAMED_JAIL_BIND920:-}" ] || suites="$suites trixie"
	if [ -n "$suites" ] && ! command -v debootstrap >/dev/null; then
		command -v apt-get >/dev/null || fail "missing: debootstrap, to make Debian$suites; or set NAMED_JAIL_SKIP_TREES=1"
		say "installing debootstrap with apt-get"
		[ -n "$need" ] || apt-get update
		DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends debootstrap debian-archive-keyring wget ca-certificates
	fi
	trees=$(mktemp -d "${TMPDIR:-/var/tmp}/named-jail-trees.XXXXXX")
	chmod 755 "$trees"
	for suite in $suites; do
		tree "$suite" & # while the code is being looked at
		making="$making $!"
		case $suite in
		bullseye) NAMED_JAIL_BIND916=$trees/$suite ;;
		bookworm) NAMED_JAIL_BIND918=$trees/$suite ;;
		trixie) NAMED_JAIL_BIND920=$trees/$suite ;;
		esac
	done
	export NAMED_JAIL_BIND916 NAMED_JAIL_BIND920
	[ -z "${NAMED_JAIL_BIND918:-}" ] || export NAMED_JAIL_BIND918
fi

# --- the code ------------------------------------------------------------

out=$(mktemp -d)
if [ -z "${NAMED_JAIL_TESTS:-}" ]; then
	say "gofmt"
	bad=$(gofmt -l .)
	[ -z "$bad" ] || fail "not formatted: $bad"

	say "go vet and a static build"
	go vet ./...
	(cd packaging && CGO_ENABLED=0 go vet .)
	CGO_ENABLED=0 go build -o "$out/named-jail" .

	for system in freebsd openbsd netbsd solaris illumos; do
		say "go vet and build for $system"
		CGO_ENABLED=0 GOOS=$system GOARCH=amd64 go vet ./...
		CGO_ENABLED=0 GOOS=$system GOARCH=amd64 go build -o "$out/named-jail-$system" .
	done
fi
for tree in $making; do
	wait "$tree" || exit 1 # it has said why
done

# --- the tests -----------------------------------------------------------

# A missing BIND is a failure, never a skipped test.
NAMED_JAIL_REQUIRE_BIND=1
export NAMED_JAIL_REQUIRE_BIND

# tests PACKAGE...: without cgo, because the tests run in other systems too, with
# their libraries. Much of a live test is waiting, so more of them run side by side
# than there are processors.
tests() {
	CGO_ENABLED=0 go test -count=1 -timeout 25m -parallel 4 ${NAMED_JAIL_TESTS:+-run "$NAMED_JAIL_TESTS"} "$@"
}

say "go test"
others=$(go list ./... | sed 1d)
(
	case ${NAMED_JAIL_ORACLES:-all} in
	installed) unset NAMED_JAIL_BIND916 NAMED_JAIL_BIND920 ;;
	esac
	# shellcheck disable=SC2086 # a list of packages
	tests $others
) >"$out/others" 2>&1 &
others=$!
failed=
tests . || failed=yes
wait "$others" || failed=yes
cat "$out/others"
[ -z "$failed" ] || fail "tests have failed: see above"
if [ -n "${NAMED_JAIL_TESTS:-}" ]; then
	say "all of $NAMED_JAIL_TESTS passed"
	exit 0
fi

if command -v gcc >/dev/null; then
	say "go test -race"
	# the comparisons with BIND and the texts of a gigabyte have run already
	CGO_ENABLED=1 go test -race -short -timeout 15m ./parser ./rewrite ./zones
else
	say "no gcc: the race detector is left out"
fi

# A number of runs and not a time: a time that is over while an input is being tried
# is told as a failure now and then ("context deadline exceeded").
runs=${FUZZ_RUNS:-3000}
if [ "$runs" -gt 0 ]; then
	for package in ./parser ./rewrite ./zones ./launcher ./jail; do
		for target in $(go test -list '^Fuzz' "$package" | grep '^Fuzz' || true); do
			say "fuzz $package $target, $runs inputs"
			go test -run '^$' -fuzz "^$target\$" -fuzztime "${runs}x" -fuzzminimizetime 100x "$package"
		done
	done
fi

say "all passed"
