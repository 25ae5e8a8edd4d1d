package parser

// Explanation is what there is to say about a code beyond one message: a
// paragraph on what it means and why named cares, and an example. What to do is
// in the code's row.
//
// The lines of an example are commands ("$ COMMAND"), the name of a file ("in
// FILE:", at first /etc/named.conf), and lines of that file. They are taken from
// the example of testdata/codes, and a test compares them.
type Explanation struct {
	Text    string
	Example string
}

// Explain gives the row of a code; false for one that there is none of.
func Explain(c Code) (Explanation, bool) {
	for _, table := range []map[Code]Explanation{explanations, zoneExplanations, jailExplanations} {
		if e, ok := table[c]; ok {
			return e, true
		}
	}
	return Explanation{}, false
}

// explanations is the table for what stands in named.conf: NJ1xx to NJ3xx.
var explanations = map[Code]Explanation{
	"NJ101": {"The configuration file does not exist or cannot be read, so nothing can be checked. named refuses to start without it.",
		"$ named-jail check -c /etc/none.conf"},
	"NJ102": {"A quoted string is opened and the file ends before it is closed, so that everything behind it is taken for its text. A quote inside a string is written \\\".",
		`options {
	directory "/var/run;
};`},
	"NJ103": {"A /* comment has no */ behind it and hides the rest of the file. Comments do not nest.",
		`/* the servers of the department
options {`},
	"NJ104": {"Each { needs its }, and named refuses a file in which they do not match. The place that is shown is that of the brace without a partner.",
		`zone "example" {
	type primary;
	file "/etc/db.example";`},
	"NJ105": {"Every statement and every element of a list ends with a semicolon, and so does a block behind its closing brace. named refuses the file.",
		`options {
	recursion no
};`},
	"NJ106": {"A semicolon stands where no statement is before it. named takes that for a syntax error and refuses the file.",
		`options {
	recursion no;
};;`},
	"NJ107": {"A value holds a NUL byte, which no file name or domain name can. named cuts the value there. The file is damaged, or is not a text file.",
		`$ printf 'acl "inside\000" { 10.0.0.0/8; };\n' > /etc/named.conf`},
	"NJ108": {"Blocks stand in blocks deeper than in any configuration that makes sense; named itself runs out of stack sooner or later. Usually a program that writes the file forgets the closing braces.",
		`acl deep {
{ { { { { { { { { { { { { { { { { { { { { { { { {
{ { { { { { { { { { { { { { { { { { { { { { { { {`},
	"NJ109": {"An include statement names a file that does not exist or is no plain file, and named refuses to start. A relative name hangs off the working directory, not off the file with the statement.",
		`include "/etc/zones.conf";`},
	"NJ110": {"A file includes itself, directly or by way of others, which never ends: named gives up when too many files are open.",
		`include "/etc/zones.conf";
in /etc/zones.conf:
include "/etc/named.conf";`},
	"NJ112": {"A comment stands directly behind a word: named takes its slash for a part of the statement and refuses the file.",
		`options {
	recursion no/* for now */;
};`},
	"NJ113": {"Files include each other in a longer chain, or there are more include statements, than on any server. Most likely a program that writes them has gone wrong.",
		`$ for i in $(seq 101); do echo "include \"/etc/list/$((i + 1)).conf\";" > /etc/list/$i.conf; done`},
	"NJ114": {"A statement begins with a word of its own, not with a string, a brace or a sign. Usually the keyword is missing, or a semicolon before it.",
		`"inside" { 10.0.0.0/8; };`},
	"NJ115": {"The include file exists, but this account may not read it, so what is in it was not checked. That is a warning for a plain user; for root it is an error, because named cannot read the file either.",
		`include "/etc/keys.conf";
$ chmod 0600 /etc/keys.conf
$ named-jail check`},
	"NJ116": {"A limit that keeps memory and time bounded was passed: a statement of more than a million words, a word of more than 64 kilobytes, more than 10,000 mistakes. What comes behind was not read.",
		`$ printf 'acl "%70000s" { any; };\n' x > /etc/named.conf`},
	"NJ201": {"named of this release knows no such statement here, and refuses to start. It is misspelled, or stands in the wrong block.",
		`options {
	recursoin no;
};`},
	"NJ202": {"A release of BIND has removed the statement, and named refuses to start with it from there on.",
		`options {
	fetch-glue no;
};`},
	"NJ203": {"The statement belongs to a newer release of BIND than the one that will be started, which refuses it.",
		`http local {
	endpoints { "/dns-query"; };
};
$ named-jail check --bind-version=9.16`},
	"NJ204": {"The value is not of the kind that the statement takes: a word where a number belongs, a word for a string in quotes, a name that none of the choices has. named refuses the file.",
		`options {
	recursion maybe;
};`},
	"NJ205": {"The statement may stand only once in its block, and named refuses the file.",
		`options {
	recursion yes;
	recursion no;
};`},
	"NJ206": {"A zone lacks a statement that it needs: type, or the file of a zone whose type has one. named refuses to start.",
		`zone "example" {
	type primary;
};`},
	"NJ207": {"Zones of this type do not have the statement: a forward zone has neither a file nor secondaries to notify. named refuses to start.",
		`zone "example" {
	type forward;
	notify no;`},
	"NJ208": {"The same zone is defined twice in one view. Names are the same whatever their case, and with or without a dot at the end. named refuses to start.",
		`zone "example" {
	type forward;
	forwarders { 192.0.2.1; };
};
zone "example" {
	type forward;
	forwarders { 192.0.2.2; };
};`},
	"NJ209": {"named still takes the statement, but warns, and a later release will refuse it.",
		"trusted-keys {"},
	"NJ210": {"A name is used that no statement defines: an acl, a key, a list of servers, a tls block. named refuses to start.",
		`acl inside {
	10.0.0.0/8;
};
options {
	allow-query { insde; };
};`},
	"NJ211": {"The word behind type is no type of zone. named refuses to start.",
		`zone "example" {
	type primery;`},
	"NJ212": {"As soon as there is one view, every zone has to stand in a view. named refuses to start.",
		`view "inside" {
	match-clients { 10.0.0.0/8; };
};
zone "example" {`},
	"NJ213": {"A number, a size or a time lies outside of what named takes. named refuses to start on it, and some of these limits are not in the manual.",
		`options {
	max-query-restarts 300;
};`},
	"NJ214": {"The word is used as a domain name and cannot be one: a label is empty or longer than 63 bytes, or the whole is longer than 255.",
		`options {
	empty-server "ns..example";
};`},
	"NJ215": {"A TSIG secret or the key of a trust anchor must be base64, a digest or a cookie secret hexadecimal. Part of it is missing, or a letter was changed.",
		`key transfer {
	algorithm hmac-sha256;
	secret "not base64";
};`},
	"NJ216": {"Only certain words may stand there, and this is none of them: an algorithm, a class, a record type, a logging category, a TLS protocol. named refuses to start on it.",
		`logging {
	category querys {
		null;
	};
};`},
	"NJ217": {"Two statements exclude each other, each of them right by itself. named refuses to start.",
		`zone "example" {
	type primary;
	file "/etc/db.example";
	allow-update { localhost; };
	update-policy local;
};`},
	"NJ218": {"An acl, key, view, channel or other name is defined a second time, or is one that BIND has built in. named would not know which is meant, and refuses to start.",
		`acl inside {
	10.0.0.0/8;
};
acl inside {
	192.168.0.0/16;
};`},
	"NJ219": {"named takes the statement, but it has no effect beside another one, or an effect that few want.",
		`options {
	recursion no;
	allow-recursion { any; };
};`},
	"NJ220": {"A prefix is an address and a length, and the bits of the address behind the length must be zero: 10.0.0.0/8, not 10.0.0.1/8. The prefix of dns64 has certain lengths only.",
		`options {
	allow-query { 10.0.0.1/8; };
};`},
	"NJ221": {"An access list names itself, directly or through others, so that it has no end.",
		`acl inside {
	guests;
};
acl guests {
	inside;
};`},
	"NJ222": {"The times or keys of a dnssec-policy do not go together: signatures would run out before they are made anew, a key would end before its rollover, or an algorithm has no key that signs the zone. named refuses to start.",
		`dnssec-policy weekly {
	signatures-refresh P20D;
};`},
	"NJ301": {"The path changes in the jail, and named.conf has no way to write the new one: it ends in a backslash, or holds a line end or another control character.",
		`zone "example" {
	type primary;
	file "/etc/db
example";
};`},
	"NJ302": {"Two zones have the same file and named writes it, so that each would overwrite the other. named refuses to start; it compares the names only, named-jail what they lead to.",
		`zone "one.example" {
	type secondary;
	primaries { 192.0.2.1; };
	file "/var/db.copy";
};
zone "two.example" {
	type secondary;
	primaries { 192.0.2.1; };
	file "/var/db.copy";
};`},
	"NJ303": {"named would have to own a directory that holds what root must be able to trust, such as /etc: to write a file it makes a new one and renames it.",
		`options {
	pid-file "/etc/named.pid";
};`},
	"NJ304": {"What the configuration names has no safe or useful place in the jail: a directory that holds configuration and that named would have to write, a device, a socket of another program, a path in the text for a module. The jail is made all the same.",
		`include "/etc/bind/keys.conf";
logging {
	channel errors {
		file "/etc/bind/errors.log";
	};
};`},
	"NJ305": {"named needs the file to start, or to serve a zone, and it is not there: on the host, or in the jail where the jail is judged.",
		`plugin query "/usr/lib/bind/filter-aaaa.so" {
};
$ named-jail check -u named`},
	"NJ306": {"A file is missing without which named starts, but loses what the file is for.",
		`options {
	tkey-gssapi-keytab "/etc/krb5.keytab";
};`},
	"NJ307": {"Following this path as root could give away somebody else's file, or overwrite it: a link or directory of an unprivileged user leads there, or a zone file of such a user includes what he may not read.",
		`zone "example" {
	type primary;
	file "/etc/db.example";
};
$ ln -s shadow /etc/db.example
$ chown -h 53 /etc/db.example`},
	"NJ308": {"One path of the configuration wants a file where another wants a directory, so that the jail cannot be what both say.",
		`options {
	key-directory "/etc/keys";
};
tls local {
	key-file "/etc/keys";`},
	"NJ309": {"named keeps the zones of rndc addzone in a file or database of its own. It is there and cannot be read, so that a named in the jail would not serve these zones.",
		`options {
	directory "/var";
	allow-new-zones yes;
};
in /var/_default.nzd:
cut off`},
	"NJ310": {"On Linux named gives up root's rights before it reads its files. Its account may not read this one, or may not pass through a directory on the way; named-checkconf runs as root and does not notice.",
		`zone "example" {
	type primary;
	file "/etc/db.example";
};
$ chmod 0600 /etc/db.example
$ named-jail check -u named`},
	"NJ311": {"named writes in a directory that does not exist. For log files, directory and lock-file it refuses to start; elsewhere it loses the function, often without a word.",
		`logging {
	channel errors {
		file "/var/log/named/errors.log";
	};
};
$ named-jail check -u named`},
	"NJ312": {"The directory exists, but named's account may not write in it. named makes files there, so it needs the right to write and to pass.",
		`options {
	directory "/var/bind";
};
$ mkdir /var/bind
$ named-jail check -u named`},
	"NJ313": {"A file that named writes exists and belongs to somebody else, often because named was once started as root; or it is no plain file. named refuses to start with such a log file.",
		`logging {
	channel errors {
		file "/var/log/named/errors.log";
	};
};
$ chmod 0644 /var/log/named/errors.log
$ named-jail check -u named`},
	"NJ314": {"named lists the directory, for an include with a pattern or for keys, and needs the right to read it for that; to pass through it is not enough.",
		`include "/etc/conf.d/*.conf";
$ chmod 0711 /etc/conf.d
$ named-jail check -u named`},
	"NJ315": {"An access list asks where an address lies, and geoip-directory holds no database that answers. named refuses to start.",
		`acl customers {
	geoip country DE;
};
$ named-jail check -u named`},
	"NJ316": {"A plugin, dlz or dyndb module can be read, but the loader will not take it: it lies on a file system that is mounted noexec, is no module, or is built for another processor. named refuses to start.",
		`plugin query "/usr/lib/named/filter.so" { };`},
}
