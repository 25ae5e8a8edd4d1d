package zones

import "github.com/miekg/dns"

// part is one part of a record's data: how it is read from text, and how it is
// checked in wire form. what is its name in messages, size the bytes that a
// number takes, least the fewest bytes of the rest of a record, words the
// mnemonics for numbers.
type part struct {
	what  string
	read  func(q *quickData, p *part) string
	check func(w *wireData, p *part) bool
	size  int
	least int
	words mnemonics
}

// layout is the data of a type: its parts in order. small says that the names
// in it are small letters in canonical form, which is the form that is kept.
type layout struct {
	parts []part
	small bool
}

// The kinds of parts.
func u8(what string) part  { return part{what: what, read: readNumber, check: checkBytes, size: 1} }
func u16(what string) part { return part{what: what, read: readNumber, check: checkBytes, size: 2} }
func u32(what string) part { return part{what: what, read: readNumber, check: checkBytes, size: 4} }

// code is a number that may be written as a word.
func code(what string, size int, words mnemonics) part {
	return part{what: what, read: readMnemonic, check: checkBytes, size: size, words: words}
}

var (
	target     = part{what: "name", read: readName, check: checkName}
	str        = part{what: "string", read: readString, check: checkString}
	strs       = part{what: "string", read: readStrings, check: checkStrings}
	algorithm  = code("algorithm", 1, algorithms)
	digestType = code("digest type", 1, digests)
	hashType   = code("hash algorithm", 1, hashes)
	keyFlags   = part{what: "flags field", read: readKeyFlags, check: checkBytes, size: 2}
	protocol   = code("protocol", 1, protocols)
	covered    = part{what: "type", read: readType, check: checkBytes, size: 2}
	locator    = part{what: "locator", read: readLocator, check: checkBytes, size: 8}
	types      = part{what: "type", read: readTypes, check: checkTypes, least: 1}
	maybeTypes = part{what: "type", read: readTypes, check: checkTypes}
	date       = part{what: "time", read: readDate, check: checkBytes, size: 4}
	when       = part{what: "time", read: readTime, check: checkBytes, size: 4}
	salt       = part{what: "salt", read: readSalt, check: checkString}
	gateway    = part{what: "gateway", read: readGateway, check: checkGateway}
	address4   = part{what: "address", read: readIPv4, check: checkBytes, size: 4}
)

// base64 and hex run to the end of the record and hold at least that many bytes.
func base64(least int) part {
	return part{what: "data", read: readBase64, check: checkRest, least: least}
}
func hex(least int) part { return part{what: "data", read: readHex, check: checkRest, least: least} }

// digest is hex data whose length follows from the type before it.
func digest(least int, sizes ...int) part {
	return part{what: "digest", read: readDigest(sizes), check: checkDigest(sizes), least: least}
}

// special is data that has a reader and a check of its own.
func special(what string, read func(q *quickData, p *part) string, check func(w *wireData, p *part) bool) part {
	return part{what: what, read: read, check: check}
}

var (
	ds        = layout{parts: []part{u16("key tag"), algorithm, digestType, digest(1, 0, 20, 32, 0, 48)}}
	key       = layout{parts: []part{keyFlags, protocol, algorithm, special("key", readKey, checkKey)}}
	tlsa      = layout{parts: []part{u8("usage"), u8("selector"), u8("matching type"), hex(1)}}
	strings1  = layout{parts: []part{strs}}
	svcb      = layout{parts: []part{u16("priority"), special("name", readAnyName, checkName), special("parameter", readParameters, checkParameters)}}
	plainKey  = layout{parts: []part{base64(1)}}
	plainHex  = layout{parts: []part{hex(1)}}
	nodeID    = layout{parts: []part{u16("preference"), locator}}
	anything  = layout{parts: []part{{what: "data", read: readNothing, check: checkRest}}}
	oneName   = layout{parts: []part{target}, small: true}
	twoNames  = layout{parts: []part{target, target}, small: true}
	preferred = layout{parts: []part{u16("preference"), target}, small: true}
	signature = func(t part) layout {
		return layout{small: true, parts: []part{covered, algorithm, u8("number of labels"), u32("original TTL"),
			t, t, u16("key tag"), target, base64(1)}}
	}
)

// layouts is the table of the data of every type that BIND knows. The small
// ones are those of RFC 4034 section 6.2, as RFC 6840 section 5.1 amends it.
//
// Source: BIND, lib/dns/rdata/*, and the RFC of each type.
var layouts = map[uint16]layout{
	dns.TypeNS: oneName, dns.TypeMD: oneName, dns.TypeMF: oneName, dns.TypeCNAME: oneName,
	dns.TypeMB: oneName, dns.TypeMG: oneName, dns.TypeMR: oneName, dns.TypePTR: oneName, dns.TypeDNAME: oneName,
	dns.TypeSOA:   {small: true, parts: []part{target, target, u32("serial"), u32("refresh"), u32("retry"), u32("expire"), u32("minimum")}},
	dns.TypeMINFO: twoNames, dns.TypeRP: twoNames,
	dns.TypeMX: preferred, dns.TypeAFSDB: preferred, dns.TypeRT: preferred, dns.TypeKX: preferred,
	dns.TypeAAAA:  {parts: []part{{what: "address", check: checkBytes, size: 16}}},
	dns.TypeHINFO: {parts: []part{str, str}},
	dns.TypeGPOS:  {parts: []part{str, str, str}},
	dns.TypeISDN:  {parts: []part{str, special("sub-address", readMaybeString, checkMaybeString)}},
	dns.TypeX25:   {parts: []part{special("address", readX25, checkX25)}},
	dns.TypeTXT:   strings1, dns.TypeSPF: strings1, dns.TypeAVC: strings1, dns.TypeNINFO: strings1,
	dns.TypeRESINFO: strings1, typeWALLET: strings1,
	dns.TypeLOC: {parts: []part{special("location", readLocation, checkLocation)}},
	dns.TypePX:  {small: true, parts: []part{u16("preference"), target, target}},
	dns.TypeNXT: {small: true, parts: []part{target, special("type", readOldTypes, checkOldTypes)}},
	dns.TypeSRV: {small: true, parts: []part{u16("priority"), u16("weight"), u16("port"), target}},
	dns.TypeNAPTR: {small: true, parts: []part{u16("order"), u16("preference"), str, str,
		special("regular expression", readRegex, checkRegex), target}},
	dns.TypeDS: ds, dns.TypeCDS: ds, dns.TypeTA: ds, dns.TypeDLV: ds,
	dns.TypeKEY: key, dns.TypeDNSKEY: key, dns.TypeCDNSKEY: key, dns.TypeRKEY: key,
	dns.TypeSSHFP:  {parts: []part{u8("algorithm"), u8("fingerprint type"), digest(0, 0, 20, 32)}},
	dns.TypeZONEMD: {parts: []part{u32("serial"), u8("scheme"), u8("digest type"), digest(12, 0, 48, 64)}},
	dns.TypeCERT:   {parts: []part{code("certificate type", 2, certificates), u16("key tag"), algorithm, base64(1)}},
	dns.TypeRRSIG:  signature(when), dns.TypeSIG: signature(date),
	dns.TypeNSEC:       {parts: []part{target, types}},
	dns.TypeNSEC3:      {parts: []part{hashType, u8("flags"), u16("iterations"), salt, special("next hash", readNextHash, checkNextHash), maybeTypes}},
	dns.TypeNSEC3PARAM: {parts: []part{hashType, u8("flags"), u16("iterations"), salt}},
	dns.TypeTLSA:       tlsa, dns.TypeSMIMEA: tlsa,
	dns.TypeHIP: {parts: []part{special("host identity", readHostIdentity, checkHostIdentity)}},
	dns.TypeIPSECKEY: {parts: []part{u8("precedence"), special("gateway type", readGatewayType, checkBytes1), u8("algorithm"),
		gateway, base64(1)}},
	dns.TypeAMTRELAY: {parts: []part{u8("precedence"), special("relay type", readRelayType, checkBytes1), special("relay", readGateway, checkRelay)}},
	dns.TypeTALINK:   {parts: []part{target, target}},
	dns.TypeCSYNC:    {parts: []part{u32("serial"), u16("flags"), maybeTypes}},
	dns.TypeNID:      nodeID, dns.TypeL64: nodeID,
	dns.TypeL32:   {parts: []part{u16("preference"), address4}},
	dns.TypeLP:    {parts: []part{u16("preference"), target}},
	dns.TypeEUI48: {parts: []part{{what: "address", read: readEUI, check: checkBytes, size: 6}}},
	dns.TypeEUI64: {parts: []part{{what: "address", read: readEUI, check: checkBytes, size: 8}}},
	dns.TypeURI:   {parts: []part{u16("priority"), u16("weight"), special("target", readQuoted, checkRest)}},
	dns.TypeCAA:   {parts: []part{u8("flags"), special("tag", readTag, checkTag), special("value", readLongString, checkRest)}},
	dns.TypeDHCID: plainKey, dns.TypeOPENPGPKEY: plainKey, typeHHIT: plainKey, typeBRID: plainKey,
	dns.TypeEID: plainHex, dns.TypeNIMLOC: plainHex,
	dns.TypeSVCB: svcb, dns.TypeHTTPS: svcb,
	dns.TypeAPL:    {parts: []part{special("prefix", readPrefixes, checkPrefixes)}},
	typeA6:         {small: true, parts: []part{special("address", readA6, checkA6)}},
	typeWKS:        {parts: []part{address4, special("service", readServices, checkServices)}},
	typeNSAP:       {parts: []part{special("address", readNSAP, checkNSAP)}},
	typeNSAPPTR:    {parts: []part{target}},
	typeATMA:       {parts: []part{special("address", readATMA, checkATMA)}},
	typeSINK:       {parts: []part{u8("meaning"), u8("coding"), u8("sub-coding"), base64(0)}},
	typeDOA:        {parts: []part{u32("enterprise"), u32("type"), u8("location"), str, special("data", readMaybeBase64, checkRest)}},
	typeDSYNC:      {parts: []part{covered, code("scheme", 1, schemes), u16("port"), target}},
	typeKEYDATA:    {parts: []part{special("key", readKeyData, checkRest)}},
	dns.TypeNULL:   anything,
	dns.TypeUINFO:  anything,
	dns.TypeUID:    anything,
	dns.TypeGID:    anything,
	dns.TypeUNSPEC: anything,
}

// Types that miekg/dns has no name for.
const (
	typeWKS     = 11
	typeNSAP    = 22
	typeNSAPPTR = 23
	typeATMA    = 34
	typeA6      = 38
	typeSINK    = 40
	typeDSYNC   = 66
	typeHHIT    = 67
	typeBRID    = 68
	typeDOA     = 259
	typeWALLET  = 262
	typeKEYDATA = 65533
)

// lowLayouts is the table again for the types below 512, which are nearly all
// records there are.
var lowLayouts [512]*layout

func init() {
	for t, l := range layouts {
		if int(t) < len(lowLayouts) {
			lowLayouts[t] = &l
		}
	}
}

// layoutOf is the layout of a type, nil for one that BIND does not know. In
// a class other than IN, types that belong to IN have none.
func layoutOf(rtype, class uint16) *layout {
	if class != dns.ClassINET && typeFlagsOf[rtype]&inOnly != 0 {
		return nil
	}
	if int(rtype) < len(lowLayouts) {
		return lowLayouts[rtype]
	}
	if l, ok := layouts[rtype]; ok {
		return &l
	}
	return nil
}
