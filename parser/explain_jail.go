package parser

// jailExplanations is the table for the jail and its start: NJ5xx and NJ6xx.
var jailExplanations = map[Code]Explanation{
	"NJ501": {"The place cannot hold a jail: it is a directory of the system, a link or a file; or somebody else than root could put another tree there, because he can write a directory above it.",
		"$ named-jail apply -t /"},
	"NJ502": {"The account does not exist, or its uid is 0: root is not held by a jail.",
		"$ named-jail apply -u root"},
	"NJ503": {"The account can log in, has a password, or has root's group for its own. named needs none of these, and whoever breaks into named is glad of them.",
		`in /etc/passwd:
root:x:0:0:root:/root:/bin/sh
named:*:53:53::/:/bin/bash
$ named-jail plan`},
	"NJ504": {"Files get other owners, device nodes are made and chroot(2) is called: that takes root. check, plan and rewrite work without, and say what they could not look into.",
		"$ named-jail apply"},
	"NJ505": {"Two files of the host want the same place in the jail; or the host has a file again that named writes in the jail, and the two differ.",
		`in /etc/bind/named.conf:
include "/etc/named.conf";
$ named-jail plan -c /etc/bind/named.conf`},
	"NJ506": {"A file that named-jail put into the jail was changed there by hand since. Such work is not thrown away, so apply stops.",
		`$ named-jail apply
$ echo '// faster' >> /var/named/etc/named.conf
$ named-jail apply`},
	"NJ507": {"Between the plan and its execution a file was changed, or a directory was exchanged for another. Nothing was done, or everything was put back.",
		`zone "example" {
	type primary;
	file "/etc/db.example";
};
$ named-jail apply
$ echo '; new' >> /etc/db.example`},
	"NJ508": {"Another named-jail works on this jail; two at once would undo each other's work.",
		"$ flock /var/lib/named-jail/var-named/lock named-jail apply"},
	"NJ509": {"The system refused a change, or the work was stopped. What had been changed before was put back.",
		`zone "example" {
	type primary;
	file "/etc/db.example";
};
$ mount --bind /etc/db.example /etc/db.example
$ named-jail apply`},
	"NJ510": {"A named runs on the files that would be moved from under it, or in the jail in which another one is to start.",
		`zone "example" {
	type primary;
	file "/etc/db.example";
};
$ named -f &
$ named-jail apply`},
	"NJ511": {"Where the jail needs a file or a directory stands something else: a FIFO, a socket, a device, a link. It may be a trap, so it is neither opened nor removed.",
		`$ mkfifo /var/named/etc/named.conf
$ named-jail apply`},
	"NJ512": {"A plugin, a module or a program of the configuration needs a library that no directory of the loader has, so that named could not load it in the jail.",
		`plugin query "/usr/lib/bind/filter.so" {
};
$ named-jail plan`},
	"NJ513": {"The system around the jail limits what named can do in it: a mount without devices or execution, another confinement, a jail that the vendor made, a log rotation that passes over links. The message says what to do.",
		`$ mount -t tmpfs -o nodev,mode=0755 tmpfs /var/named
$ named-jail plan`},
	"NJ514": {"The file system cannot take the change: it is mounted read-only, or full, or a quota is used up.",
		`$ mount -t tmpfs -o ro,mode=0755 tmpfs /var/named
$ named-jail plan`},
	"NJ515": {"named-jail remembers below /var/lib/named-jail what it did. Who can write there could change what root will do next; a record that is damaged is not trusted either.",
		`$ chmod 0777 /var/lib/named-jail
$ named-jail apply`},
	"NJ516": {"No apply is recorded for this jail, so there is no state to return to.",
		"$ named-jail rollback -t /var/named"},
	"NJ517": {"A program or module that the jail needs is missing, is no binary file, or is one of another processor.",
		`plugin query "/usr/lib/bind/filter.so" {
};
in /usr/lib/bind/filter.so:
#!/bin/sh
$ named-jail plan`},
	"NJ518": {"The program has the set-user-ID or set-group-ID bit or capabilities (getcap shows them), or was started by a program that has. Then whoever may call it would have root's rights over files that he names, so it does nothing.",
		`$ chmod u+s /usr/sbin/named-jail
$ /usr/sbin/named-jail version`},
	"NJ519": {"apply --live was asked for, and the named that runs cannot be dealt with: rndc is not there, the control channel is shut or not where the configuration says, the key is not the server's, the answer takes too long; or the server has another root directory. Nothing was changed.",
		`controls { };
$ named-jail apply -q
$ named-jail apply --live`},
	"NJ520": {"apply --live has changed the jail, and the server then refused to reload, or to thaw a zone that was frozen for the work. The jail is sound; the server goes on with what it had.",
		`$ named-jail apply -q
$ named-jail apply --live`},
	"NJ601": {"There is no named: neither where --named or NAMED_JAIL_NAMED says, nor in PATH, nor in one of the usual directories.",
		"$ named-jail run --named=/opt/bind/sbin/named -t /var/named"},
	"NJ602": {"The program exists, but the system does not start it: it is not executable, is a directory, lies on a file system mounted noexec, or is named-jail itself.",
		"$ named-jail run --named=/etc/passwd -t /var/named"},
	"NJ603": {"This release of named does not know the flag. Where another one does the same, the message says which.",
		"$ named-jail run -t /var/named -q"},
	"NJ604": {"BIND 9 runs with the primary group of its account and takes no other; only BIND 8 had -g GROUP. In BIND 9 -g alone means foreground.",
		`options {
	recursion no;
};
$ named-jail plan -u named -g daemon`},
	"NJ605": {"What the program answered to -v or -V is not what a named answers, or it did not answer in time.",
		"$ named-jail run --named=/bin/true -t /var/named"},
	"NJ606": {"The configuration cannot be used, so named runs on the one of the last apply. The errors that are shown before it say why.",
		`options {
	recursion no
};
$ named-jail run --fallback -t /var/named`},
	"NJ607": {"The named-checkconf that was installed with this named refuses the configuration, or warns; so will named.",
		`options {
	recursion no;
};
$ named-jail check`},
	"NJ608": {"The words of the command line make no sense to named: a flag without its value, a word too many, two flags that exclude each other.",
		"$ named-jail run -u named -t"},
}
