package parser

// zoneExplanations is the table for zone files: NJ4xx.
var zoneExplanations = map[Code]Explanation{
	"NJ401": {"The file of a zone does not exist or cannot be opened. named starts and answers SERVFAIL for the zone; without its root hints it refuses to start.",
		`zone "example" {
	type primary;
	file "/etc/db.example";
};`},
	"NJ402": {"Something in a zone file cannot be read: a line is not of the form NAME TTL CLASS TYPE DATA, or the data is not what the type wants. named does not load the zone and answers SERVFAIL.",
		`in /etc/db.example:
www	A	192.0.2.1000`},
	"NJ403": {"A zone begins with an SOA record at its own name. Often the file belongs to another zone, or an $ORIGIN line moves the record elsewhere.",
		`in /etc/db.example:
$TTL 300
@	NS	ns.other.`},
	"NJ404": {"A zone has one SOA record, and the file has two that differ.",
		`in /etc/db.example:
$TTL 300
@	SOA	ns.other. hostmaster.other. 1 3600 600 86400 300
@	SOA	ns.other. hostmaster.other. 2 3600 600 86400 300`},
	"NJ405": {"A zone names its servers with NS records at its own name, and here is none.",
		`in /etc/db.example:
$TTL 300
@	SOA	ns.other. hostmaster.other. 1 3600 600 86400 300
www	A	192.0.2.1`},
	"NJ406": {"An owner name does not end in the zone's name, so named ignores the record. Often the dot at the end is wrong: a name without one gets the origin.",
		`in /etc/db.example:
www.	A	192.0.2.1`},
	"NJ407": {"A name with a CNAME record has no other data, for the CNAME stands for all of it.",
		`in /etc/db.example:
www	CNAME	server.other.
www	A	192.0.2.1`},
	"NJ408": {"An $INCLUDE line names a file that cannot be opened. A relative name hangs off the working directory, not off the zone file.",
		`in /etc/db.example:
$INCLUDE /etc/db.hosts`},
	"NJ409": {"The file is binary where named will read text, or the other way round: masterfile-format of the zone must agree with the file. The copies of secondary zones are binary unless the zone says otherwise.",
		`zone "example" {
	type primary;
	file "/etc/db.example";
	masterfile-format raw;
};
in /etc/db.example:
$TTL 300
@	SOA	ns.other. hostmaster.other. 1 3600 600 86400 300`},
	"NJ410": {"A zone file includes itself, directly or by way of others, which never ends.",
		`in /etc/db.example:
$INCLUDE /etc/db.example`},
	"NJ411": {"All records of a zone have the class of the zone, which is IN nearly always.",
		`in /etc/db.example:
www	CH	TXT	"web"`},
	"NJ412": {"A journal (the file with .jnl behind its name) holds the changes since a certain serial of the zone, and the zone file has another one. named does not load the zone. That happens when the zone file of a dynamic zone is edited or restored, and its journal is not.",
		`zone "example" {
	type primary;
	file "/etc/db.example";
	allow-update { localhost; };
};
$ cp /backup/db.example /etc/db.example`},
	"NJ413": {"A limit that keeps memory and time bounded was passed, so the file was not read to its end: a record longer than any can be, too many files within files, too many records of a $GENERATE line, too many errors.",
		`$ head -c 2000000 /dev/zero | tr '\000' x >> /etc/db.example`},
	"NJ414": {"A name has at most one DNAME record.",
		`in /etc/db.example:
old	DNAME	new.other.
old	DNAME	newer.other.`},
	"NJ415": {"A name server whose name lies in the zone needs its address there, or nobody finds it. named does not load the zone.",
		`in /etc/db.example:
$TTL 300
@	SOA	ns.other. hostmaster.other. 1 3600 600 86400 300
	NS	ns`},
	"NJ416": {"A record has no TTL and no $TTL line stands before it, so named takes that of another record; or a TTL is larger than any can be, and named takes 0.",
		`in /etc/db.example:
@	SOA	ns.other. hostmaster.other. 1 3600 600 86400 300
	NS	ns.other.`},
	"NJ417": {"An SOA record stands below the top of the zone. It belongs to the file of another zone, or an $ORIGIN line gave it a longer name.",
		`in /etc/db.example:
sub	SOA	ns.other. hostmaster.other. 1 3600 600 86400 300`},
	"NJ418": {"The zone file or its journal exists, but this account may not read it, so the zone was not checked. That is a warning for a plain user; for root it is an error.",
		`zone "example" {
	type primary;
	file "/etc/db.example";
};
$ chmod 0600 /etc/db.example
$ named-jail check`},
	"NJ419": {"The journal of a zone (the file with .jnl behind its name) is cut off, damaged or no journal at all. named does not load the zone with it. Moved away, the changes that only it holds are lost.",
		`zone "example" {
	type primary;
	file "/etc/db.example";
	allow-update { localhost; };
};
$ truncate -s 40 /etc/db.example.jnl`},
}
