#!/bin/sh
# What `named-jail service` prints on the stock install of each system:
#     sh packaging/examples.sh PROGRAM SBINDIR FOLDER
# PROGRAM runs here; SBINDIR is where it will lie on Linux. FOLDER/SYSTEM/ gets
# the file, under its own name; where it goes stands in it.
#
# packaging/systems has of each system what the command looks at: the service as
# the package of BIND installs it, the account, and what the system is known by.
# The folder examples comes along.
set -eu
program=$1 sbindir=$2 folder=$3
systems=$(dirname "$0")/systems
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

# example SYSTEM WORD FILE: FILE is the name that the printed text has there.
example() {
	cp -R "$systems/$1" "$work/$1"
	case $2 in
	rcd | smf) ;; # no Linux: the program is where the command looks first
	*)
		mkdir -p "$work/$1$sbindir"
		cp "$0" "$work/$1$sbindir/named-jail" # any file will do
		chmod 755 "$work/$1$sbindir/named-jail"
		;;
	esac
	mkdir -p "$folder/$1"
	# No named of this machine is asked, so that the text is the same everywhere.
	"$program" service "$2" --root "$work/$1" --bind-version 9.18 --color never >"$folder/$1/$3"
}

example debian systemd named-jail.conf
example redhat systemd named-jail.conf
example suse systemd named-jail.conf
example arch systemd named-jail.conf
example alpine openrc named-jail
example gentoo openrc named-jail
example freebsd rcd named
example openbsd rcd named_jail
example netbsd rcd named
example illumos smf commands

# Those for many servers, which call the program where it will lie.
from=$(dirname "$0")/../examples
(cd "$from" && find . -type f) | while read -r file; do
	mkdir -p "$folder/$(dirname "$file")"
	sed "s|/usr/local/sbin/named-jail|$sbindir/named-jail|" "$from/$file" >"$folder/$file"
done

cat >"$folder/README" <<'END'
What makes each system start named in the jail /var/named. None of it is in
force: the file says where it goes, what to run then, and how to take it back.

    debian   Debian, Ubuntu and their kin
    redhat   Red Hat Enterprise Linux, Fedora, Alma, Rocky, Oracle
    suse     SUSE Linux Enterprise, openSUSE
    arch     Arch Linux
    alpine   Alpine
    gentoo   Gentoo with OpenRC
    freebsd  FreeBSD, dns/bind from ports
    openbsd  OpenBSD, the package isc-bind
    netbsd   NetBSD
    illumos  illumos and Solaris

They are what this prints on a system whose BIND is as its package left it:

    named-jail service systemd

Where yours is not, take that instead: it reads your own unit and options. With
--install it puts the text into its place.

For many servers, see ../docs/fleets.md:

    systemd  a timer that audits the jail every day
    ansible  playbooks that migrate servers and audit them
END
