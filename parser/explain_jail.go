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
	"NJ530": {"A program with a set-id bit or with capabilities, a device, a file with a second name outside, a part of the host that is mounted: each is a way out of the jail, or to the host, for one who has broken into named. named makes none of these. apply does not remove what it did not make.",
		`$ named-jail apply
$ mknod /var/named/zones/slave/mem c 1 1
$ named-jail audit -q`},
	"NJ531": {"In the directories of the jail that are root's lies only what the configuration asks for, and in those of named only plain files. What else is there was put there by somebody.",
		`$ named-jail apply
$ touch /var/named/etc/notes
$ named-jail audit -q`},
	"NJ532": {"A directory of the jail can be written by others than root though it is none of named's, or a file belongs to a stranger, or an access list gives more than the mode shows.",
		`$ named-jail apply
$ mkdir -m 0777 /var/named/etc/open
$ named-jail audit -q`},
	"NJ533": {"The jail is in use, but what the system starts at the next boot is named without it: a package that was upgraded has put its unit or script back, or a drop-in is missing.",
		`in /usr/lib/systemd/system/named.service:
[Service]
ExecStart=/usr/sbin/named -f -u named
$ named-jail apply
$ named-jail audit -q`},
	"NJ534": {"The jail is in use, but a named runs on the same configuration outside of it; or the one in the jail still executes a program or library that was replaced since, or has not read the configuration that was written since.",
		`$ named-jail apply --copy
$ named -f &
$ named-jail audit -q`},
	"NJ535": {"Directories in the jail are nested too deeply, or there are more objects than an audit looks at: named makes neither, and one who has broken into it can make any number.",
		`$ named-jail apply
$ mkdir -p /var/named/zones/slave/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17/18/19/20/21/22/23/24/25/26/27/28/29/30/31/32/33/34/35/36/37/38/39/40/41/42/43/44/45/46/47/48/49/50/51/52/53/54/55/56/57/58/59/60/61/62/63/64/65
$ named-jail audit -q`},
	"NJ536": {"service --install writes files of its own and no others. Here a file that somebody else wrote stands in the way or overrules it, the service does not start named itself, or the change is one for a person.",
		`in /etc/systemd/system/named.service.d/override.conf:
[Service]
ExecStart=
ExecStart=/usr/sbin/named -f -u named -4
$ named-jail service systemd --install`},
	"NJ521": {"A trace shows what named misses in the jail that the configuration wants. As long as apply has something to do, it would show that.",
		"$ named-jail trace"},
	"NJ522": {"Named looked for the file, and the host has it, but it is a secret of the system, a device, a directory, has the set-user-ID bit, or named's account may not read it on the host either.",
		`in /etc/services/domain:
53/udp
$ named-jail trace --add`},
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
	"NJ611": {"On Linux named gets mounts of its own when it is started, in which it sees the sockets of systemd and syslogd. Here they cannot be made, as in a container without CAP_SYS_ADMIN. named starts without: what it logs is lost once syslogd has been started anew, and a unit of Type=notify does not become ready.",
		"$ named-jail run -t /var/named"},
	"NJ612": {"--isolate needs mounts of named's own, and the right to give up rights. Here they cannot be had, so named is not started: it would run with more rights than were meant for it.",
		"$ named-jail run --isolate -t /var/named"},
	"NJ609": {"Following system calls takes Linux on amd64 or arm64, root, and the right to make mounts and networks; containers often lack the last.",
		"$ named-jail trace --root sys"},
	"NJ610": {"A trace of named's system calls shows that it looked for the file in the jail in vain, and what it cannot do for want of it.",
		`in /etc/services:
domain	53/udp
$ named-jail trace`},
	"NJ613": {"The traced named ended by itself, did not enter the jail, or was not ready in the time that it had. What it would have looked for later is not known.",
		`$ named-jail apply
$ named-jail trace -- -X /nowhere/lock`},
}
