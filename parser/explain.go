package parser

import "sort"

// Explanation is what there is to say about a code beyond one message: a
// paragraph on what it means, why named cares and what to do, and an example.
type Explanation struct {
	Text    string
	Example string
}

// explanations is the one table of them, a row for each code.
var explanations = map[Code]Explanation{
	"NJ101": {"The configuration file does not exist or cannot be read, so nothing can be checked. named refuses to start without it. Give its path with -c.", "named-jail check -c /etc/none.conf"},
	"NJ102": {"A quoted string is opened and the file ends before it is closed, so everything behind it is taken for its text. Close the quote on its own line.", "options { directory \"/var/run; };"},
	"NJ103": {"A /* comment has no */ behind it and hides the rest of the file. Close it, or use // for one line.", "/* no end"},
	"NJ104": {"Each { needs its }. named refuses the file; look at the place shown, and at the block that you changed last.", "options { }; };"},
	"NJ105": {"Every statement and every element of a list ends with a semicolon, a closing brace too. named refuses the file. Put one before the place shown.", "options { recursion yes }"},
	"NJ106": {"A semicolon stands where no statement is before it. named takes this for a syntax error. Remove it.", "options { };;"},
	"NJ107": {"A value holds a NUL byte, which no file name or domain name can. The file is damaged, or is not a text file. Write it anew.", "a NUL byte in a zone name"},
	"NJ108": {"Blocks stand in blocks so deep that named gives up too. Usually a generated file lacks its closing braces.", "acl a { { { ... }; }; };"},
	"NJ109": {"An include statement names a file that does not exist. named refuses to start. A relative name hangs off the working directory, not off the file with the statement.", "include \"/etc/none.conf\";"},
	"NJ110": {"A file includes itself, directly or by way of others, which never ends. Take one of the include statements out.", "include \"named.conf\"; // in named.conf"},
	"NJ111": {"The word behind include is not a file name in quotes. Write it in quotes.", "include none;"},
	"NJ112": {"A comment directly behind a word: BIND takes its slash for a part of the word. Put a blank between them.", "options { recursion yes/* on */; };"},
	"NJ113": {"More files are included than any server has; most likely a generated list has gone wrong. Join the files.", "more than 10000 include statements"},
	"NJ114": {"A statement begins with a word of its own, not with a string, a brace or an operator. Usually a keyword is missing, or a semicolon before it.", "\"options\" { };"},
	"NJ115": {"The include file exists, but this account may not read it, so it was not checked. Run the command as root.", "include \"/etc/secret.conf\"; // mode 0600, as a plain user"},
	"NJ201": {"named of this release knows no such statement here, and refuses to start. It is misspelled, or stands in the wrong block.", "opitons { };"},
	"NJ202": {"Newer releases of BIND have removed the statement and refuse to start with it. Remove it, or replace it with what the message says.", "options { named-xfer \"/usr/libexec/named-xfer\"; };"},
	"NJ203": {"The statement belongs to a newer release of BIND than the one that will be started. Upgrade BIND, or remove it.", "tls t { }; // with BIND 9.16"},
	"NJ204": {"The value is not of the kind that the statement takes. named refuses the file. Write it as the message says.", "zone \"a\" { type hint; file a; };"},
	"NJ205": {"The statement may stand only once in its block. named refuses the file. Keep one of the two.", "options { recursion yes; recursion no; };"},
	"NJ206": {"A zone lacks a statement that its type needs: type itself, or file. named refuses to start.", "zone \"a\" { type primary; };"},
	"NJ207": {"Zones of this type do not have the statement: a forward zone has no file. Remove it.", "zone \"a\" { type forward; file \"a\"; };"},
	"NJ208": {"The same zone is defined twice in one view. named refuses to start. Keep one.", "zone \"a\" { type primary; file \"a\"; }; zone \"a\" { type primary; file \"b\"; };"},
	"NJ209": {"named still takes the statement, but warns, and a coming release will refuse it. Replace it when there is time.", "trusted-keys { };"},
	"NJ210": {"A name is used that no statement defines: an acl, a key, a list of servers, a tls block. Define it or correct the spelling.", "options { allow-query { nosuchacl; }; };"},
	"NJ211": {"The word behind type is no zone type. The types are primary, secondary, mirror, stub, static-stub, hint, forward and redirect.", "zone \"a\" { type primery; file \"a\"; };"},
	"NJ212": {"As soon as there is one view, all zones must be in views. Move the zone into one.", "view \"v\" { }; zone \"a\" { type primary; file \"a\"; };"},
	"NJ213": {"A number, a size or a time lies outside of what named takes. named refuses to start on it, and some of these limits are not in the manual. Write a value in the range that the message gives.", "options { max-query-restarts 300; };"},
	"NJ214": {"The word is used as a domain name and cannot be one: a label is empty or longer than 63 bytes, or the whole is longer than 255. Correct it.", "options { empty-server \"a..b\"; };"},
	"NJ215": {"A TSIG secret or the key of a trust anchor must be base64, a digest or a cookie secret hexadecimal. Part of it is missing, or a letter was changed. Copy it anew, or make a new one with tsig-keygen.", "key k { algorithm hmac-sha256; secret \"not base64\"; };"},
	"NJ216": {"Only certain words may stand there, and this is none of them: an algorithm, a class, a record type, a logging category, a TLS protocol. named refuses to start on it.", "logging { category querys { null; }; };"},
	"NJ217": {"Two statements exclude each other, each of them right by itself. named refuses to start. Keep the one that you mean.", "zone \"a\" { type primary; file \"a\"; allow-update { any; }; update-policy local; };"},
	"NJ218": {"An acl, key, view, channel or other name is defined a second time, or is one that BIND has built in. named would not know which is meant, and refuses to start.", "acl a { any; }; acl a { none; };"},
	"NJ219": {"named takes the statement, but it has no effect beside another one, or an effect that few want. Nothing breaks if it stays.", "options { recursion no; allow-recursion { any; }; };"},
	"NJ220": {"A prefix is an address and a length, and the bits of the address behind the length must be zero: 10.0.0.0/8, not 10.0.0.1/8. The prefix of dns64 has certain lengths only.", "options { allow-query { 10.0.0.1/8; }; };"},
	"NJ221": {"An access list names itself, directly or through others, so that it has no end. Take the name out of one of them.", "acl a { b; }; acl b { a; }; options { allow-query { a; }; };"},
	"NJ222": {"The times or keys of a dnssec-policy do not go together: signatures would run out before they are made anew, a key would end before its rollover, or an algorithm has no key that signs the zone. named refuses to start.", "dnssec-policy p { signatures-refresh P20D; };"},
	"NJ301": {"named.conf has no way to write this path: it ends in a backslash or holds control characters. Rename the file.", "a file name with a line end in it"},
	"NJ302": {"Two zones have the same file and named writes it, so that each would overwrite the other. Give each its own file.", "two zones with type secondary and file \"db\""},
	"NJ303": {"named would have to own a directory that holds what root must be able to trust, such as /etc. Name a directory below it.", "options { pid-file \"/etc/named.pid\"; };"},
	"NJ304": {"The path cannot be given a safe place of its own in the jail. Give what named writes a directory apart from the configuration.", "a log file in the directory of include files"},
	"NJ305": {"named needs the file to start, or to serve a zone, and it is not there: on the host, or in the jail where the jail is judged. Put it there or remove the statement.", "plugin query \"/usr/lib/none.so\" { };"},
	"NJ306": {"A file is missing without which named starts, but loses what the file is for.", "options { tkey-gssapi-keytab \"/etc/none.keytab\"; };"},
	"NJ307": {"Following this path as root could give away or overwrite somebody else's file: a link of an unprivileged user leads to it. Make root the owner of the link, or name the file itself.", "a zone file that is a user's link to /etc/shadow"},
	"NJ308": {"One path of the configuration wants a file where another wants a directory. Change one of them.", "file \"a\"; and file \"a/b\"; in two zones"},
	"NJ309": {"named keeps the zones of rndc addzone in a file or database of its own. It is there and cannot be read, so that these zones would be lost in the jail.", "a damaged _default.nzd"},
	"NJ310": {"On Linux named gives up root's rights before it reads its files. The account may not read this one, or may not pass through a directory on the way; named-checkconf runs as root and does not notice.", "a zone file with mode 0600 that belongs to root"},
	"NJ311": {"named writes in a directory that does not exist. For log files, directory and lock-file it refuses to start; elsewhere it loses the function, often without a word. Make the directory and give it to named's account.", "channel f { file \"/var/log/none/log\"; };"},
	"NJ312": {"The directory exists, but named's account may not write in it. named has to make files there, so write and search permission are both needed. Name a directory that is named's own.", "options { directory \"/zones/master\"; };"},
	"NJ313": {"A file that named writes exists and belongs to somebody else, or is no plain file; named refuses to start with such a log file. Give it to named's account, or move it away.", "a log file that belongs to root"},
	"NJ314": {"named lists the directory, for an include with a pattern or for keys, and needs read and search permission for that: 0111 is not enough.", "include \"/etc/conf.d/*.conf\"; // directory 0711"},
	"NJ315": {"An access list asks where an address lies, and geoip-directory holds no database that answers. named refuses to start. Install the database, or remove the element.", "acl us { geoip country US; };"},
	"NJ401": {"The file of a zone does not exist or cannot be opened. named starts and answers SERVFAIL for the zone; for root hints it refuses to start.", "zone \"a\" { type primary; file \"none\"; };"},
	"NJ402": {"A line of a zone file cannot be read. named does not load the zone.", "www A 192.0.2.1000"},
	"NJ403": {"A zone begins with an SOA record at its own name. Without one it is not loaded.", "a zone file with only an NS record"},
	"NJ404": {"A zone has one SOA record. Keep one.", "two SOA records"},
	"NJ405": {"A zone names its servers with NS records at its own name. Without one it is not loaded.", "a zone file with only an SOA record"},
	"NJ406": {"An owner name does not end in the zone's name; named ignores the record. Often the dot at the end is wrong.", "www.other.example. A 192.0.2.1"},
	"NJ407": {"A name with a CNAME has no other data, for the CNAME stands for all of it. Keep one of them.", "www CNAME a and www A 192.0.2.1"},
	"NJ408": {"An $INCLUDE line names a file that cannot be opened. A relative name hangs off the working directory, not off the zone file.", "$INCLUDE none.db"},
	"NJ409": {"The file is binary where text is expected, or the other way round. masterfile-format must agree with the file.", "a raw copy read as text"},
	"NJ410": {"A zone file includes itself. Take the line out.", "$INCLUDE db.a in db.a"},
	"NJ411": {"All records of a zone have the zone's class, IN nearly always.", "www CH A 192.0.2.1"},
	"NJ412": {"A journal holds the changes since a certain serial. It starts at another one than the zone file, and named does not load the zone.", "a zone file restored without its journal"},
	"NJ413": {"A limit that keeps memory and time bounded was passed, so the file was not read to its end. See whether it is the right file.", "a line of many megabytes"},
	"NJ414": {"A name has at most one DNAME record.", "two DNAME records at a"},
	"NJ415": {"A name server that lies in the zone needs its address there, or nobody finds it. Add an A or AAAA record.", "@ NS ns without an address of ns"},
	"NJ416": {"The first records have no TTL and no $TTL line stands before them, so named takes that of the SOA record. Write $TTL at the top.", "a zone file without $TTL"},
	"NJ417": {"An SOA record stands below the top of the zone. It belongs to another zone's file.", "sub SOA ns h 1 1 1 1 1"},
	"NJ418": {"The zone file exists, but this account may not read it, so it was not checked. Run the command as root.", "a zone file with mode 0600, as a plain user"},
	"NJ419": {"The journal of a zone (the file with .jnl behind its name) is cut off, damaged or no journal at all. named does not load the zone with it. Restore it from a backup, or move it away: then the changes that only it holds are lost.", "a journal of which the disk kept only half"},
	"NJ501": {"The place of the jail cannot hold one: it is the root directory, a link or a file. Give another with -t.", "named-jail apply -t /"},
	"NJ502": {"The account does not exist, or is root, which a jail does not hold.", "named-jail apply -u root"},
	"NJ503": {"The account can log in or has a password; named's account needs neither.", "a user named with the shell /bin/sh"},
	"NJ504": {"Owners, device nodes and chroot(2) need root.", "named-jail apply, as a plain user"},
	"NJ505": {"Two files of the host want the same place in the jail. Rename one.", "two keys with the same relative path"},
	"NJ506": {"A file of the jail was changed by hand since the last run. named-jail does not throw such work away.", "a zone file edited both on the host and in the jail"},
	"NJ507": {"Something was exchanged between the plan and its execution. Stop what works there and run the command again.", "an editor that saves during apply"},
	"NJ508": {"Another named-jail works on this jail. Wait for it.", "two apply at the same time"},
	"NJ509": {"The system refused a change. Everything was put back; remove the cause that the message names.", "a disk that reports errors"},
	"NJ510": {"named has these files open, and they would move from under it. Stop it first.", "apply while the unjailed named runs"},
	"NJ511": {"Where the jail needs a file or a directory stands something else. Move it away.", "a FIFO in place of a zone file"},
	"NJ512": {"A module needs a library that is nowhere to be found, so named could not load it in the jail.", "a plugin whose libraries are not installed"},
	"NJ513": {"The system around it limits the jail: another confinement, a mount without devices or execution. The message says what to do.", "a jail on a file system mounted nodev"},
	"NJ514": {"The file system cannot take the change. Make room, or mount it for writing.", "a jail on a read-only mount"},
	"NJ515": {"Who can write the state directory could change what root will do next. It must be root's alone.", "/var/lib/named-jail with mode 0777"},
	"NJ516": {"No apply has been recorded for this jail, so there is no state to return to.", "named-jail rollback -t /empty"},
	"NJ517": {"A program or module for the jail is missing, or is not one of this system.", "options { named-xfer \"/none\"; }; // BIND 8"},
	"NJ601": {"No named was found. Install BIND, or name the program with --named.", "a system without BIND"},
	"NJ602": {"The program exists, but the system does not start it.", "named-jail run --named=/etc/passwd"},
	"NJ603": {"This release of named does not know the flag. The message says which does the same.", "named-jail run -q"},
	"NJ604": {"BIND 9 takes the primary group of the account and no other.", "named-jail -t /var/named -u named -g wheel"},
	"NJ605": {"What the program answered to -v or -V is not named's answer. Name the right program with --named.", "named-jail run --named=/bin/true"},
	"NJ606": {"The new configuration cannot be used; named runs on the one of the last apply. Correct what is shown and apply again.", "named-jail run --fallback"},
	"NJ607": {"The named-checkconf of this system refuses the configuration; so will named.", "options { max-cache-size x; };"},
	"NJ608": {"The words of the command line make no sense to named.", "named-jail run -t"},
}

// Explain gives the row of a code; false for one that there is none of.
func Explain(c Code) (Explanation, bool) {
	e, ok := explanations[c]
	return e, ok
}

// Codes lists all codes in order.
func Codes() []Code {
	list := make([]Code, 0, len(codes))
	for c := range codes {
		list = append(list, c)
	}
	sort.Slice(list, func(i, j int) bool { return list[i] < list[j] })
	return list
}
