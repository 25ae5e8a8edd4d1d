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
	"NJ420": {"A name that has an address, or a mail exchanger, is one of a host and holds letters, digits and hyphens only; so do the names of mail and name servers, and mailboxes have rules of their own. check-names says what named does about another one: for a primary zone it does not load it.",
		`in /etc/db.example:
web_1	A	192.0.2.1`},
	"NJ421": {"An MX or SRV record names a host of this zone, and the zone has no address for it: no mail arrives, or nobody reaches the service. Often a dot is missing at the end of a name in another zone. With check-mx fail; named does not load the zone.",
		`in /etc/db.example:
	MX	10 mail`},
	"NJ422": {"MX, SRV and NS records have to name a host itself. Some mail servers and resolvers do not follow a CNAME there, so that mail or the delegation is lost for a part of the world. check-mx-cname and check-srv-cname say what named does about it.",
		`in /etc/db.example:
	MX	10 mail
mail	CNAME	mx.other.`},
	"NJ423": {"A resolver that follows a delegation asks the name server that it names. When the name of that server lies in the delegated zone, its address has to stand here too, as glue, for there is no other way to learn it.",
		`in /etc/db.example:
sub	NS	ns.sub`},
	"NJ424": {"Records of the same name and type are one set and travel together, with one TTL. named takes that of the first for all of them.",
		`in /etc/db.example:
www	300	A	192.0.2.1
www	600	A	192.0.2.2`},
	"NJ425": {"The same record stands in the zone twice. named keeps one, and does not load the zone with check-dup-records fail;. Often a line was copied and not changed.",
		`in /etc/db.example:
www	A	192.0.2.1
www	A	192.0.2.1`},
	"NJ426": {"max-zone-ttl, or that of the zone's dnssec-policy where it has one, bounds the TTLs of the zone; a policy that does not state it has a day. named does not load a zone with a larger TTL.",
		`zone "example" {
	type primary;
	file "/etc/db.example";
	max-zone-ttl 1h;
};
in /etc/db.example:
www	1d	A	192.0.2.1`},
	"NJ427": {"Mail servers ignore an SPF or DMARC record that they cannot read, or refuse mail because of it, and tell nobody. A domain has one SPF record, of type TXT.",
		`in /etc/db.example:
	TXT	"v=spf1 mx -al"`},
	"NJ428": {"A wildcard stands for names that do not exist, and cannot delegate them or take part in the proof that they do not exist. named does not load a zone that has an NS or NSEC3 record there; what a DNAME does there nobody knows.",
		`in /etc/db.example:
*	NS	ns.other.`},
	"NJ429": {"An asterisk makes a wildcard only as the whole first label of a name. Elsewhere it is an asterisk, and no name but the very one that is written matches.",
		`in /etc/db.example:
a.*.b	TXT	"text"`},
	"NJ430": {"Below a delegation the other zone's servers answer, and below a DNAME the name is replaced, so that nobody ever gets a record that stands there. Addresses of name servers, the glue, are the exception.",
		`in /etc/db.example:
sub	NS	ns.other.
www.sub	TXT	"text"`},
	"NJ431": {"Secondaries transfer a zone when the serial of its SOA record has grown. The file has changed since it was checked last and its serial has not, or it went back, so that they keep what they have. Serials are compared as RFC 1982 says.",
		`$ echo 'www A 192.0.2.1' >> /etc/db.example
$ named-jail check`},
	"NJ432": {"Validating resolvers refuse what a signature covers once it has expired: for them the name does not exist any more. Whoever signs the zone has stopped to do so, or its clock is wrong.",
		`in /etc/db.example:
	RRSIG	SOA 13 1 300 20210101000000 20200101000000 31717 example. dOGkBlAqTvev0tOdOfFLweFSR0XaMa4ctOc9BoNda64KdGndwgdlqYJa j6qmt2JmXJgbtPm7blWZNiM1QjXssA==`},
	"NJ433": {"A signature ends soon, and the file holds no newer one. Signatures are renewed some days before they end, so most likely the signing has stopped. --expire-within says how long before it is told.",
		`in /etc/db.example:
	RRSIG	SOA 13 1 300 20600101000000 20200101000000 31717 example. 1t+KP+dFRK4iJzklDWKosrGqebmYWUN721pA/WbSXG2HaZspVb5i3tOe EgZACzPxhHFbz0a63ysIQpGqTtD3dg==
$ named-jail check --expire-within 2000w`},
	"NJ434": {"The time from which a signature holds lies in the future, and validating resolvers refuse it until then. The clock of the signing host runs ahead, or this one is behind.",
		`in /etc/db.example:
	RRSIG	SOA 13 1 300 20600101000000 20500101000000 31717 example. ldBOteDNwfhbXPd3FGhykaSB9enqeaSOzOwzhufkFwt7K7nHU1ZKsd/p wbVdGkEFyzdOhlV/4NerWYTVAvJxFA==`},
	"NJ435": {"A record of a signed zone has no signature by a key of the zone, or one that does not fit the record. Validating resolvers refuse it. Usually the file was edited after it had been signed.",
		`in /etc/db.example:
www	A	192.0.2.2
$ named-jail check --dnssec`},
	"NJ436": {"A signed zone has DNSKEY records at its top, signed with a key-signing key among them, and every algorithm that they name signs all of the zone. Here that is not so, or --dnssec asks for the proof of a zone that has no key at all.",
		`in /etc/db.example:
@	SOA	ns.other. hostmaster.other. 1 3600 600 86400 300
	NS	ns.other.
$ named-jail check --dnssec`},
	"NJ437": {"NSEC records lead from each name of the zone to the next one and list its types. Where the chain has a gap or tells something else than the zone, resolvers take names that exist for missing, or cannot prove that one is missing.",
		`in /etc/db.example:
www	A	192.0.2.1
$ named-jail check --dnssec`},
	"NJ438": {"NSEC3 records lead from the hash of each name to the next one, with the parameters of the NSEC3PARAM record. Where the chain has a gap or tells something else than the zone, resolvers cannot prove that a name is missing.",
		`in /etc/db.example:
I9R570V09Q0HKPRKLGRHLOCC3USEK914	NSEC3	1 0 0 - 3MSEV9USMD4BR9S97V51R2TDVMR9IQO1 A RRSIG
$ named-jail check --dnssec`},
	"NJ439": {"A DS record of a delegation, or a CDS or CDNSKEY record for the parent, fits no key, names a digest that cannot be, or stands where nothing is delegated. Where it is used the zone fails to validate.",
		`in /etc/db.example:
sub	DS	60485 13 2 B32EEF22B22E8E2A5F2ADA52D9C8F5B7D5CE1AFC8F7A1C0F77A1D6A6C1B5A2D1`},
	"NJ440": {"named signs the zone with the keys in key-directory. They are not those that the zone shows in its DNSKEY records, are no longer active, or there is none, so that signatures end and no new ones are made.",
		`zone "example" {
	type primary;
	file "/etc/db.example";
	inline-signing yes;
	key-directory "/etc/keys";
};`},
	"NJ441": {"The digest in the ZONEMD record covers the whole zone. It does not fit what is in the file, so that a receiver who looks at it throws the zone away.",
		`in /etc/db.example:
	ZONEMD	1 1 1 00000000000000000000000000000000000000000000000000000000 0000000000000000000000000000000000000000
$ named-jail check --dnssec`},
	"NJ442": {"The name can be used as it stands, and hardly is what was meant: an address in place of a name, or the name of the zone twice because a dot is missing at its end.",
		`in /etc/db.example:
	MX	10 192.0.2.1.`},
	"NJ443": {"Secondaries look for a change every refresh seconds, try again after retry seconds when that fails, and drop the zone after expire seconds. So retry is less than refresh, and expire much more than the two together, or the zone disappears with the first trouble of the primary.",
		`in /etc/db.example:
@	SOA	ns.other. hostmaster.other. 1 600 3600 86400 300`},
	"NJ444": {"The algorithm of a key or the digest of a DS record no longer protects what it signs, or validating resolvers have stopped to look at it and take the zone for unsigned.",
		`in /etc/db.example:
sub	NS	ns.other.
sub	DS	60485 8 1 2BB183AF5F22588179A53B0A98631FD1AD1A2922`},
	"NJ445": {"named knows NSEC3 with hash algorithm 1 only, and does not load a zone whose NSEC3PARAM records name other ones. A key of an algorithm from before NSEC3 (DSA, RSASHA1) says that the zone uses NSEC: named loads the zone, and resolvers may refuse every answer that says no.",
		`in /etc/db.example:
	NSEC3PARAM	2 0 0 -`},
	"NJ446": {"The type of the record has a meaning only at certain names, or beside certain other records, and here nobody looks for it: an SRV record at a name without _SERVICE._PROTOCOL, a DNSKEY record below the top of the zone.",
		`in /etc/db.example:
sip	SRV	0 0 5060 sip.other.`},
	"NJ447": {"The journal was made for another state of the zone file: it takes a record out that the zone does not have, and named does not load the zone; or it adds one that is there already, which does nothing.",
		`zone "example" {
	type primary;
	file "/etc/db.example";
	allow-update { localhost; };
};
in /etc/db.example:
www	A	192.0.2.1`},
	"NJ448": {"Long sets of records and names with many types make a name server slow, so named has bounds for both, of 100 where nothing is stated; 0 is no bound. It does not load a zone that passes one. Releases before 9.18.28 have no such bounds.",
		`zone "example" {
	type primary;
	file "/etc/db.example";
	max-records-per-type 2;
};
in /etc/db.example:
www	A	192.0.2.1
www	A	192.0.2.2
www	A	192.0.2.3`},
	"NJ449": {"As root, named-jail has the bytes of zone files, journals and keys judged by a process that has no right to anything else, and a configuration file that others than root can write taken apart by another. Such a process ended before its work was done, or sent what makes no sense. The usual reason is that memory ran out; one that was sent a signal is another. A zone that was not judged is treated as faulty: it does not replace what the jail holds. Behind a file that was not taken apart the configuration is not read.",
		`in /etc/db.example:
$GENERATE 0-9999999 h$ A 192.0.2.1
$ named-jail check`},
	"NJ450": {"A zone was named on the command line, and named.conf with what it includes has none of that name, class and view. It is named as in the zone statement, or as named writes it in its log: example/IN/internal, with class and view. A name inside a zone, such as www.example, is no zone.",
		`zone "example" {
	type primary;
	file "/etc/db.example";
};
$ named-jail check exmaple`},
}
